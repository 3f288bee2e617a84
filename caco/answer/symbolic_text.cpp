#include "caco/answer/symbolic_text.h"

#include <cstddef>

#include "caco/answer/clean_text.h"
#include "caco/answer/units.h"

namespace caco {
namespace {

bool is_alphanumeric(char c) {
  return is_digit(c) || is_letter(c);
}

class Normalizer {
 public:
  explicit Normalizer(std::string_view text) : text_(trim(text)) { out_.reserve(text_.size()); }

  std::string run() {
    while (at_ < text_.size())
      step();
    return std::move(out_);
  }

 private:
  void step() {
    const char c = text_[at_];
    if (is_space(c)) {
      ++at_;
      is_space_pending_ = true;
    } else if (c == '\\') {
      command();
    } else if (is_ascii_letter(c)) {
      name();
    } else if (c == '*') {
      star();
    } else if (c == '^' || c == '_') {
      ++at_;
      put(c);
      argument();
    } else {
      ++at_;
      put(c == '{' ? '(' : c == '}' ? ')' : c);
    }
  }

  // A blank stays where without it two words or two numbers would run together.
  void put(char c) {
    if (is_space_pending_ && !out_.empty()) {
      const char before = out_.back();
      const bool parts_words = is_letter(before) && is_alphanumeric(c);
      const bool parts_numbers = is_digit(before) && is_digit(c);
      if (parts_words || parts_numbers) out_ += ' ';
    }
    is_space_pending_ = false;
    out_ += c;
  }

  std::string_view read_letters() {
    const size_t start = at_;
    while (at_ < text_.size() && is_ascii_letter(text_[at_]))
      ++at_;
    return text_.substr(start, at_ - start);
  }

  void command() {
    ++at_;
    put('\\');
    const std::string_view word = read_letters();
    out_ += word;
    const bool is_fraction = word == "frac";
    if (is_fraction || (word == "sqrt" && peek() != '[')) {
      argument();
      if (is_fraction) argument();
    }
  }

  // "sqrt(2)" and "2*pi" as LaTeX would write them.
  void name() {
    const size_t start = at_;
    const std::string_view word = read_letters();
    if (!is_math_name(word)) {
      at_ = start;
      while (at_ < start + word.size())
        put(text_[at_++]);
      return;
    }
    is_space_pending_ = false;
    put('\\');
    out_ += word;
  }

  void star() {
    ++at_;
    if (at_ < text_.size() && text_[at_] == '*') {
      ++at_;
      put('^');
      return argument();
    }
    const char next = peek();
    const bool is_product_clear = !out_.empty() &&
                                  (is_alphanumeric(out_.back()) || out_.back() == ')') &&
                                  (is_letter(next) || next == '(' || next == '\\');
    if (!is_product_clear) return put('*');
    // "a*b" becomes "a b", so that it is not the name "ab".
    is_space_pending_ = true;
  }

  char peek() {
    size_t next = at_;
    while (next < text_.size() && is_space(text_[next]))
      ++next;
    return next < text_.size() ? text_[next] : '\0';
  }

  // Puts the next argument of a command in brackets: `\frac12` as `\frac{1}{2}`, `x^{2}` as `x^2`.
  void argument() {
    const char next = peek();
    if (!is_alphanumeric(next) || static_cast<signed char>(next) < 0) return;
    while (is_space(text_[at_]))
      ++at_;
    // After `^`, plain text means the whole number where LaTeX means its first digit: as written.
    is_space_pending_ = false;
    if (out_.back() == '^' || out_.back() == '_') {
      const size_t start = at_;
      while (at_ < text_.size() && is_digit(text_[at_]))
        ++at_;
      if (at_ == start) ++at_;
      out_ += '(';
      out_ += text_.substr(start, at_ - start);
      out_ += ')';
      return;
    }
    out_ += '(';
    out_ += text_[at_++];
    out_ += ')';
  }

  std::string_view text_;
  std::string out_;
  size_t at_ = 0;
  bool is_space_pending_ = false;
};

}  // namespace

std::string normal_symbolic_text(std::string_view clean) {
  return Normalizer(clean).run();
}

}  // namespace caco
