// Cuts a Jinja template into tokens; see jinja_lexer.h. The rules of white space are those of
// trim_blocks and lstrip_blocks.
#include "caco/lm/jinja_lexer.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "caco/lm/unicode.h"

namespace caco::lm {
namespace {

constexpr size_t kMaxTemplateBytes = size_t{1} << 20;
constexpr int64_t kMaxTokensPerBlock = 1000;

bool is_space(char character) {
  return std::isspace(static_cast<unsigned char>(character)) != 0;
}
bool is_digit(char character) {
  return std::isdigit(static_cast<unsigned char>(character)) != 0;
}
bool is_name_character(char character) {
  return std::isalnum(static_cast<unsigned char>(character)) != 0 || character == '_';
}

class Lexer {
 public:
  explicit Lexer(std::string source) : source_(std::move(source)) {}

  Result<std::vector<JinjaToken>> run() {
    while (at_ < source_.size()) {
      const size_t open = find_opening();
      add_data(open);
      if (open == std::string::npos) break;
      if (source_[open + 1] == '#') {
        TRY(skip_comment());
      } else {
        TRY(read_code(source_[open + 1] == '%'));
      }
    }
    add(JinjaToken::Kind::End, "");
    return std::move(tokens_);
  }

 private:
  Error refuse(const std::string& what) {
    return Error{ErrorCode::InvalidArgument,
                 "chat template: " + what + ", line " + std::to_string(line()), ""};
  }

  int64_t line() {
    const size_t end = std::min(at_, source_.size());
    for (; counted_ < end; ++counted_)
      line_ += source_[counted_] == '\n' ? 1 : 0;
    return line_;
  }

  void add(JinjaToken::Kind kind, std::string text) {
    tokens_.push_back({kind, std::move(text), line()});
  }

  size_t find_opening() const {
    size_t open = source_.find('{', at_);
    while (open != std::string::npos) {
      const char next = open + 1 < source_.size() ? source_[open + 1] : '\0';
      if (next == '{' || next == '%' || next == '#') return open;
      open = source_.find('{', open + 1);
    }
    return open;
  }

  // Adds the text up to `open` without the white space that the block behind it takes.
  void add_data(size_t open) {
    const bool is_last = open == std::string::npos;
    std::string data = source_.substr(at_, is_last ? open : open - at_);
    const size_t opening_at = is_last ? source_.size() : open;
    const char sign = open + 2 < source_.size() && !is_last ? source_[open + 2] : '\0';
    if (!is_last && sign == '-') {
      while (!data.empty() && is_space(data.back()))
        data.pop_back();
    } else if (!is_last && sign != '+' && source_[open + 1] != '{') {
      const size_t line_begin = data.rfind('\n') + 1;  // npos + 1 is 0
      const bool begins_line = line_begin > 0 || at_ == 0 || source_[at_ - 1] == '\n';
      const bool is_blank =
          std::all_of(data.begin() + static_cast<std::ptrdiff_t>(line_begin), data.end(), is_space);
      if (begins_line && is_blank) data.resize(line_begin);
    }
    if (!data.empty()) add(JinjaToken::Kind::Data, std::move(data));
    at_ = opening_at;
  }

  // Moves behind a closing mark and the white space that it takes.
  void close(char sign, bool trims_line_end) {
    at_ += sign == '\0' ? 2 : 3;
    if (sign == '-') {
      while (at_ < source_.size() && is_space(source_[at_]))
        ++at_;
    } else if (sign == '\0' && trims_line_end && at_ < source_.size() && source_[at_] == '\n') {
      ++at_;
    }
  }

  Status skip_comment() {
    const size_t end = source_.find("#}", at_ + 2);
    if (end == std::string::npos) return refuse("a comment without an end");
    const char before = end > at_ + 2 ? source_[end - 1] : '\0';
    const char sign = before == '-' || before == '+' ? before : '\0';
    at_ = sign == '\0' ? end : end - 1;
    close(sign, /*trims_line_end=*/true);
    return {};
  }

  Status read_code(bool is_block) {
    add(is_block ? JinjaToken::Kind::BlockBegin : JinjaToken::Kind::OutputBegin, "");
    at_ += 2;
    if (at_ < source_.size() && (source_[at_] == '-' || source_[at_] == '+')) ++at_;
    const std::string closing = is_block ? "%}" : "}}";
    int64_t depth = 0;  // of open brackets
    int64_t num_tokens = 0;
    for (;;) {
      while (at_ < source_.size() && is_space(source_[at_]))
        ++at_;
      if (at_ >= source_.size()) return refuse("a block without an end");
      const char first = source_[at_];
      const bool has_sign = first == '-' || (first == '+' && is_block);
      if (depth == 0 && source_.compare(at_ + (has_sign ? 1 : 0), 2, closing) == 0) {
        add(is_block ? JinjaToken::Kind::BlockEnd : JinjaToken::Kind::OutputEnd, "");
        close(has_sign ? first : '\0', /*trims_line_end=*/is_block);
        return {};
      }
      // Trees are as deep as expressions are long, and are walked by recursion.
      if (++num_tokens > kMaxTokensPerBlock) return refuse("a block that is too long");
      TRY(read_token());
      const std::string& text = tokens_.back().text;
      if (tokens_.back().kind != JinjaToken::Kind::Operator) continue;
      if (text == "(" || text == "[" || text == "{") ++depth;
      if (text == ")" || text == "]" || text == "}") --depth;
      if (depth < 0) return refuse("a bracket that closes nothing");
    }
  }

  Status read_token() {
    const char first = source_[at_];
    if (first == '\'' || first == '"') return read_text(first);
    if (is_digit(first)) {
      read_number();
      return {};
    }
    if (is_name_character(first)) {
      const size_t begin = at_;
      while (at_ < source_.size() && is_name_character(source_[at_]))
        ++at_;
      add(JinjaToken::Kind::Name, source_.substr(begin, at_ - begin));
      return {};
    }
    constexpr std::array<std::string_view, 6> kLong = {"==", "!=", "<=", ">=", "//", "**"};
    for (std::string_view each : kLong) {
      if (source_.compare(at_, each.size(), each) != 0) continue;
      add(JinjaToken::Kind::Operator, std::string(each));
      at_ += each.size();
      return {};
    }
    if (std::string_view("+-*/%~<>=.,:|()[]{}").find(first) == std::string_view::npos) {
      return refuse(std::string("unexpected character ") + first);
    }
    add(JinjaToken::Kind::Operator, std::string(1, first));
    ++at_;
    return {};
  }

  void read_number() {
    const size_t begin = at_;
    while (at_ < source_.size() && (is_digit(source_[at_]) || source_[at_] == '_'))
      ++at_;
    bool is_float = false;
    if (at_ + 1 < source_.size() && source_[at_] == '.' && is_digit(source_[at_ + 1])) {
      is_float = true;
      ++at_;
      while (at_ < source_.size() && is_digit(source_[at_]))
        ++at_;
    }
    // An exponent, with or without a sign.
    size_t exponent = at_ + 1;
    if (exponent < source_.size() && (source_[exponent] == '+' || source_[exponent] == '-')) {
      ++exponent;
    }
    const bool has_exponent = at_ < source_.size() && (source_[at_] | 0x20) == 'e' &&
                              exponent < source_.size() && is_digit(source_[exponent]);
    if (has_exponent) {
      is_float = true;
      for (at_ = exponent; at_ < source_.size() && is_digit(source_[at_]);)
        ++at_;
    }
    std::string digits = source_.substr(begin, at_ - begin);
    std::erase(digits, '_');
    add(is_float ? JinjaToken::Kind::Float : JinjaToken::Kind::Integer, std::move(digits));
  }

  // A text with the escapes of Python.
  Status read_text(char quote) {
    std::string text;
    const int64_t first_line = line();
    for (++at_; at_ < source_.size() && source_[at_] != quote; ++at_) {
      if (source_[at_] != '\\') {
        text.push_back(source_[at_]);
        continue;
      }
      if (++at_ >= source_.size()) break;
      TRY(read_escape(text));
    }
    if (at_ >= source_.size()) return refuse("a text without an end");
    ++at_;
    tokens_.push_back({JinjaToken::Kind::Text, std::move(text), first_line});
    return {};
  }

  // The escape whose letter is at `at_`; leaves `at_` on its last character.
  Status read_escape(std::string& text) {
    constexpr std::string_view kLetters = "\\'\"abfnrtv";
    constexpr std::string_view kMeanings = "\\'\"\a\b\f\n\r\t\v";
    const char letter = source_[at_];
    const size_t index = kLetters.find(letter);
    if (index != std::string_view::npos) {
      text.push_back(kMeanings[index]);
      return {};
    }
    if (letter == '\n') return {};
    const size_t length = letter == 'x' ? 2 : letter == 'u' ? 4 : letter == 'U' ? 8 : 0;
    if (length == 0) {
      if (is_digit(letter) || letter == 'N') return refuse("an octal or named escape");
      text.push_back('\\');  // Python keeps what it does not know
      text.push_back(letter);
      return {};
    }
    const std::string digits = source_.substr(at_ + 1, length);
    const bool is_code =
        digits.size() == length && std::all_of(digits.begin(), digits.end(), [](char digit) {
          return std::isxdigit(static_cast<unsigned char>(digit)) != 0;
        });
    const unsigned long code = is_code ? std::stoul(digits, nullptr, 16) : kNumCodePoints;
    if (code >= kNumCodePoints || (code >= 0xD800 && code <= 0xDFFF)) {
      return refuse("an escape that is no character");
    }
    append_utf8(text, static_cast<uint32_t>(code));
    at_ += length;
    return {};
  }

  std::string source_;
  size_t at_ = 0;
  int64_t line_ = 1;
  size_t counted_ = 0;  // line ends before it are in line_
  std::vector<JinjaToken> tokens_;
};

}  // namespace

Result<std::vector<JinjaToken>> tokenize_jinja(std::string_view source) {
  if (source.size() > kMaxTemplateBytes) {
    return Error{ErrorCode::InvalidArgument, "chat template: too long", ""};
  }
  if (!is_utf8(source)) {
    return Error{ErrorCode::InvalidArgument, "chat template: not UTF-8", ""};
  }
  // Jinja reads all line ends as \n and leaves out one at the end of the template.
  std::string text;
  for (size_t i = 0; i < source.size(); ++i) {
    const bool is_pair = source[i] == '\r' && i + 1 < source.size() && source[i + 1] == '\n';
    if (!is_pair) text.push_back(source[i] == '\r' ? '\n' : source[i]);
  }
  if (text.ends_with('\n')) text.pop_back();
  return Lexer(std::move(text)).run();
}

}  // namespace caco::lm
