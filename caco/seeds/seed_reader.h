// Reads a file of seeds (JSON Lines; plain, gzip or zstd) as samples by index. Every line that is
// not blank becomes exactly one sample: a seed, or a rejection that says file, line and reason. So
// nothing that a user brought vanishes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "caco/base/result.h"
#include "caco/record/sample.h"
#include "caco/seeds/line_text.h"
#include "caco/seeds/seed_line.h"

namespace caco {

// Immutable after open(); read() is thread-safe. Holds the file's unpacked text (kMaxSeedBytes at
// most) and about 40 bytes a line.
class SeedReader {
 public:
  // Reads and indexes the file. `source` is the name of the seed source in the recipe: it becomes a
  // part of the samples' ids. Errors: as read_packed_file.
  static Result<SeedReader> open(const std::filesystem::path& path, const FieldMap& map,
                                 std::string source);

  int64_t size() const { return std::ssize(lines_); }

  // Returns the sample of a line. Its id depends on the source's name and the line's text alone
  // (and how many equal lines came before), not on its place: lines may be added and moved.
  // Rejections: UnreadableSeed; DuplicateSeed when an earlier line has the same question (spaces
  // aside). REQUIRES: 0 <= index < size().
  Sample read(int64_t index) const;

  // Returns the hash of the unpacked text, for fingerprints.
  const std::string& content_hash() const { return content_hash_; }

 private:
  struct Line {
    LineSpan span;
    int64_t same_question = -1;  // number of the earlier line with this question
    int64_t num_equal = 0;       // equal lines before this one
  };

  SeedReader() = default;
  std::string_view text_of(const Line& line) const;
  void index_lines();

  std::string file_name_;
  std::string source_;
  FieldMap map_;
  std::string text_;
  std::string content_hash_;
  std::vector<Line> lines_;
};

}  // namespace caco
