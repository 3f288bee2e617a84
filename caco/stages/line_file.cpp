#include "caco/stages/line_file.h"

#include <cerrno>
#include <system_error>

namespace caco {

Result<LineFile> LineFile::create(const std::filesystem::path& path) {
  std::ofstream stream(path, std::ios::binary | std::ios::trunc);
  if (!stream) {
    return Error{ErrorCode::NotFound,
                 "cannot create: " + path.string() + ": " + std::generic_category().message(errno),
                 ""};
  }
  return LineFile(path, std::move(stream));
}

Status LineFile::add(std::string_view line) {
  stream_ << line << '\n';
  if (!stream_) return cannot_write();
  ++num_lines_;
  return {};
}

Status LineFile::close() {
  stream_.close();
  return stream_ ? Status() : cannot_write();
}

Error LineFile::cannot_write() const {
  return Error{ErrorCode::ResourceExhausted,
               "cannot write: " + path_.string() + ": " + std::generic_category().message(errno),
               "free some space and run again"};
}

}  // namespace caco
