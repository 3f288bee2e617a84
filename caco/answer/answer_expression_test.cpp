// Expressions, equations, inequalities, intervals and matrices through the public face: rows of
// pairs with the verdict that mathematics or our stated policy gives them, in both directions.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "caco/answer/answer.h"

namespace caco {
namespace {

struct Row {
  std::string left;
  std::string right;
};

void check(Equality expected, const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    const AnswerComparison forth = compare_answers(row.left, row.right);
    const AnswerComparison back = compare_answers(row.right, row.left);
    EXPECT_EQ(to_string(forth.equality), to_string(expected)) << forth.reason;
    EXPECT_EQ(to_string(back.equality), to_string(expected)) << back.reason;
    EXPECT_EQ(forth.proof, back.proof);
    EXPECT_EQ(forth.proof.empty(), expected == Equality::Unknown);
  }
}

TEST(AnswerExpression, ExpressionsThatAreEqual) {
  check(Equality::Equal,
        {
            {"2*3", "6"},
            {"\\frac{x+2}{7}", "(x+2)/7"},
            {"(r+5)^2", "r^2+10r+25"},
            {"(1)(2)", "2"},
            {"a-(b-c)", "a-b+c"},
            {"x>3", "3<x"},
            {"x>3", "(3,\\infty)"},
            {"2<x<5", "(2,5)"},
            {"2 \\le x < 5", "[2,5)"},
            {"x<2 \\text{ or } x>3", "(-\\infty,2)\\cup(3,\\infty)"},
            {"(2 <= x) & (x < 5)", "[2,5)"},
            {"101_2", "5"},
            {"101_2", "101_{2}"},
            {"101_{\\text{two}}", "101_2"},
            {"0.\\overline{3}", "1/3"},
            {"5^(5^(5^5))", "5^{5^{5^{5}}}"},
            {"\\sqrt{5+2\\sqrt6}", "\\sqrt2+\\sqrt3"},
            {"\\sqrt[3]{2+\\sqrt5}+\\sqrt[3]{2-\\sqrt5}", "1"},
            {"e^{i\\pi}+1", "0"},
            {"\\ln 8", "3\\ln 2"},
            {"\\cos(\\pi/5)", "\\frac{1+\\sqrt5}{4}"},
            {"\\cos\\frac{2\\pi}{7}+\\cos\\frac{4\\pi}{7}+\\cos\\frac{6\\pi}{7}", "-1/2"},
            {"\\frac{\\sqrt{2}}{2}", "1/\\sqrt{2}"},
            {"\\pi", "3.14159265"},
            {"\\pi", "3.14159"},
            {"\\pi", "3.14"},
            {"\\sin 2x", "2\\sin x\\cos x"},
            {"\\sin^2 x", "1-\\cos^2 x"},
            {"2*sqrt(3)/3", "\\frac{2}{\\sqrt{3}}"},
            {"x = 1 \\pm \\sqrt{2}", "x = 1+\\sqrt2, x = 1-\\sqrt2"},
            {"1 \\pm \\sqrt{2}", "1-\\sqrt{2}, 1+\\sqrt{2}"},
            {"y = 2x+1", "2x - y + 1 = 0"},
            {"y = 2x+1", "y=1+2x"},
            {"3x+2y=6", "6x+4y=12"},
            {"2x+1", "y = 2x+1"},
            {"45^\\circ", "\\pi/4"},
            {"1 hour", "60 minutes"},
            {"5 km", "5000 m"},
            {"60 mph", "88 ft/s"},
            {"(1+2j)", "1+2i"},
            {"2+3*I", "2+3i"},
            {"\\binom{10}{3}", "120"},
            {"5!", "120"},
            {"2^{10}", "1024"},
            {"\\sqrt{16}", "4"},
            {"|x-3|", "|3-x|"},
            {"\\sqrt{x^2}", "|x|"},
            {"\\frac{2}{3}\\pi", "2*pi/3"},
            {"\\log_2 8", "3"},
            {"\\log_{10} 100", "2"},
            {"8^{1/3}", "2"},
            {"(-8)^{1/3}", "-2"},
            {"\\{x : x > 3\\}", "x>3"},
            {"\\mathbb{R}", "(-\\infty,\\infty)"},
            {"x \\in [-2,7]", "[-2,7]"},
            {"Interval.open(0, 1)", "(0,1)"},
            {"\\begin{pmatrix} 1 & \\sqrt{4} \\\\ 3 & 4 \\end{pmatrix}", "[[1,2],[3,4]]"},
            {"ps", "p \\cdot s"},
            {"xy", "yx"},
            {"10\\sqrt{2}\\text{ cm}", "10\\sqrt 2"},
            {"5\\pi\\text{ cm}^2", "5\\pi"},
            {"\\frac{1}{2}\\ln 2", "\\ln\\sqrt{2}"},
            {"1-\\frac{1}{e}", "1-\\frac{1}{\\mathrm{e}}"},
            {"C_n", "C_n"},
            {"a_1+a_2", "a_2+a_1"},
            {"(x+1)(x-1)", "x^2-1"},
            {"\\frac{x^2-1}{x-1}", "x+1"},
            {"n(n+1)/2", "\\frac{n^2+n}{2}"},
            {"2^{x+1}", "2 \\cdot 2^x"},
            {"e^{x+y}", "e^x e^y"},
            {"exp(2*x)", "e^{2x}"},
            {"sqrt(3)*I", "i\\sqrt{3}"},
            {"x^{-1}", "1/x"},
            {"\\tan x", "\\frac{\\sin x}{\\cos x}"},
            {"(-1)^n", "\\cos(n\\pi)"},
            {"n!", "n\\cdot(n-1)!"},
            {"\\frac{3}{2}\\%", "0.015"},
            {"x \\ne 3", "(-\\infty,3)\\cup(3,\\infty)"},
            {"y=\\frac12x+3", "x-2y+6=0"},
            {"1/2x", "x/2"},
            {"1/2x", "1/(2x)"},
            {"10,000\\pi", "10000\\pi"},
            {"(1, \\pi)", "(1, pi)"},
            {"\\{1, \\sqrt2\\}", "\\{\\sqrt2, 1\\}"},
            {"x=1,2", "x=2 \\text{ or } x=1"},
            {"1.5\\times10^{3}\\pi", "1500\\pi"},
            {"3.33x", "\\frac{10}{3}x"},
            {"[sqrt(2), pi]", "\\sqrt{2}, \\pi"},
            {"1.4142135623730951", "\\sqrt2"},
            {"-\\frac{1}{2}+\\frac{\\sqrt{3}}{2}i", "-1/2 + sqrt(3)*I/2"},
            {"\\frac{\\pi}{6}+k\\pi", "\\pi k + \\pi/6"},
            {"(x+2)^2+(y-3)^2=25", "x^2+4x+y^2-6y-12=0"},
            {"$\\frac{\\sqrt{3}}{3}$", "\\frac{1}{\\sqrt{3}}"},
            {"\\max(2,3)", "3"},
            {"\\lfloor 2.5 \\rfloor", "2"},
            {"-x > 3", "x < -3"},
            {"2x > 6", "x > 3"},
            {"p=3q", "p = 3q"},
            {"f(x)=x^2", "x^2"},
            {"f(x)=x^2", "y=x^2"},
            {"AB = 5", "5"},
            {"xy = 5", "yx = 5"},
            {"2\\cdot 3\\cdot 7", "42"},
            {"2^3 \\cdot 3", "24"},
            {"\\dfrac{9}{7}", "9/7"},
            {"a=1 \\text{ or } a=-2", "a=-2,1"},
            {"4 \\frac{1}{2}", "9/2"},
            {"4.5\\%", "0.045"},
            {"0.5\\pi", "\\frac{\\pi}{2}"},
            {"\\frac{n(n-1)(n-2)}{6}", "\\binom{n}{3}"},
            {"x = 5", "5"},
            {"5 = x", "x=5"},
            {"k = \\frac{1}{2}", "0.5"},
            {"x**2 + 1", "x^2+1"},
            {"\\{1,1,2\\}", "\\{2,1\\}"},
            {"\\{\\pm 2\\}", "\\{-2,2\\}"},
            {"[0,2]\\cup[1,3]", "[0,3]"},
            {"]0,1[", "(0,1)"},
            {"2\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}", "[2, 4]"},
            {"0xff", "255"},
            {"FF_{16}", "255"},
            {"twenty-one", "21"},
            {"(x,y)=(3,4)", "(3,4)"},
            {"\\langle 1,2,3\\rangle", "(1,2,3)"},
            {"f(x)=3x", "y=3x"},
            {"x < 3", "(-\\infty, 3)"},
        });
}

TEST(AnswerExpression, ExpressionsThatDiffer) {
  check(Equality::Different, {
                                 {"\\frac{x+2}{7}", "\\frac{x+3}{7}"},
                                 {"10\\sqrt 2", "10\\sqrt 3"},
                                 {"4", "4\\sqrt{2}"},
                                 {"(r+5)^2", "(r+5)^3"},
                                 {"x(y+1)", "xy+1"},
                                 {"(1)(2)", "12"},
                                 {"a-(b-c)", "a-b-c"},
                                 {"x>3", "x<3"},
                                 {"x\\ge 3", "x>3"},
                                 {"1/2004!", "1/2006!"},
                                 {"\\frac{1}{2}x", "\\frac{1}{2x}"},
                                 {"0.\\overline{3}", "0.3"},
                                 {"x+1", "5"},
                                 {"\\pi", "3.15"},
                                 {"3x+2y=6", "3x+2y=7"},
                                 {"3*x-1*y+13=0", "3x+4y+14=0"},
                                 {"5 km", "5 m"},
                                 {"\\sqrt{x^2}", "x"},
                                 {"ps", "sp"},
                                 {"1-1/\\mathrm e", "1+1/\\mathrm e"},
                                 {"(2^2005+1)/(3*2^2006)", "1/(3*2^2006)"},
                                 {"1/2^99", "1/2^98"},
                                 {"(-1)^n", "(-1)^{n+1}"},
                                 {"(1, \\pi)", "(1, e)"},
                                 {"1.4142135623730951", "\\sqrt3"},
                                 {"-x > 3", "x > -3"},
                                 {"\\infty", "-\\infty"},
                                 {"\\infty", "x"},
                                 {"(0,1)\\cup(2,3)", "(0,3)"},
                                 {"\\mathbb{R}", "(-\\infty,0)\\cup(0,\\infty)"},
                                 {"two circles", "three circles"},
                                 {"east", "northeast"},
                             });
}

TEST(AnswerExpression, ExpressionsThatAreOpen) {
  check(Equality::Unknown, {
                               {"101_2", "101"},
                               {"1112112_3", "1112113_3"},
                               {"5^(5^(5^5))", "5"},
                               {"1:2:3", "1:4:9"},
                               {"2003^{2002^{2001}}", "3"},
                               {"x+y", "a+b"},
                               {"1,2,\\ldots,n", "1,3,5,\\ldots,2n-1"},
                               {"sin(x)", "\\sin y"},
                               {"no solution", "none exist"},
                               {"xy = 5", "5"},
                               {"x = 5", "y = 5"},
                               {"x>3", "y>3"},
                               {"1/0", "5"},
                               {"ab", "ba"},
                               {"1e99999999999", "1e99999999998"},
                               {"4 10/3", "10"},
                               {"2 2/3/4", "2"},
                           });
}

}  // namespace
}  // namespace caco
