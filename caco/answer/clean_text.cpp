#include "caco/answer/clean_text.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

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
    Replacement{"ne", "!="},
    Replacement{"neq", "!="},
    Replacement{"lt", "<"},
    Replacement{"gt", ">"},
    Replacement{"lbrace", "{"},
    Replacement{"rbrace", "}"},
    Replacement{"lbrack", "["},
    Replacement{"rbrack", "]"},
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

constexpr std::array<std::string_view, 6> kMatrixEnvironments = {
    "pmatrix", "bmatrix", "matrix", "Bmatrix", "smallmatrix", "psmallmatrix"};

constexpr std::string_view kDegree = "\u00b0";

template <typename Table>
bool contains(const Table& table, std::string_view name) {
  return std::find(table.begin(), table.end(), name) != table.end();
}

template <typename Table>
const Replacement* find_replacement(const Table& table, std::string_view name) {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const Replacement& row) { return row.from == name; });
  return found == table.end() ? nullptr : &*found;
}

// Returns the content when the text is one group that starts with `open` and ends with `close`,
// with no `close` inside.
std::optional<std::string_view> unwrap(std::string_view text, std::string_view open,
                                       std::string_view close) {
  if (text.size() <= open.size() + close.size() || !text.starts_with(open) ||
      !text.ends_with(close)) {
    return std::nullopt;
  }
  const std::string_view inner = text.substr(open.size(), text.size() - open.size() - close.size());
  if (find_mark(inner, close, 0) != std::string_view::npos) return std::nullopt;
  return inner;
}

// Takes off delimiters around the whole answer and punctuation at its end.
std::string_view strip_wrapping(std::string_view text) {
  for (int i = 0; i < 8; ++i) {
    text = trim(text);
    std::optional<std::string_view> inner;
    for (const auto& [open, close] : {std::pair<std::string_view, std::string_view>{"$$", "$$"},
                                      {"$", "$"},
                                      {"\\(", "\\)"},
                                      {"\\[", "\\]"},
                                      {"**", "**"},
                                      {"`", "`"}}) {
      if (!inner.has_value()) inner = unwrap(text, open, close);
    }
    if (inner.has_value()) {
      text = *inner;
    } else if (!text.empty() && (text.back() == '.' || text.back() == ',' || text.back() == ';') &&
               !text.ends_with("..") && !text.ends_with("\\,") && !text.ends_with("\\;")) {
      text.remove_suffix(1);
    } else {
      break;
    }
  }
  return text;
}

void append_utf8(std::string& out, uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | ((code >> 18) & 7));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3f));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Decodes the inside of a Python string literal; escapes that are none stay as they are.
std::string decode_python_string(std::string_view inside) {
  std::string out;
  for (size_t i = 0; i < inside.size(); ++i) {
    if (inside[i] != '\\' || i + 1 >= inside.size()) {
      out += inside[i];
      continue;
    }
    const char c = inside[++i];
    const size_t num_hex = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (num_hex > 0 && i + num_hex < inside.size()) {
      uint32_t code = 0;
      bool is_hex = true;
      for (size_t k = 1; k <= num_hex; ++k) {
        const int digit = hex_value(inside[i + k]);
        is_hex = is_hex && digit >= 0;
        code = code * 16 + static_cast<uint32_t>(std::max(digit, 0));
      }
      if (is_hex) {
        append_utf8(out, code);
        i += num_hex;
        continue;
      }
    }
    switch (c) {
      case 'n':
        out += '\n';
        break;
      case 't':
        out += '\t';
        break;
      case 'r':
        out += '\r';
        break;
      case '\\':
        out += '\\';
        break;
      case '\'':
        out += '\'';
        break;
      case '"':
        out += '"';
        break;
      default:
        out += '\\';
        out += c;
    }
  }
  return out;
}

class Cleaner {
 public:
  explicit Cleaner(std::string_view raw) : raw_(raw) { result_.text.reserve(raw.size() + 8); }

  CleanText run() {
    while (at_ < raw_.size())
      step();
    return std::move(result_);
  }

 private:
  void step() {
    const char c = raw_[at_];
    if (c == '\\') return command();
    if (c == '\'' || c == '"') return quote();
    if (c == '$') return dollar();
    if (c == '{') return open_brace();
    if (c == '}') return close_brace();
    if (static_cast<signed char>(c) < 0) return unicode();
    ++at_;
    if (c == '~' || static_cast<unsigned char>(c) < 0x20) return put(' ');
    if (c != 0x7f) put(c);
  }

  void put(char c) {
    if (!is_space(c)) {
      before_last_ = last_;
      last_ = c;
    }
    result_.text += c;
  }
  void put(std::string_view text) {
    for (const char c : text)
      put(c);
  }

  // A string literal starts where a value may start and ends where one may end.
  void quote() {
    const char mark = raw_[at_];
    // A prefix (b'...', r'...') may stand between.
    const bool has_prefix = at_ > 0 && raw_[at_ - 1] == last_ &&
                            std::string_view("bru").find(last_) != std::string_view::npos;
    const char before = has_prefix ? before_last_ : last_;
    const bool may_start =
        before == '\0' || std::string_view("[({,:=").find(before) != std::string_view::npos;
    bool& is_open_ended = mark == '"' ? is_double_open_ended_ : is_single_open_ended_;
    if (!may_start || is_open_ended) return put(raw_[at_++]);
    size_t end = at_ + 1;
    while (end < raw_.size() && raw_[end] != mark)
      end += raw_[end] == '\\' ? 2U : 1U;
    if (end >= raw_.size()) {
      is_open_ended = true;
      return put(raw_[at_++]);
    }
    size_t next = end + 1;
    while (next < raw_.size() && is_space(raw_[next]))
      ++next;
    if (next < raw_.size() &&
        std::string_view(",:])};.").find(raw_[next]) == std::string_view::npos) {
      return put(raw_[at_++]);
    }
    put(kLiteralStart);
    put(std::to_string(result_.literals.size()));
    put(kLiteralEnd);
    result_.literals.push_back(decode_python_string(raw_.substr(at_ + 1, end - at_ - 1)));
    at_ = end + 1;
  }

  // `$` opens mathematics when a later `$` closes it; otherwise it is a currency. In "$5 and $6"
  // the second one stands before a digit, so that it closes nothing.
  void dollar() {
    const size_t here = at_++;
    if (here == math_end_) return;
    if (at_ < raw_.size() && raw_[at_] == '$') {  // `$$` around displayed mathematics
      ++at_;
      return;
    }
    const size_t close = find_mark(raw_, "$", at_);
    const bool closes = close != std::string_view::npos && close > at_ && raw_[close - 1] != '\\' &&
                        (close + 1 == raw_.size() || !is_digit(raw_[close + 1]));
    if (closes) {
      math_end_ = close;
    } else {
      put('$');
    }
  }

  void open_brace() {
    if (raw_.substr(at_, 3) == "{,}") {
      at_ += 3;
      return put(',');
    }
    ++at_;
    is_text_group_.push_back(false);
    put('{');
  }

  void close_brace() {
    ++at_;
    const bool is_text = !is_text_group_.empty() && is_text_group_.back();
    if (!is_text_group_.empty()) is_text_group_.pop_back();
    put(is_text ? kTextEdge : '}');
  }

  void unicode() {
    for (const Replacement& row : kUnicode) {
      if (raw_.substr(at_).starts_with(row.from)) {
        at_ += row.from.size();
        return put(row.to);
      }
    }
    put(raw_[at_++]);
  }

  void command() {
    ++at_;
    if (at_ >= raw_.size()) return;
    size_t end = at_;
    while (end < raw_.size() && is_ascii_letter(raw_[end]))
      ++end;
    if (end == at_) return symbol_command(raw_[at_++]);
    const std::string_view name = raw_.substr(at_, end - at_);
    at_ = end;
    if (contains(kTextCommands, name)) return text_command();
    if (name == "circ" || name == "degree") return degree();
    if (name == "begin" || name == "end") return environment(name == "begin");
    if (const Replacement* row = find_replacement(kCommands, name); row != nullptr) {
      return put(row->to);
    }
    put('\\');
    put(name);
  }

  void symbol_command(char c) {
    switch (c) {
      case '!':
        return;
      case ',':
      case ';':
      case ':':
      case ' ':
      case '/':
      case '(':
      case ')':
      case '[':
      case ']':
        return put(' ');
      case '\\':
        return put(kRowBreak);
      case '{':
      case '}':
      case '%':
      case '$':
      case '&':
      case '#':
      case '_':
        return put(c);
      default:
        put('\\');
        put(static_cast<unsigned char>(c) < 0x20 ? ' ' : c);
    }
  }

  void text_command() {
    while (at_ < raw_.size() && raw_[at_] == ' ')
      ++at_;
    if (at_ < raw_.size() && raw_[at_] == '{') {
      ++at_;
      is_text_group_.push_back(true);
    }
    put(kTextEdge);
  }

  // `^\circ` and `^{\circ}` become the degree sign.
  void degree() {
    std::string& out = result_.text;
    while (!out.empty() && out.back() == ' ')
      out.pop_back();
    if (out.ends_with("^{") && !is_text_group_.empty()) {
      out.resize(out.size() - 2);
      while (at_ < raw_.size() && raw_[at_] == ' ')
        ++at_;
      if (at_ < raw_.size() && raw_[at_] == '}') ++at_;
      is_text_group_.pop_back();
    } else if (out.ends_with("^")) {
      out.pop_back();
    }
    put(kDegree);
  }

  void environment(bool is_begin) {
    const size_t close = raw_.find('}', at_);
    const std::string_view rest = raw_.substr(at_);
    const bool has_name = rest.starts_with("{") && close != std::string_view::npos;
    if (has_name && contains(kMatrixEnvironments, raw_.substr(at_ + 1, close - at_ - 1))) {
      at_ = close + 1;
      return put(is_begin ? kMatrixStart : kMatrixEnd);
    }
    put(is_begin ? "\\begin" : "\\end");
  }

  std::string_view raw_;
  CleanText result_;
  size_t at_ = 0;
  char before_last_ = '\0';
  char last_ = '\0';                          // the last character put that is no space
  size_t math_end_ = std::string_view::npos;  // where the open `$` closes
  std::vector<bool> is_text_group_;           // open braces: of \text or of another group
  bool is_single_open_ended_ = false;         // no closing ' from here to the end
  bool is_double_open_ended_ = false;
};

// Plain answers ("24", "3/4", "x = 5") need no cleaning.
bool is_plain(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<signed char>(c) < 0x20 || c == 0x7f ||
           std::string_view("\\'\"${}~").find(c) != std::string_view::npos;
  });
}

}  // namespace

size_t find_mark(std::string_view text, std::string_view mark, size_t from) {
  size_t at = text.find(mark, from);
  while (at != std::string_view::npos && mark[0] == '$' && at > 0 && text[at - 1] == '\\') {
    at = text.find(mark, at + 1);
  }
  return at;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_space(text.back()))
    text.remove_suffix(1);
  return text;
}

std::string fold_case_and_space(std::string_view text) {
  std::string folded;
  folded.reserve(text.size());
  for (const char c : trim(text)) {
    if (!is_space(c)) {
      folded += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    } else if (folded.back() != ' ') {
      folded += ' ';
    }
  }
  return folded;
}

CleanText clean_answer(std::string_view raw) {
  const std::string_view stripped = strip_wrapping(raw);
  if (is_plain(stripped)) return {std::string(stripped), {}};
  CleanText clean = Cleaner(stripped).run();
  clean.text = std::string(strip_wrapping(clean.text));
  return clean;
}

}  // namespace caco
