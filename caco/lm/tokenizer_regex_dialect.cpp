// Rewrites an expression of Oniguruma's dialect for PCRE2; see tokenizer_regex.h.
//
// Sources: the syntax pages of the two libraries (Oniguruma 6.9 "RE", PCRE2 10.42 "pcre2pattern").
// What is known to differ:
//   \s        PCRE2 adds U+180E; Oniguruma means White_Space
//   \w        Oniguruma: Alphabetic, marks, decimal digits, connectors; PCRE2: L, N and "_"
//   \h, \v    hexadecimal digit and U+000B, against horizontal and vertical white space
//   \p{Han}   PCRE2 means Script_Extensions, Oniguruma Script
//   \p{L}     the format's library has a later version of Unicode: what it adds is written out
//   {,n} {n}? {n}+   other quantifiers
//   (?m) [a[b]] [a&&b]   "dot takes line ends", union, intersection
//   (?i)      Oniguruma also folds one character into several ("ss" and U+00DF)
#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "caco/lm/tokenizer_regex.h"
#include "caco/lm/unicode.h"

namespace caco::lm {
namespace {

constexpr size_t kMaxPatternBytes = 1 << 16;
constexpr const char* kWordClass = R"(\p{Alphabetic}\p{M}\p{Nd}\p{Pc})";

struct Property {
  const char* name;  // lower case without '_', '-' and spaces
  const char* translated;
};

constexpr Property kProperties[] = {
    {"l", "L"},
    {"letter", "L"},
    {"lu", "Lu"},
    {"uppercaseletter", "Lu"},
    {"ll", "Ll"},
    {"lowercaseletter", "Ll"},
    {"lt", "Lt"},
    {"titlecaseletter", "Lt"},
    {"lm", "Lm"},
    {"modifierletter", "Lm"},
    {"lo", "Lo"},
    {"otherletter", "Lo"},
    {"m", "M"},
    {"mark", "M"},
    {"mn", "Mn"},
    {"nonspacingmark", "Mn"},
    {"mc", "Mc"},
    {"spacingmark", "Mc"},
    {"me", "Me"},
    {"enclosingmark", "Me"},
    {"n", "N"},
    {"number", "N"},
    {"nd", "Nd"},
    {"decimalnumber", "Nd"},
    {"nl", "Nl"},
    {"letternumber", "Nl"},
    {"no", "No"},
    {"othernumber", "No"},
    {"p", "P"},
    {"punctuation", "P"},
    {"pc", "Pc"},
    {"connectorpunctuation", "Pc"},
    {"pd", "Pd"},
    {"dashpunctuation", "Pd"},
    {"ps", "Ps"},
    {"openpunctuation", "Ps"},
    {"pe", "Pe"},
    {"closepunctuation", "Pe"},
    {"pi", "Pi"},
    {"initialpunctuation", "Pi"},
    {"pf", "Pf"},
    {"finalpunctuation", "Pf"},
    {"po", "Po"},
    {"otherpunctuation", "Po"},
    {"s", "S"},
    {"symbol", "S"},
    {"sm", "Sm"},
    {"mathsymbol", "Sm"},
    {"sc", "Sc"},
    {"currencysymbol", "Sc"},
    {"sk", "Sk"},
    {"modifiersymbol", "Sk"},
    {"so", "So"},
    {"othersymbol", "So"},
    {"z", "Z"},
    {"separator", "Z"},
    {"zs", "Zs"},
    {"spaceseparator", "Zs"},
    {"zl", "Zl"},
    {"lineseparator", "Zl"},
    {"zp", "Zp"},
    {"paragraphseparator", "Zp"},
    {"cc", "Cc"},
    {"cf", "Cf"},
    {"alpha", "Alphabetic"},
    {"alphabetic", "Alphabetic"},
    {"space", "White_Space"},
    {"whitespace", "White_Space"},
    {"digit", "Nd"},
    {"han", "sc:Han"},
    {"hiragana", "sc:Hiragana"},
    {"katakana", "sc:Katakana"},
    {"hangul", "sc:Hangul"},
    {"bopomofo", "sc:Bopomofo"},
    {"latin", "sc:Latin"},
    {"greek", "sc:Greek"},
    {"cyrillic", "sc:Cyrillic"},
    {"arabic", "sc:Arabic"},
    {"hebrew", "sc:Hebrew"},
    {"thai", "sc:Thai"},
    {"lao", "sc:Lao"},
    {"khmer", "sc:Khmer"},
    {"myanmar", "sc:Myanmar"},
    {"devanagari", "sc:Devanagari"},
};

// Pairs of letters to which some single character folds.
constexpr std::array<const char*, 5> kFoldingPairs = {"ss", "st", "ff", "fi", "fl"};

class Translator {
 public:
  explicit Translator(std::string_view pattern) : in_(pattern) {}

  Result<std::string> run() {
    if (in_.size() > kMaxPatternBytes) return refuse("too long");
    if (in_.starts_with("(?i)")) {
      at_ = 4;
      out_ = "(?i)";
      caseless_.back() = true;
    }
    while (at_ < in_.size())
      TRY(translate_item());
    return std::move(out_);
  }

 private:
  Error refuse(const std::string& what) const {
    return Error{ErrorCode::InvalidArgument,
                 "expression is not supported: " + what + ", at " + std::to_string(at_) + ": " +
                     std::string(in_.substr(0, 200)),
                 ""};
  }

  bool rest_starts_with(std::string_view what) const { return in_.substr(at_).starts_with(what); }
  bool is_caseless() const { return caseless_.back(); }

  Status translate_item() {
    const char character = in_[at_];
    // Letters side by side matter under (?i); anything else between them resets the pair.
    if (std::isalpha(static_cast<unsigned char>(character)) == 0) previous_letter_ = '\0';
    switch (character) {
      case '\\':
        return translate_escape(/*in_class=*/false);
      case '[':
        return translate_class();
      case '(':
        return translate_group();
      case ')':
        if (caseless_.size() > 1) caseless_.pop_back();
        break;
      case '{':
        return translate_interval();
      default:
        return translate_literal();
    }
    out_.push_back(in_[at_++]);
    return {};
  }

  Status translate_literal() {
    const unsigned char character = static_cast<unsigned char>(in_[at_]);
    if (is_caseless()) {
      if (character >= 0x80) return refuse("(?i) on a character outside ASCII");
      const std::array<char, 3> pair = {previous_letter_,
                                        static_cast<char>(std::tolower(character)), '\0'};
      for (const char* folding : kFoldingPairs) {
        if (std::string_view(folding) == pair.data())
          return refuse("(?i) on the letters " + std::string(folding));
      }
      previous_letter_ = std::isalpha(character) != 0 ? pair[1] : '\0';
    }
    out_.push_back(in_[at_++]);
    return {};
  }

  Status translate_group() {
    bool is_caseless_group = is_caseless();
    std::string_view opening = "(";
    if (rest_starts_with("(?")) {
      constexpr std::array<std::string_view, 7> kOpenings = {
          "(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>", "(?i:"};
      const auto found =
          std::find_if(kOpenings.begin(), kOpenings.end(),
                       [&](std::string_view each) { return rest_starts_with(each); });
      if (found == kOpenings.end()) return refuse("group " + std::string(in_.substr(at_, 4)));
      opening = *found;
      if (opening == "(?i:") is_caseless_group = true;
    } else if (rest_starts_with("(*")) {
      return refuse("group (*");
    }
    caseless_.push_back(is_caseless_group);
    out_ += opening;
    at_ += opening.size();
    return {};
  }

  // {n}, {n,}, {n,m} and {,n}; the last is written {0,n} for PCRE2.
  Status translate_interval() {
    size_t end = at_ + 1;
    while (end < in_.size() && std::isdigit(static_cast<unsigned char>(in_[end])) != 0)
      ++end;
    const bool has_low = end > at_ + 1;
    bool has_comma = false;
    bool has_high = false;
    if (end < in_.size() && in_[end] == ',') {
      has_comma = true;
      const size_t high = ++end;
      while (end < in_.size() && std::isdigit(static_cast<unsigned char>(in_[end])) != 0)
        ++end;
      has_high = end > high;
    }
    const bool is_interval = end < in_.size() && in_[end] == '}' && (has_low || has_high);
    if (!is_interval) return refuse("a brace that is no interval");
    ++end;
    const char next = end < in_.size() ? in_[end] : '\0';
    if (next == '+' || (next == '?' && !has_comma)) return refuse("a suffix of an interval");
    out_ += has_low ? "{" : "{0";
    out_ += in_.substr(at_ + 1, end - at_ - 1);
    at_ = end;
    return {};
  }

  Status translate_class() {
    out_.push_back(in_[at_++]);
    if (at_ < in_.size() && in_[at_] == '^') out_.push_back(in_[at_++]);
    bool is_first = true;
    for (; at_ < in_.size(); is_first = false) {
      const unsigned char character = static_cast<unsigned char>(in_[at_]);
      if (character == ']' && !is_first) {
        out_.push_back(in_[at_++]);
        return {};
      }
      if (character == '[') return refuse("a class in a class");
      if (rest_starts_with("&&")) return refuse("an intersection of classes");
      if (character == '\\') {
        TRY(translate_escape(/*in_class=*/true));
        continue;
      }
      if (character >= 0x80 && is_caseless()) return refuse("(?i) on a character outside ASCII");
      out_.push_back(in_[at_++]);
    }
    return refuse("a class without an end");
  }

  Status translate_escape(bool in_class) {
    if (at_ + 1 == in_.size()) return refuse("a backslash at the end");
    const char character = in_[at_ + 1];
    const unsigned char byte = static_cast<unsigned char>(character);
    const auto replace = [&](const std::string& by) -> Status {
      out_ += by;
      at_ += 2;
      return {};
    };
    const auto word = [] {
      std::string members = kWordClass;
      for (const char* property : {"Alphabetic", "M", "Nd", "Pc"})
        members += additions_to_property(property);
      return members;
    };
    switch (character) {
      case 'r':
      case 'n':
      case 't':
      case 'f':
      case 'a':
      case 'e':
        return replace(std::string("\\") + character);
      case 'v':
        return replace("\\x0B");
      case 's':
        return replace("\\p{White_Space}");
      case 'S':
        return replace("\\P{White_Space}");
      case 'd':
      case 'D':
        at_ += 2;
        return append_property("Nd", character == 'D', in_class);
      case 'w':
        return replace(in_class ? word() : "[" + word() + "]");
      case 'W':
        if (in_class) break;
        return replace("[^" + word() + "]");
      case 'h':
        return replace(in_class ? "0-9A-Fa-f" : "[0-9A-Fa-f]");
      case 'A':
      case 'z':
        if (in_class) break;
        return replace(std::string("\\") + character);
      case 'p':
      case 'P':
        return translate_property(in_class);
      case 'x':
      case 'u':
        return translate_code(character);
      default:
        if (byte >= 0x80) return replace_character();
        if (std::isalnum(byte) == 0) return replace(std::string("\\") + character);
    }
    return refuse(std::string("escape \\") + character);
  }

  // An escaped character outside ASCII is itself.
  Status replace_character() {
    ++at_;
    return translate_literal();
  }

  Status translate_property(bool in_class) {
    if (is_caseless()) return refuse("(?i) on a property");
    const size_t end = in_.find('}', at_);
    if (at_ + 2 >= in_.size() || in_[at_ + 2] != '{' || end == std::string_view::npos) {
      return refuse("a property without braces");
    }
    bool is_negated = in_[at_ + 1] == 'P';
    std::string_view name = in_.substr(at_ + 3, end - at_ - 3);
    if (name.starts_with('^')) {
      is_negated = !is_negated;
      name.remove_prefix(1);
    }
    std::string plain;
    for (char character : name) {
      if (character == '_' || character == '-' || character == ' ') continue;
      plain.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(character))));
    }
    const Property* found = std::find_if(std::begin(kProperties), std::end(kProperties),
                                         [&](const Property& each) { return plain == each.name; });
    if (found == std::end(kProperties)) return refuse("property " + std::string(name));
    at_ = end + 1;
    return append_property(found->translated, is_negated, in_class);
  }

  Status append_property(const std::string& property, bool is_negated, bool in_class) {
    const std::string additions = additions_to_property(property);
    if (additions.empty()) {
      out_ += (is_negated ? "\\P{" : "\\p{") + property + "}";
    } else if (!in_class) {
      out_ += (is_negated ? "[^\\p{" : "[\\p{") + property + "}" + additions + "]";
    } else if (!is_negated) {
      out_ += "\\p{" + property + "}" + additions;
    } else {
      return refuse("the negated property " + property + " in a class");
    }
    return {};
  }

  // \xHH, \x{H...} and \uHHHH.
  Status translate_code(char kind) {
    size_t begin = at_ + 2;
    size_t length = kind == 'u' ? 4 : 2;
    size_t end = begin + length;
    if (kind == 'x' && begin < in_.size() && in_[begin] == '{') {
      ++begin;
      end = in_.find('}', begin);
      if (end == std::string_view::npos) return refuse("\\x{ without an end");
      length = end - begin;
    }
    if (begin + length > in_.size() || length == 0 || length > 6) return refuse("a character code");
    const std::string digits(in_.substr(begin, length));
    const bool is_code = std::all_of(digits.begin(), digits.end(), [](char digit) {
      return std::isxdigit(static_cast<unsigned char>(digit)) != 0;
    });
    if (!is_code) return refuse("a character code");
    const unsigned long value = std::stoul(digits, nullptr, 16);
    const bool is_byte = kind == 'x' && in_[at_ + 2] != '{';
    if (value >= 0x80 && is_byte) return refuse("a byte outside ASCII");
    if (is_caseless()) return refuse("(?i) on a character code");
    out_ += "\\x{" + digits + "}";
    at_ = in_[at_ + 2] == '{' ? end + 1 : end;
    return {};
  }

  std::string_view in_;
  size_t at_ = 0;
  std::string out_;
  std::vector<bool> caseless_ = {false};  // of each open group
  char previous_letter_ = '\0';
};

}  // namespace

Result<std::string> translate_oniguruma(std::string_view pattern) {
  return Translator(pattern).run();
}

}  // namespace caco::lm
