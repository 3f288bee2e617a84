// The comparison through its public face: rows of pairs with the verdict that mathematics or our
// stated policy gives them. Each row is checked in both directions.
#include "caco/answer/answer.h"

#include <gtest/gtest.h>

#include <ctime>
#include <string>
#include <thread>
#include <vector>

#include "caco/answer/check_pairs.h"

namespace caco {
namespace {

TEST(Answer, NumbersThatAreEqual) {
  check(Equality::Equal, {
                             {"24", "24"},
                             {"24", "24.0"},
                             {"24", "24."},
                             {"24", "+24"},
                             {"24", " 24 \n"},
                             {"016", "16"},
                             {"-0", "0"},
                             {"1,234", "1234"},
                             {"1,234,567.50", "1234567.5"},
                             {"1{,}234", "1234"},
                             {"1,\\!234", "1234"},
                             {"1\\,234", "1234"},
                             {"1 234 567", "1234567"},
                             {"-5", "\u22125"},
                             {"0.5", ".5"},
                             {"1/2", "0.5"},
                             {"1/2", "\\frac12"},
                             {"1/2", "\\frac{1}{2}"},
                             {"1/2", "\\dfrac{1}{2}"},
                             {"1/2", "\\tfrac 1 2"},
                             {"1/2", "\\frac{3}{6}"},
                             {"1/2", "\u00bd"},
                             {"-1/2", "\\frac{-1}{2}"},
                             {"-1/2", "1/-2"},
                             {"-1/2", "-\\frac{1}{2}"},
                             {"6/3", "2"},
                             {"1 1/2", "3/2"},
                             {"-1 1/2", "-1.5"},
                             {"1\\frac{1}{2}", "1.5"},
                             {"1\u00bd", "1.5"},
                             {"137 \\frac{1}{2}", "137.5"},
                             {"\\frac{12}{5,\\!525}", "12/5525"},
                             {"50%", "0.5"},
                             {"50\\%", "1/2"},
                             {"50 percent", "50%"},
                             {"7.2\\%", "0.072"},
                             {"3.2e5", "320000"},
                             {"3.2 \\times 10^5", "320000"},
                             {"3.2 * 10^{5}", "320000"},
                             {"3.2\u00d710^5", "320000"},
                             {"3.2x10^5", "320000"},
                             {"10^{-3}", "0.001"},
                             {"1e-7", "0.0000001"},
                             {"2 million", "2000000"},
                             {"$5", "5"},
                             {"\\$5", "5.00"},
                             {"$5$", "5"},
                             {"$\\$40$", "40"},
                             {"-\\$0.50", "-0.5"},
                             {"$ 1,234", "1234"},
                             {"\u20ac5", "5 euros"},
                             {"5 dollars", "$5"},
                             {"\\boxed{24}", "24"},
                             {"$\\boxed{24}$", "24"},
                             {"\\(24\\)", "24"},
                             {"\\[ 24 \\]", "24"},
                             {"**24**", "24"},
                             {"`24`", "24"},
                             {"24,", "24"},
                             {"\\text{13}", "13"},
                             {"(5)", "5"},
                             {"five", "5"},
                             {"Twenty", "20"},
                             {"45^\\circ", "45"},
                             {"45^{\\circ}", "45 degrees"},
                             {"45\u00b0", "45"},
                             {"\\infty", "inf"},
                             {"-\\infty", "-inf"},
                             {"+\\infty", "\u221e"},
                             {"123456789012345678901234567890", "123456789012345678901234567890.0"},
                         });
}

TEST(Answer, RoundingsFollowTheDigitsGiven) {
  check(Equality::Equal, {
                             {"8/3", "2.67"},
                             {"8/3", "2.6666666666666665"},
                             {"2.6666666666666665", "2.67"},
                             {"\\frac{10}{3}", "3.3333333333333335"},
                             {"0.30000000000000004", "0.3"},
                             {"23.999999999999996", "24"},
                             {"18.249999999999996", "18.25"},
                             {"2/3", "66.7%"},
                             {"1.125", "9/8"},
                             {"9/800", "0.0113"},
                             {"1/3", "3.33e-1"},
                         });
  check(Equality::Different, {
                                 {"1/3", "0.33"},
                                 {"8/3", "2.66"},
                                 {"8/3", "2.7"},
                                 {"24", "23.999"},
                                 {"24", "24.0001"},
                                 {"1000000", "1000050"},
                                 {"99999", "100000"},
                                 {"1005", "1.00e3"},
                                 {"123456789012345.0", "123456789012346"},
                                 {"1234567890123.4567", "1234567890124"},
                                 {"3.14", "3.15"},
                                 {"12.0", "12.04"},
                                 {"0.6666666666666666", "0.6"},
                                 {"0.0", "1e-19"},
                                 {"1e-19", "1e-20"},
                             });
  check(Equality::Unknown, {{"3.14", "3.1416"}, {"2.67", "2.6712"}});
}

TEST(Answer, NumbersThatDiffer) {
  check(Equality::Different, {
                                 {"24", "25"},
                                 {"24", "-24"},
                                 {"24", "240"},
                                 {"50", "0.5"},
                                 {"50%", "50"},
                                 {"1/2", "2/1"},
                                 {"1/2", "1/3"},
                                 {"100", "1"},
                                 {"123456789012345678901", "123456789012345678902"},
                                 {"inf", "-inf"},
                                 {"inf", "5"},
                                 {"nan", "5"},
                                 {"True", "1"},
                                 {"None", "0"},
                                 {"1,234", "1235"},
                                 {"12,34", "1234"},
                                 {"10^{100}", "10^{99}"},
                             });
}

TEST(Answer, Units) {
  check(Equality::Equal, {
                             {"5 km", "5"},
                             {"5 km", "5 kilometers"},
                             {"5km", "5 km"},
                             {"5\\text{ cm}", "5 centimetres"},
                             {"440\\text{ cm}^2", "440 square centimeters"},
                             {"575\\text{ students}", "575"},
                             {"3 apples", "3 apple"},
                             {"60 km/h", "60 kilometers per hour"},
                             {"60 mph", "60 miles per hour"},
                             {"12\\text{ square units}", "12"},
                             {"0.25\\,\\text{ cm}", "0.25"},
                             {"25 \\, \\text{km}", "25 km"},
                             {"\\frac{68}{3}\\text{ pounds}", "68/3"},
                             {"18\\text{ ways.}", "18"},
                             {"5th", "5"},
                             {"20 minutes", "20 min"},
                         });
  check(Equality::Different, {
                                 {"5 km", "5 m"},
                                 {"5 km", "6 km"},
                                 {"5 cm^2", "5 cm^3"},
                                 {"$5", "\u20ac5"},
                                 {"5 apples", "6"},
                             });
  check(Equality::Equal, {
                             {"1 hour", "60 minutes"},
                             {"5 km", "5000 m"},
                             {"60 mph", "88 ft/s"},
                             {"2.5 kg", "2500 g"},
                             {"10\\sqrt{2}\\text{ cm}", "10\\sqrt 2"},
                             {"45^\\circ", "\\frac{\\pi}{4}"},
                         });
  check(Equality::Different, {
                                 {"2t", "2"},
                                 {"2 dozen", "2"},
                                 {"2 pi", "2"},
                                 {"2\\pi", "2"},
                                 {"2.5 kg", "250 g"},
                                 {"45^\\circ", "\\frac{\\pi}{3}"},
                             });
  check(Equality::Unknown, {
                               {"5 apples", "5 oranges"},
                               {"5 squared", "5"},
                               {"3m", "3"},
                               {"3 s^2", "3"},
                               {"5 or more", "5"},
                               {"$5 per hour", "$5"},
                               {"5 km", "5 km/h"},
                           });
}

TEST(Answer, PythonValues) {
  check(Equality::Equal, {
                             {"Fraction(1, 2)", "1/2"},
                             {"Fraction(-40, 153)", "-\\frac{40}{153}"},
                             {"Decimal('0.50')", "0.5"},
                             {"np.int64(3)", "3"},
                             {"np.float64(0.25)", "1/4"},
                             {"[1, 2, 3]", "[1,2,3]"},
                             {"[1, 2, 3]", "1, 2, 3"},
                             {"[1, 2, 3]", "(1, 2, 3)"},
                             {"array([1, 2])", "[1, 2]"},
                             {"array([1., 2.], dtype=float64)", "[1, 2]"},
                             {"{1, 2}", "{2, 1}"},
                             {"\\{1, 2\\}", "{2, 1}"},
                             {"{1, 2}", "2, 1"},
                             {"frozenset({1, 2})", "{1, 2}"},
                             {"set()", "set()"},
                             {"{'a': 1, 'b': 2}", "{'b': 2.0, 'a': 1}"},
                             {"{'a': [1, 2]}", "{\"a\": (1, 2)}"},
                             {"'hello'", "Hello"},
                             {"b'hello'", "'hello'"},
                             {"[b'a', 1]", "['a', 1]"},
                             {"'hello'", "\"hello\""},
                             {"'5'", "5"},
                             {"'1/2'", "0.5"},
                             {"'it\\'s'", "it's"},
                             {"'caf\\u00e9'", "caf\u00e9"},
                             {"['a', 'b']", "[a, b]"},
                             {"['a', 'b']", "a, b"},
                             {"('x, y', 1)", "('x, y', 1)"},
                             {"True", "yes"},
                             {"True", "\\text{True}"},
                             {"False", "no"},
                             {"None", "none"},
                             {"[(1, 2), (3, 4)]", "[[1, 2], [3, 4]]"},
                             {"(1,)", "[1]"},
                             {"[]", "()"},
                             {"float('inf')", "\\infty"},
                             {"datetime.date(2024, 3, 5)", "2024-03-05"},
                             {"[True, None]", "[True, None]"},
                             {"nan", "nan"},
                         });
  check(Equality::Different, {
                                 {"[1, 2, 3]", "[1, 3, 2]"},
                                 {"[1, 2, 3]", "[1, 2]"},
                                 {"[1, 2, 3]", "3, 2, 1"},
                                 {"{1, 2}", "{1, 3}"},
                                 {"{'a': 1}", "{'a': 2}"},
                                 {"{'a': 1}", "{'b': 1}"},
                                 {"'hello'", "'help'"},
                                 {"'hello'", "world"},
                                 {"'hello'", "5"},
                                 {"'5'", "'6'"},
                                 {"'a b'", "'ab'"},
                                 {"True", "False"},
                                 {"None", "False"},
                                 {"[1, 2]", "5"},
                                 {"Fraction(1, 2)", "Fraction(2, 1)"},
                             });
  check(Equality::Unknown, {{"[1, 2]", "(1, 2)"},
                            {"[5]", "5"},
                            {"{1, 2}", "[1, 2]"},
                            {"Fraction(1, 0)", "1"},
                            {"range(0, 5)", "[0, 1, 2, 3, 4]"},
                            {"__import__('os').system('id')", "0"}});
}

TEST(Answer, ListsAndIntervals) {
  check(Equality::Equal,
        {
            {"1, 2", "2, 1"},
            {"1, 2, and 3", "3,2,1"},
            {"1 and 2", "1, 2"},
            {"-3 \\text{ or } 3", "3, -3"},
            {"(1, 2)", "\\left( 1, 2 \\right)"},
            {"(3, \\frac{\\pi}{2})", "\\left( 3, \\dfrac{\\pi}{2} \\right)"},
            {"[0, 1)", "[0,1)"},
            {"1,234, 5,678", "1234, 5678"},
            {"(1,234)", "(1, 234)"},
            {"(1,2), (3,4)", "(3,4), (1,2)"},
            {"\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}",
             "\\begin{bmatrix}1&2\\\\3&4\\end{bmatrix}"},
            {"\\begin{pmatrix} 1 \\\\ 2 \\\\ 3\\end{pmatrix}", "[1, 2, 3]"},
            {"\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}", "[[1, 2], [3, 4]]"},
            {"x = 1, y = 2", "y = 2.0, x = 1"},
            {"x = 1, y = 2", "1, 2"},
        });
  check(Equality::Different, {
                                 {"(1, 2)", "(2, 1)"},
                                 {"[0, 1)", "[0, 1]"},
                                 {"[0, 1)", "(0, 1]"},
                                 {"[0, 1)", "[0, 2)"},
                                 {"1, 2", "1, 3"},
                                 {"6, -2", "6, -3"},
                                 {"12, 10, 6", "12, 10, 7"},
                                 {"x = 1, y = 2", "x = 2, y = 3"},
                                 {"x = 1, y = 2", "x = 2, y = 1"},
                             });
  check(Equality::Unknown, {{"x = 1, y = 2", "x = 1, z = 2"}, {"x = 1, y = 2", "2, 1"}});
}

TEST(Answer, WordsOptionsAndMoments) {
  check(Equality::Equal, {
                             {"(A)", "A"},
                             {"\\text{(E)}", "(E)"},
                             {"A)", "(A)"},
                             {"(c)", "C"},
                             {"B", "B."},
                             {"(C) 5 km", "C"},
                             {"no solution", "No  Solution"},
                             {"\\text{odd}", "odd"},
                             {"3:15 PM", "15:15"},
                             {"\\text{1:03 PM}", "1:03 p.m."},
                             {"9\\text{ a.m.}", "9 AM"},
                             {"05:30", "5:30"},
                             {"March 5, 2024", "2024-03-05"},
                             {"5th of March 2024", "Tuesday, March 5, 2024"},
                             {"\\text{June 20}", "20 June"},
                         });
  check(Equality::Different, {
                                 {"(A)", "(B)"},
                                 {"(c)", "(d)"},
                                 {"odd", "even"},
                                 {"yes", "no"},
                                 {"12:00", "1:00"},
                                 {"3:15 PM", "3:15 AM"},
                                 {"2024-03-05", "2024-03-06"},
                                 {"none", "no"},
                                 {"red", "5"},
                             });
  check(Equality::Unknown, {
                               {"(A)", "5"},
                               {"5:30", "5:30 PM"},
                               {"1:20", "2:40"},
                               {"3:15", "0.2"},
                               {"June 20", "June 20, 2024"},
                               {"half a dozen", "6"},
                               {"isosceles", "an isosceles triangle"},
                               {"3/4/2024", "4/3/2024"},
                           });
}

TEST(Answer, EmptyNeverMatches) {
  check(Equality::Unknown,
        {{"", ""}, {" ", ""}, {"", "5"}, {"$$", "$$"}, {"\\boxed{}", "\\boxed{}"}, {".", "."}});
}

TEST(Answer, ReasonsAreForPeople) {
  EXPECT_EQ(compare_answers("24", "24.0").reason, "24 = 24.0");
  EXPECT_EQ(compare_answers("1/3", "0.33").reason,
            "1/3 is not 0.33: too few digits for a rounding");
  EXPECT_EQ(compare_answers("x+1", "5").reason, "x+1 is not 5");
  EXPECT_EQ(compare_answers("5 or more", "5").reason,
            "5 or more cannot be compared with 5: words against a value");
  EXPECT_EQ(compare_answers("24", "24").proof, "exact");
  EXPECT_EQ(compare_answers("8/3", "2.67").proof, "numeric");
  EXPECT_EQ(compare_answers("odd", "odd").proof, "text");
  EXPECT_EQ(compare_answers("x(x+1)", "x^2+x").proof, "symbolic");
  EXPECT_EQ(compare_answers("\\sin 2x", "2\\sin x\\cos x").proof, "numeric to 360 bits");
  EXPECT_EQ(compare_answers("\\sin 2x", "2\\sin x\\cos x").proof_bits, 360);
  EXPECT_EQ(compare_answers("24", "24").reading, "number");
  EXPECT_EQ(compare_answers("\\log 100", "2").reading, "log to base 10");
}

}  // namespace
}  // namespace caco
