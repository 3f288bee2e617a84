// Shards: JSON Lines in one zstd frame with a checksum. What is in the lines is not known here.
//
// The same lines give the same bytes: the level is fixed, the compressor is fed in pieces that
// depend on the lines alone, and nothing of the time or the machine goes in. A shard in the making
// stays in memory (compressed) and appears on disk complete or not at all. Readers stream, so a
// shard is never in memory as a whole. Not thread-safe; one thread a reader or writer.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "caco/base/hash.h"
#include "caco/base/result.h"

namespace caco {

// Longest line that is read; longer ones are DataLoss, so that a broken file cannot fill memory.
inline constexpr int64_t kMaxLineBytes = int64_t{64} << 20;

// What a finished shard is known by.
struct ShardFile {
  std::string content_hash;  // of the uncompressed lines, each with its line end
  std::string file_hash;     // of the file's bytes
  int64_t num_bytes = 0;     // of the file
  int64_t num_lines = 0;
};

class ShardWriter {
 public:
  ShardWriter();
  ~ShardWriter();
  ShardWriter(ShardWriter&& other) noexcept;
  ShardWriter& operator=(ShardWriter&& other) noexcept;

  // Appends one line; the line end is added. ResourceExhausted when memory runs out.
  Status add(std::string_view line);

  int64_t num_lines() const { return num_lines_; }

  // Ends the shard and writes it to `path`, atomically and durably. Call once, last.
  Result<ShardFile> finish(const std::filesystem::path& path);

 private:
  struct Compressor;
  Status compress_pending(bool is_last);

  std::unique_ptr<Compressor> compressor_;
  std::string pending_;     // lines not yet given to the compressor
  std::string compressed_;  // the file so far
  StreamHash content_hash_;
  int64_t num_lines_ = 0;
};

class ShardReader {
 public:
  // NotFound when the file is absent.
  static Result<ShardReader> open(const std::filesystem::path& path);
  ~ShardReader();
  ShardReader(ShardReader&& other) noexcept;
  ShardReader& operator=(ShardReader&& other) noexcept;

  // Puts the next line, without its line end, into `line`. Returns false after the last one.
  // DataLoss when the file is truncated, damaged or goes on after its end.
  Result<bool> next(std::string& line);

 private:
  struct State;
  explicit ShardReader(std::unique_ptr<State> state);
  Status fill();
  Error damaged(const std::string& how) const;

  std::unique_ptr<State> state_;
};

// Returns the hash of a file's bytes and its size, reading it piece by piece.
struct FileDigest {
  std::string hash;
  int64_t num_bytes = 0;
};
Result<FileDigest> digest_file(const std::filesystem::path& path);

}  // namespace caco
