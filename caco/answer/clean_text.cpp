#include "caco/answer/clean_text.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

#include "caco/answer/clean_tables.h"
#include "caco/answer/python_string.h"
#include "caco/answer/text_pieces.h"

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

// Takes off what says that an amount follows, or about: "= 5", "about 5", `\approx 5`.
std::string_view strip_approximation(std::string_view text) {
  if (text.size() < 2) return text;
  if (text[0] == '=' && text[1] != '=' && text[1] != '>' && text[1] != '<') {
    return trim(text.substr(1));
  }
  const char c = text[0];
  if (c != '\\' && c != 'a' && c != 'A' && c != '~' && static_cast<signed char>(c) >= 0)
    return text;
  for (const std::string_view word : {"\\approx", "\\sim", "\u2248", "~", "about ", "About ",
                                      "approximately ", "Approximately ", "approx. ", "approx "}) {
    if (!text.starts_with(word)) continue;
    const std::string_view rest = trim(text.substr(word.size()));
    const bool is_amount = !rest.empty() && (is_digit(rest[0]) || rest[0] == '.' ||
                                             rest[0] == '$' || rest[0] == '-' || rest[0] == '\\');
    if (is_amount && !is_ascii_letter(text[word.size()])) return rest;
    if (is_amount && word.back() == ' ') return rest;
  }
  return text;
}

// Takes off delimiters around the whole answer and punctuation at its end.
std::string_view strip_wrapping(std::string_view text) {
  for (int i = 0; i < 8; ++i) {
    text = strip_approximation(trim(text));
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
    // A circumflex over the letter before.
    const std::string& out = result_.text;
    if (raw_.substr(at_).starts_with("\u0302") && !out.empty() && out.back() >= 'i' &&
        out.back() <= 'k') {
      const char letter = out.back();
      result_.text.pop_back();
      at_ += 2;
      put("\\basishat");
      put(letter);
      return put(' ');
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
    if (basis_vector(name)) return;
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
        // `32,\! 349`: the blank belongs to the space taken back.
        while (last_ == ',' && at_ < raw_.size() && raw_[at_] == ' ')
          ++at_;
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

  // `\mathbf{i}`, `\hat{\mathbf{j}}`, `\vec k`, `\hat{\imath}`: a basis vector.
  bool basis_vector(std::string_view name) {
    static constexpr std::array<std::string_view, 7> kMarks = {
        "hat", "widehat", "vec", "mathbf", "boldsymbol", "bm", "overrightarrow"};
    static constexpr std::array<std::string_view, 3> kHats = {"hat", "widehat", "vec"};
    bool has_hat = false;
    size_t num_braces = 0;
    size_t at = at_;
    char letter = '\0';
    for (int i = 0; i < 4 && letter == '\0'; ++i) {
      if (!is_among(kMarks, name)) return false;
      has_hat = has_hat || is_among(kHats, name);
      while (at < raw_.size() && (raw_[at] == ' ' || raw_[at] == '{'))
        num_braces += raw_[at++] == '{' ? 1U : 0U;
      size_t end = at + 1;
      while (end < raw_.size() && is_ascii_letter(raw_[end]))
        ++end;
      if (at >= raw_.size()) return false;
      if (raw_[at] == '\\') {
        name = raw_.substr(at + 1, end - at - 1);
        at = end;
        if (name == "imath" || name == "jmath") letter = name[0];
      } else if (raw_[at] >= 'i' && raw_[at] <= 'k' && (end == at + 1 || num_braces == 0)) {
        letter = raw_[at++];
      } else {
        return false;
      }
    }
    for (; num_braces > 0; --num_braces) {
      while (at < raw_.size() && raw_[at] == ' ')
        ++at;
      if (at >= raw_.size() || raw_[at++] != '}') return false;
    }
    if (letter == '\0') return false;
    at_ = at;
    put(has_hat ? "\\basishat" : "\\basis");
    put(letter);
    put(' ');
    return true;
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
      const bool is_determinant = raw_.substr(at_ + 1, close - at_ - 1) == "vmatrix";
      if (is_determinant && is_begin) put("\\det ");
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
  const std::optional<std::string> written = unescaped(stripped);
  CleanText clean = Cleaner(written.has_value() ? strip_wrapping(*written) : stripped).run();
  clean.text = std::string(strip_wrapping(clean.text));
  return clean;
}

}  // namespace caco
