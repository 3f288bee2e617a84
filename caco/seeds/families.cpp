#include "caco/seeds/families.h"

#include <algorithm>
#include <array>
#include <system_error>

#include "caco/base/file.h"
#include "caco/base/hash.h"

namespace caco {
namespace {

namespace fs = std::filesystem;

// Records of one run of the program: large enough that starting it does not count.
constexpr int64_t kRecordsPerRun = 250;
// The world's own files, in the order in which they are joined before the families.
constexpr std::array<const char*, 3> kWorldFiles = {"world.py", "compose.py", "raw_seeds.py"};
constexpr int64_t kMaxFamilyFileBytes = 1 << 20;
// The families draw numbers from a 63-bit seed, so that JSON carries it exactly.
constexpr uint64_t kSeedMask = 0x7fff'ffff'ffff'ffffULL;

// Returns the family files, one folder an area, in the order of their paths.
std::vector<fs::path> family_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code problem;
  for (const fs::directory_entry& area : fs::directory_iterator(folder, problem)) {
    if (!area.is_directory(problem)) continue;
    for (const fs::directory_entry& file : fs::directory_iterator(area.path(), problem)) {
      if (file.path().extension() == ".py") files.push_back(file.path());
    }
  }
  std::sort(files.begin(), files.end(), [](const fs::path& one, const fs::path& other) {
    return one.generic_string() < other.generic_string();
  });
  return files;
}

Error wrong_record(const std::string& what) {
  return {ErrorCode::Internal, "seed families made a record that cannot be read: " + what, ""};
}

Result<std::vector<Json>> records_of(const Execution& execution, const std::string& function,
                                     int64_t count) {
  if (execution.verdict != ExecutionVerdict::Ok) {
    return Error{ErrorCode::Internal,
                 "seed families did not run: " + function + ": " +
                     std::string(to_string(execution.verdict)) + " " + execution.error_type + ": " +
                     execution.error_message + " (line " + std::to_string(execution.error_line) +
                     ")",
                 "check the family files with python3 families/check.py"};
  }
  if (!execution.output_value.is_string()) return wrong_record("not a text");
  const Json list = TRY(parse_json(execution.output_value.get<std::string>()));
  if (!list.is_array() || std::ssize(list) != count) {
    return wrong_record("not a list of " + std::to_string(count));
  }
  std::vector<Json> records;
  for (const Json& record : list) {
    if (!record.is_object()) return wrong_record("not an object");
    records.push_back(record);
  }
  return records;
}

}  // namespace

Result<SeedFamilies> SeedFamilies::load(const fs::path& folder) {
  SeedFamilies families;
  for (const char* file : kWorldFiles) {
    families.text_ += TRY(read_file(folder / file, kMaxFamilyFileBytes)) + "\n";
  }
  const std::vector<fs::path> files = family_files(folder);
  if (files.empty()) {
    return Error{ErrorCode::NotFound, "no seed families in folder: " + folder.string(),
                 "install the program's share folder, or name it"};
  }
  for (const fs::path& file : files) {
    families.text_ += TRY(read_file(file, kMaxFamilyFileBytes)) + "\n";
  }
  families.content_hash_ = hash_hex(families.text_);
  return families;
}

SandboxOptions SeedFamilies::sandbox_options(SandboxOptions options) {
  options.cpu_limit_ms = std::max<int64_t>(options.cpu_limit_ms, 60'000);
  options.wall_limit_ms = std::max<int64_t>(options.wall_limit_ms, 300'000);
  options.memory_limit_mb = std::max<int64_t>(options.memory_limit_mb, 1024);
  options.value_limit_bytes = std::max<int64_t>(options.value_limit_bytes, int64_t{16} << 20);
  options.run_twice = false;
  return options;
}

Result<std::vector<Json>> SeedFamilies::call(Sandbox& sandbox, const std::string& function,
                                             Json arguments, int64_t first, int64_t count) const {
  std::vector<Json> records;
  for (int64_t done = 0; done < count; done += kRecordsPerRun) {
    const int64_t size = std::min(kRecordsPerRun, count - done);
    arguments["start"] = first + done;
    arguments["count"] = size;
    // The records come back as one JSON text, so that they do not depend on the form of Python
    // values. Both dict texts are also Python: no null, true or false is in them.
    const Execution execution =
        TRY(sandbox.run(text_ + "\ninput = " + dump_json(arguments) + "\noutput = json.dumps(" +
                        function + "(**input))\n"));
    std::vector<Json> made = TRY(records_of(execution, function, size));
    std::move(made.begin(), made.end(), std::back_inserter(records));
  }
  return records;
}

Result<std::vector<Sample>> SeedFamilies::make_seeds(Sandbox& sandbox, uint64_t seed, int64_t first,
                                                     int64_t count,
                                                     const std::string& source) const {
  const std::vector<Json> records =
      TRY(call(sandbox, "make_seeds", Json{{"seed", seed & kSeedMask}}, first, count));
  std::vector<Sample> samples;
  for (const Json& record : records) {
    Sample sample;
    sample.origin = Origin::Seed;
    sample.seed.emplace();
    sample.seed->source = source;
    sample.seed->seed_id = TRY(read_string(record, "id"));
    sample.seed->location = "families:" + std::to_string(first + std::ssize(samples));
    sample.seed->question = TRY(read_string(record, "question"));
    sample.seed->solution = TRY(read_string(record, "solution"));
    sample.seed->program = TRY(read_string(record, "program"));
    sample.seed->answer = TRY(read_string(record, "answer"));
    if (sample.seed->question.empty()) return wrong_record("no question");
    sample.id = make_sample_id(hash_hex_of({source, dump_json(record)}), "seeds", 0);
    samples.push_back(std::move(sample));
  }
  return samples;
}

Result<std::vector<FamilyProblem>> SeedFamilies::make_problems(Sandbox& sandbox,
                                                               std::string_view split,
                                                               uint64_t seed, int64_t first,
                                                               int64_t count) const {
  const Json arguments = {{"seed", seed & kSeedMask}, {"split", std::string(split)}};
  const std::vector<Json> records = TRY(call(sandbox, "make_problems", arguments, first, count));
  std::vector<FamilyProblem> problems;
  for (const Json& record : records) {
    FamilyProblem problem;
    problem.id = TRY(read_string(record, "id"));
    problem.area = TRY(read_string(record, "area"));
    problem.structure = TRY(read_string(record, "structure"));
    problem.question = TRY(read_string(record, "question"));
    problem.solution = TRY(read_string(record, "solution"));
    problem.program = TRY(read_string(record, "program"));
    problem.answer = TRY(read_string(record, "answer"));
    if (problem.question.empty() || problem.answer.empty()) return wrong_record("no question");
    problems.push_back(std::move(problem));
  }
  return problems;
}

}  // namespace caco
