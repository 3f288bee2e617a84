#include "caco/store/step_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <vector>

#include "caco/base/file.h"

namespace caco {
namespace {

Error cannot(const std::string& what, const std::filesystem::path& path,
             const std::string& problem) {
  return Error{ErrorCode::Internal, "cannot " + what + ": " + path.string() + ": " + problem,
               "check the owner and the permissions of this path"};
}

Status sync_entry(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return cannot("open", path, std::generic_category().message(errno));
  const int result = ::fsync(descriptor);
  const int number = errno;
  ::close(descriptor);
  if (result != 0) return cannot("sync", path, std::generic_category().message(number));
  return {};
}

Status remove_tree(const std::filesystem::path& path) {
  std::error_code problem;
  std::filesystem::remove_all(path, problem);
  if (problem) return cannot("remove", path, problem.message());
  return {};
}

// Entries of a folder; none when it is absent.
Result<std::vector<std::filesystem::path>> entries_of(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> entries;
  std::error_code problem;
  std::filesystem::directory_iterator entry(folder, problem);
  if (problem == std::errc::no_such_file_or_directory) return entries;
  for (; !problem && entry != std::filesystem::directory_iterator(); entry.increment(problem))
    entries.push_back(entry->path());
  if (problem) return cannot("list folder", folder, problem.message());
  return entries;
}

bool is_temporary(const std::filesystem::path& path) {
  const std::optional<StepFileName> name = parse_step_file_name(path.filename().string());
  return name && name->kind == StepFileKind::Temporary;
}

Status remove_temporaries(const std::filesystem::path& folder) {
  for (const std::filesystem::path& entry : TRY(entries_of(folder))) {
    if (is_temporary(entry)) TRY(remove_tree(entry));
  }
  return {};
}

}  // namespace

Status publish_step_folder(const std::filesystem::path& temporary,
                           const std::filesystem::path& step_folder) {
  std::error_code problem;
  std::filesystem::recursive_directory_iterator entry(temporary, problem);
  for (; !problem && entry != std::filesystem::recursive_directory_iterator();
       entry.increment(problem)) {
    if (entry->is_regular_file() || entry->is_directory()) TRY(sync_entry(entry->path()));
  }
  if (problem) return cannot("list folder", temporary, problem.message());
  TRY(remove_tree(step_folder));
  return publish_path(temporary, step_folder);
}

Status remove_leftovers(const RunDirectory& run) {
  TRY(remove_temporaries(run.root()));
  TRY(remove_temporaries(run.journal_folder()));
  for (const std::filesystem::path& entry : TRY(entries_of(run.root()))) {
    if (parse_step_folder_name(entry.filename().string())) TRY(remove_temporaries(entry));
  }
  return {};
}

Status remove_shards_from(const std::filesystem::path& step_folder, int64_t num_shards) {
  std::vector<std::filesystem::path> others;
  for (const std::filesystem::path& entry : TRY(entries_of(step_folder))) {
    const std::optional<StepFileName> name = parse_step_file_name(entry.filename().string());
    if (!name || name->shard < num_shards) continue;
    if (name->kind == StepFileKind::Receipt) {
      TRY(remove_tree(entry));
    } else if (name->kind == StepFileKind::Shard || name->kind == StepFileKind::Rejects) {
      others.push_back(entry);
    }
  }
  for (const std::filesystem::path& entry : others)
    TRY(remove_tree(entry));
  return {};
}

Status remove_step_cache(const RunDirectory& run, const std::string& step_folder_name,
                         const std::string& keep) {
  for (const std::filesystem::path& entry : TRY(entries_of(run.cache_folder()))) {
    const std::string name = entry.filename().string();
    // Names are STEP-HASH; a hash has no dash, so a step whose name begins alike is not touched.
    const size_t dash = name.rfind('-');
    if (name.substr(0, dash) == step_folder_name && name != keep) TRY(remove_tree(entry));
  }
  return {};
}

}  // namespace caco
