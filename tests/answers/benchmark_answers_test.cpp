// The gold answers of the public benchmarks (CACO_TEST_DATA/benchmarks): each equals itself, and
// each is parsed as a value or is words by nature. Skipped where the data is absent.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "caco/answer/answer.h"
#include "caco/answer/parse.h"
#include "caco/base/json.h"
#include "caco/base/test_data.h"

namespace caco {
namespace {

std::string read_zipped(const std::filesystem::path& path) {
  std::string text;
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) return text;
  std::vector<char> buffer(1 << 16);
  for (int size = 0; (size = gzread(file, buffer.data(), 1 << 16)) > 0;)
    text.append(buffer.data(), static_cast<size_t>(size));
  gzclose(file);
  return text;
}

// Returns the answers of a file; a row may have one or a list of them.
std::vector<std::string> read_answers(const std::filesystem::path& path) {
  std::vector<std::string> answers;
  const std::string text = read_zipped(path);
  size_t start = 0;
  for (size_t end = 0; (end = text.find('\n', start)) != std::string::npos; start = end + 1) {
    const Result<Json> row = parse_json(std::string_view(text).substr(start, end - start));
    if (!row.ok() || !row.value().contains("answer")) continue;
    const Json& answer = row.value()["answer"];
    if (answer.is_null()) continue;
    answers.push_back(answer.is_string() ? answer.get<std::string>() : dump_json(answer));
  }
  return answers;
}

// Programs are no answers in this sense: only their text can be compared.
bool holds_programs(const std::string& name) {
  return name.find("humaneval") != std::string::npos || name.find("mbpp") != std::string::npos;
}

// A sequence of brackets to be closed: text by nature.
bool has_no_letter_or_digit(const std::string& answer) {
  return std::none_of(answer.begin(), answer.end(), [](char byte) {
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
           (byte >= 'A' && byte <= 'Z');
  });
}

TEST(BenchmarkAnswers, EqualThemselvesAndParse) {
  const std::filesystem::path folder = test_data_folder() / "benchmarks";
  if (!std::filesystem::is_directory(folder)) GTEST_SKIP() << "no benchmarks in " << folder;
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    files.insert(entry.path());
  int64_t num_all = 0;
  int64_t num_unparsed = 0;
  for (const std::filesystem::path& file : files) {
    const std::string name = file.filename().string();
    int64_t num_symbolic = 0;
    const std::vector<std::string> answers = read_answers(file);
    for (const std::string& answer : answers) {
      EXPECT_EQ(compare_answers(answer, answer).equality, Equality::Equal)
          << name << ": " << answer.substr(0, 200);
      const Readings readings = parse_answer(answer);
      ASSERT_FALSE(readings.values.empty()) << name << ": " << answer.substr(0, 200);
      if (readings.values.front().kind != ValueKind::Symbolic || holds_programs(name)) continue;
      if (has_no_letter_or_digit(answer)) continue;
      ++num_symbolic;
      if (std::getenv("CACO_LIST_MISSES") != nullptr) fmt::print("{}: {}\n", name, answer);
    }
    fmt::print("{:<36} {:>5} answers, {:>3} kept as text of mathematics\n", name, answers.size(),
               num_symbolic);
    num_all += static_cast<int64_t>(answers.size());
    num_unparsed += num_symbolic;
  }
  // What is kept as text is compared as text; it may not become common.
  EXPECT_LE(num_unparsed * 200, num_all);
}

}  // namespace
}  // namespace caco
