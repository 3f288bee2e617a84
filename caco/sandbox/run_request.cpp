#include "caco/sandbox/run_request.h"

#include <algorithm>

namespace caco {
namespace {

Error bad_request(const std::string& message) {
  return {ErrorCode::InvalidArgument, message, ""};
}

Status check_paths(const std::vector<std::string>& paths, const std::string& what) {
  if (static_cast<int64_t>(paths.size()) > kMaxScratchFiles) {
    return bad_request("too many " + what + ": " + std::to_string(paths.size()) + ", at most " +
                       std::to_string(kMaxScratchFiles));
  }
  for (const std::string& path : paths) {
    if (is_scratch_path(path)) continue;
    return bad_request("path in " + what +
                       " is not a relative path without \"..\" and empty parts: " + path);
  }
  return {};
}

}  // namespace

bool is_scratch_path(const std::string& path) {
  if (path.empty() || static_cast<int64_t>(path.size()) > kMaxScratchPathBytes) return false;
  if (path.find('\0') != std::string::npos) return false;
  for (size_t start = 0; start <= path.size();) {
    const size_t end = std::min(path.find('/', start), path.size());
    const std::string part = path.substr(start, end - start);
    if (part.empty() || part == "." || part == "..") return false;
    start = end + 1;
  }
  return true;
}

Status check_request(const RunRequest& request) {
  if (static_cast<int64_t>(request.standard_input.size()) > kMaxStandardInputBytes) {
    return bad_request(
        "standard input is too long: " + std::to_string(request.standard_input.size()) + " bytes");
  }
  int64_t argument_bytes = 0;
  for (const std::string& argument : request.arguments)
    argument_bytes += static_cast<int64_t>(argument.size()) + 1;
  if (argument_bytes > kMaxArgumentBytes) return bad_request("arguments are too long");
  TRY(check_paths(request.wanted_files, "wanted files"));
  std::vector<std::string> paths;
  int64_t bytes = 0;
  for (const ScratchFile& file : request.files) {
    paths.push_back(file.path);
    bytes += static_cast<int64_t>(file.content.size());
  }
  TRY(check_paths(paths, "files"));
  if (bytes > kMaxScratchInputBytes) {
    return bad_request("files are too big: " + std::to_string(bytes) + " bytes, at most " +
                       std::to_string(kMaxScratchInputBytes));
  }
  // With a slash at the end of each, a folder of another stands right before what is in it.
  for (std::string& path : paths)
    path += '/';
  std::sort(paths.begin(), paths.end());
  for (size_t i = 1; i < paths.size(); ++i) {
    if (paths[i].rfind(paths[i - 1], 0) != 0) continue;
    return bad_request("file given twice, or both file and folder: " + paths[i - 1]);
  }
  return {};
}

}  // namespace caco
