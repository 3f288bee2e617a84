// Hostile answers: nested, huge, towers of powers, large sets. They end quickly with any verdict,
// the same in both directions; and the comparison is safe on many threads.
#include <gtest/gtest.h>

#include <ctime>
#include <string>
#include <thread>
#include <vector>

#include "caco/answer/answer.h"

namespace caco {
namespace {

std::string repeat(const std::string& piece, int64_t count) {
  std::string text;
  for (int64_t i = 0; i < count; ++i)
    text += piece;
  return text;
}

// Bounds are 50 ms of an optimized program; sanitizers and busy machines take several times as
// long.
constexpr double kMaxSeconds = 2.0;

TEST(AnswerLimits, WorkIsBounded) {
  const std::vector<std::string> texts = {
      repeat("(", 60000),
      repeat("(", 20000) + repeat(")", 20000),
      repeat("{1,", 15000),
      repeat("[", 20) + repeat("1,", 20000) + repeat("]", 20),
      repeat("9", 60000),
      repeat("9", 600000),
      repeat("1e-9999,", 8000),
      repeat("1e9999/7 ", 7000),
      "{" + repeat("1e-9999,", 300) + "1}",
      "{" + repeat("x,", 299) + "y}",
      "{" + repeat("{1,2,3,4,5,6,7,8,9},", 2000) + "1}",
      repeat("'", 60000),
      repeat(",'\\'", 15000),
      repeat("\"'", 30000),
      repeat("$1", 30000),
      repeat("\\text{", 10000),
      repeat("\\frac{", 10000),
      repeat("\\frac1", 10000),
      repeat("=", 60000),
      repeat("x=", 30000) + "1",
      repeat("1 and ", 10000) + "1",
      repeat("\\begin{pmatrix}", 4000),
      repeat("1 ", 30000),
      repeat("1,", 30000) + "234",
      repeat("\\boxed{", 400) + "5" + repeat("}", 400),
      "5^(5^(5^5))",
      "9**9**9**9",
      "100000!",
      "1/2004!",
      "2^{1000000}",
      "10^{5000}!",
      "(x+y+z+a+b+c+d)^{60}",
      "((x+1)^{60}+1)^{60}",
      "(1+x)^{1000000000}",
      "\\sin(10^{500})",
      "e^{e^{e^{e^{e}}}}",
      "(\\sqrt2+\\sqrt3+\\sqrt5)^{40}",
      "\\sqrt[36]{2}+\\sqrt{3}",
      "\\binom{100000}{50000}",
      repeat("\\sin ", 1200) + "x",
      repeat("\\sqrt{x+", 60) + "1" + repeat("}", 60),
      repeat("(x=", 30) + "1" + repeat(")", 30),
      repeat("gamma(", 100) + "1/3" + repeat(")", 100),
      "{" + repeat("'\\sqrt{2}',", 280) + "1}",
      "{" + repeat("\\sqrt{2},", 280) + "1}",
      std::string(1000, '\0'),
      repeat("\xff\xfe", 1000),
  };
  for (const std::string& text : texts) {
    for (const std::string& other : {text, std::string("5"), "{" + text + "}"}) {
      // Time of the processor, so that a busy machine does not matter.
      const std::clock_t start = std::clock();
      const AnswerComparison forth = compare_answers(text, other);
      const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
      EXPECT_LT(seconds, kMaxSeconds) << text.substr(0, 40);
      EXPECT_EQ(forth.equality, compare_answers(other, text).equality) << text.substr(0, 40);
    }
  }
}

TEST(AnswerLimits, IsSafeOnManyThreads) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (int k = 0; k < 200; ++k) {
        EXPECT_EQ(compare_answers("5 kilometers", "5 km").equality, Equality::Equal);
        EXPECT_EQ(compare_answers("\\frac12", "0.5").equality, Equality::Equal);
        EXPECT_EQ(compare_answers("\\sin 2x", "2\\sin x\\cos x").equality, Equality::Equal);
        EXPECT_EQ(compare_answers("\\sqrt{5+2\\sqrt6}", "\\sqrt2+\\sqrt3").equality,
                  Equality::Equal);
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
}

}  // namespace
}  // namespace caco
