#include "caco/answer/clean_text.h"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "caco/answer/clean_tables.h"

namespace caco {
namespace {

constexpr std::string_view kDegree = "\u00b0";

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
    if (const TextReplacement found = find_character(raw_.substr(at_)); found.is_found) {
      at_ += found.num_bytes;
      return put(found.to);
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
    if (is_text_command(name)) return text_command();
    if (name == "circ" || name == "degree") return degree();
    if (name == "begin" || name == "end") return environment(name == "begin");
    if (const TextReplacement found = find_command(name); found.is_found) return put(found.to);
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
    if (has_name && is_matrix_environment(raw_.substr(at_ + 1, close - at_ - 1))) {
      const bool has_columns = is_begin && raw_.substr(at_ + 1, close - at_ - 1) == "array";
      at_ = close + 1;
      const size_t end = has_columns && at_ < raw_.size() && raw_[at_] == '{'
                             ? raw_.find('}', at_)
                             : std::string_view::npos;
      if (end != std::string_view::npos) at_ = end + 1;
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
