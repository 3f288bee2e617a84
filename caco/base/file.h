// Files: whole reads, and writes that are either complete or absent.
//
// A file that this project writes appears under its final name only after its bytes and its
// directory entry are on disk (temporary name, fsync, rename, fsync of the folder).
// `set_write_fault` is the seam for crash tests: it lets the n-th durable write fail as a full disk
// or end the process as a kill would. All functions are thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "caco/base/result.h"

namespace caco {

// Returns the whole content; NotFound when absent, ResourceExhausted above `max_bytes`.
Result<std::string> read_file(const std::filesystem::path& path,
                              int64_t max_bytes = int64_t{1} << 32);

// Replaces `path` with `content`, completely or not at all, creating parent folders.
// ResourceExhausted on a full disk.
Status write_file_atomic(const std::filesystem::path& path, std::string_view content);

// Renames a finished file or folder that was prepared under a temporary name, after syncing it and
// its new parent.
Status publish_path(const std::filesystem::path& temporary,
                    const std::filesystem::path& final_path);

// A name beside `path` for preparing it; unique within the machine's running processes.
std::filesystem::path temporary_path_for(const std::filesystem::path& path);

// Creates a folder and its parents.
Status make_folders(const std::filesystem::path& path);

enum class WriteFault { None, DiskFull, Kill };

// From the `countdown`-th durable write on (1 = the next), writes meet `fault`: DiskFull fails each
// with ENOSPC after writing half of the bytes to the temporary file; Kill ends the process at once
// with SIGKILL at the same point. For tests only.
void set_write_fault(WriteFault fault, int64_t countdown);

}  // namespace caco
