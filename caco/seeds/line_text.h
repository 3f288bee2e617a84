// The text of a seed file: read whole, unpacked when it is compressed, and parted into lines.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "caco/base/result.h"

namespace caco {

// Most bytes of a file's unpacked text. Seeds are read again and again by index, so they are kept
// in memory; larger sets must be split into several files.
inline constexpr int64_t kMaxSeedBytes = int64_t{1} << 30;

// Returns the file's text, unpacked when its first bytes say gzip or zstd (several members or
// frames too), without a byte order mark. NotFound when it is not there, DataLoss when the
// compressed data is damaged or cut, ResourceExhausted above `max_bytes`.
Result<std::string> read_packed_file(const std::filesystem::path& path,
                                     int64_t max_bytes = kMaxSeedBytes);

// One line of a text, without its line end ("\n" or "\r\n").
struct LineSpan {
  int64_t offset = 0;
  int64_t length = 0;
  int64_t number = 0;  // from 1 on, blank lines counted
};

// Returns all lines of `text` that hold more than spaces and tabs.
std::vector<LineSpan> find_lines(std::string_view text);

// Returns the place of the first byte that is not valid UTF-8 (RFC 3629: no surrogates, no overlong
// forms), or -1.
int64_t find_invalid_utf8(std::string_view text);

}  // namespace caco
