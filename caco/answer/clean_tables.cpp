#include "caco/answer/clean_tables.h"

#include <array>

#include "caco/answer/text_pieces.h"

namespace caco {
namespace {

struct Replacement {
  std::string_view from;
  std::string_view to;
};

// Characters outside ASCII that have one meaning in answers.
constexpr std::array kUnicode = {
    Replacement{"\u2212", "-"},
    Replacement{"\u2013", "-"},
    Replacement{"\u2010", "-"},
    Replacement{"\u2011", "-"},
    Replacement{"\u00d7", "*"},
    Replacement{"\u00b7", "*"},
    Replacement{"\u22c5", "*"},
    Replacement{"\u00f7", "/"},
    Replacement{"\u2044", "/"},
    Replacement{"\u2215", "/"},
    Replacement{"\u00a0", " "},
    Replacement{"\u2009", " "},
    Replacement{"\u202f", " "},
    Replacement{"\u2002", " "},
    Replacement{"\u2003", " "},
    Replacement{"\u200b", ""},
    Replacement{"\u2061", ""},
    Replacement{"\ufeff", ""},
    Replacement{"\u221e", " infinity "},
    Replacement{"\u03c0", "\\pi "},
    Replacement{"\u221a", "\\sqrt "},
    Replacement{"\u2205", "\\emptyset "},
    Replacement{"\u2026", "..."},
    Replacement{"\u22ef", "..."},
    Replacement{"\uff1a", ":"},
    Replacement{"\u2236", ":"},
    Replacement{"\uff08", "("},
    Replacement{"\uff09", ")"},
    Replacement{"\uff0d", "-"},
    Replacement{"\u2032", "'"},
    Replacement{"\u03a9", "ohm"},
    Replacement{"\u2126", "ohm"},
    Replacement{"\u00ee", "\\basishati "},
    Replacement{"\u0135", "\\basishatj "},
    Replacement{"\u207b\u00b2", "^{-2}"},
    Replacement{"\u2248", "\b"},
    Replacement{"\u2229", "\\cap "},
    Replacement{"\u2216", "\\setminus "},
    Replacement{"\u27e8", "("},
    Replacement{"\u27e9", ")"},
    Replacement{"\u03b1", "\\alpha "},
    Replacement{"\u03b2", "\\beta "},
    Replacement{"\u03b8", "\\theta "},
    Replacement{"\u03c6", "\\phi "},
    Replacement{"\u03bb", "\\lambda "},
    Replacement{"\u03c9", "\\omega "},
    Replacement{"\u2074", "^4"},
    Replacement{"\u207b\u00b9", "^{-1}"},
    Replacement{"\u2264", "<="},
    Replacement{"\u2265", ">="},
    Replacement{"\u2260", "!="},
    Replacement{"\u00b2", "^2"},
    Replacement{"\u00b3", "^3"},
    Replacement{"\u201c", "\""},
    Replacement{"\u201d", "\""},
    Replacement{"\u2018", "'"},
    Replacement{"\u2019", "'"},
    Replacement{"\u00ba", "\u00b0"},
    Replacement{"\uff05", "%"},
    Replacement{"\uff0c", ","},
    Replacement{"\uff1d", "="},
    Replacement{"\u222a", "\\cup "},
    Replacement{"\u2208", "\\in "},
    Replacement{"\u00b1", "\\pm "},
    Replacement{"\u00bd", "\\frac{1}{2}"},
    Replacement{"\u00bc", "\\frac{1}{4}"},
    Replacement{"\u00be", "\\frac{3}{4}"},
    Replacement{"\u2153", "\\frac{1}{3}"},
    Replacement{"\u2154", "\\frac{2}{3}"},
    Replacement{"\u2155", "\\frac{1}{5}"},
    Replacement{"\u2156", "\\frac{2}{5}"},
    Replacement{"\u2157", "\\frac{3}{5}"},
    Replacement{"\u2158", "\\frac{4}{5}"},
    Replacement{"\u2159", "\\frac{1}{6}"},
    Replacement{"\u215a", "\\frac{5}{6}"},
    Replacement{"\u215b", "\\frac{1}{8}"},
    Replacement{"\u215c", "\\frac{3}{8}"},
    Replacement{"\u215d", "\\frac{5}{8}"},
    Replacement{"\u215e", "\\frac{7}{8}"},
};

// LaTeX commands that have a plain spelling.
constexpr std::array kCommands = {
    Replacement{"left", ""},
    Replacement{"right", ""},
    Replacement{"big", ""},
    Replacement{"Big", ""},
    Replacement{"bigl", ""},
    Replacement{"bigr", ""},
    Replacement{"Bigl", ""},
    Replacement{"Bigr", ""},
    Replacement{"bigg", ""},
    Replacement{"Bigg", ""},
    Replacement{"displaystyle", ""},
    Replacement{"textstyle", ""},
    Replacement{"limits", ""},
    Replacement{"dfrac", "\\frac"},
    Replacement{"tfrac", "\\frac"},
    Replacement{"cfrac", "\\frac"},
    Replacement{"cdot", "*"},
    Replacement{"times", "*"},
    Replacement{"ast", "*"},
    Replacement{"div", "/"},
    Replacement{"infty", " infinity "},
    Replacement{"le", "<="},
    Replacement{"leq", "<="},
    Replacement{"ge", ">="},
    Replacement{"geq", ">="},
    Replacement{"leqslant", "<="},
    Replacement{"geqslant", ">="},
    Replacement{"leqq", "<="},
    Replacement{"geqq", ">="},
    Replacement{"ne", "!="},
    Replacement{"neq", "!="},
    Replacement{"lt", "<"},
    Replacement{"gt", ">"},
    Replacement{"lbrace", "{"},
    Replacement{"rbrace", "}"},
    Replacement{"lbrack", "["},
    Replacement{"rbrack", "]"},
    Replacement{"approx", "\b"},
    Replacement{"langle", "("},
    Replacement{"rangle", ")"},
    Replacement{"mleft", ""},
    Replacement{"mright", ""},
    Replacement{"colon", ":"},
    Replacement{"sim", "="},
    Replacement{"simeq", "\b"},
    Replacement{"approxeq", "\b"},
    Replacement{"thickapprox", "\b"},
    Replacement{"nonumber", ""},
    Replacement{"arraystretch", ""},
    Replacement{"dots", "\\ldots"},
    Replacement{"dotsc", "\\ldots"},
    Replacement{"quad", " "},
    Replacement{"qquad", " "},
    Replacement{"dollar", "$"},
    Replacement{"euro", "\u20ac"},
    Replacement{"pounds", "\u00a3"},
};

// Commands whose braces hold words or a styled answer.
constexpr std::array<std::string_view, 16> kTextCommands = {
    "text",   "textbf", "textit", "textrm", "texttt",       "textnormal", "mbox", "hbox",
    "mathrm", "mathbf", "mathit", "mathsf", "operatorname", "boxed",      "fbox", "emph"};

constexpr std::array<std::string_view, 9> kMatrixEnvironments = {
    "pmatrix",     "bmatrix",      "matrix",       "Bmatrix", "vmatrix",
    "smallmatrix", "psmallmatrix", "bsmallmatrix", "array"};

}  // namespace

TextReplacement find_character(std::string_view text) {
  for (const Replacement& row : kUnicode) {
    if (text.starts_with(row.from)) return {row.to, row.from.size(), true};
  }
  return {};
}

TextReplacement find_command(std::string_view name) {
  for (const Replacement& row : kCommands) {
    if (row.from == name) return {row.to, name.size(), true};
  }
  return {};
}

bool is_text_command(std::string_view name) {
  return is_among(kTextCommands, name);
}

bool is_matrix_environment(std::string_view name) {
  return is_among(kMatrixEnvironments, name);
}

}  // namespace caco
