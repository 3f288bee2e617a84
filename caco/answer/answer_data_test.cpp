// Measures the comparison on public answer pairs (CACO_TEST_DATA/answers): no wrong pair may be
// accepted and every gold answer must equal itself.
#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "caco/answer/answer.h"
#include "caco/base/json.h"
#include "caco/base/test_data.h"

namespace caco {
namespace {

struct Pair {
  std::string id, gold, pred, kind;
  bool is_equal = false;
};

// Returns the rows of a gzipped JSON Lines file; empty when it is absent.
std::vector<Pair> read_pairs(const std::string& name) {
  std::vector<Pair> pairs;
  gzFile file = gzopen((test_data_folder() / "answers" / name).c_str(), "rb");
  if (file == nullptr) return pairs;
  std::string text;
  std::vector<char> buffer(1 << 16);
  for (int size = 0; (size = gzread(file, buffer.data(), 1 << 16)) > 0;) {
    text.append(buffer.data(), static_cast<size_t>(size));
  }
  gzclose(file);
  size_t start = 0;
  for (size_t end = 0; (end = text.find('\n', start)) != std::string::npos; start = end + 1) {
    const Result<Json> row = parse_json(std::string_view(text).substr(start, end - start));
    if (!row.ok()) continue;
    const Json& value = row.value();
    pairs.push_back({read_string(value, "id").value(), read_string(value, "gold").value(),
                     read_string(value, "pred").value(), read_string(value, "kind").value(),
                     read_bool(value, "expected").value()});
  }
  return pairs;
}

TEST(AnswerData, EveryGoldAnswerEqualsItself) {
  const std::vector<Pair> pairs = read_pairs("gold_self.jsonl.gz");
  if (pairs.empty()) GTEST_SKIP() << "no answer pairs in " << test_data_folder();
  for (const Pair& pair : pairs) {
    EXPECT_EQ(compare_answers(pair.gold, pair.pred).equality, Equality::Equal) << pair.gold;
  }
}

TEST(AnswerData, RewritesAreNeverWronglyAccepted) {
  const std::vector<Pair> pairs = read_pairs("rewrites_dev.jsonl.gz");
  if (pairs.empty()) GTEST_SKIP() << "no answer pairs in " << test_data_folder();
  std::map<std::string, int64_t> counts;
  for (const Pair& pair : pairs) {
    const AnswerComparison comparison = compare_answers(pair.gold, pair.pred);
    const AnswerComparison mirrored = compare_answers(pair.pred, pair.gold);
    EXPECT_EQ(comparison.equality, mirrored.equality) << pair.gold << " | " << pair.pred;
    ++counts[std::string(pair.is_equal ? "equal pairs: " : "different pairs: ") +
             std::string(to_string(comparison.equality))];
    if (pair.is_equal) {
      EXPECT_EQ(comparison.equality, Equality::Equal)
          << pair.kind << " " << pair.gold << " | " << pair.pred << ": " << comparison.reason;
    } else {
      EXPECT_NE(comparison.equality, Equality::Equal)
          << pair.kind << " " << pair.gold << " | " << pair.pred << ": " << comparison.reason;
    }
  }
  for (const auto& [what, count] : counts)
    std::cout << what << ": " << count << "\n";
}

}  // namespace
}  // namespace caco
