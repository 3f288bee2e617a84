#include "caco/answer/modes/text_rules.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>

#include "caco/base/ascii.h"

namespace caco::text_rules {
namespace {

bool is_integer_literal(std::string_view text) {
  if (!text.empty() && text[0] == '-') text.remove_prefix(1);
  const bool has_leading_zero = text.size() > 1 && text[0] == '0';
  return !text.empty() && !has_leading_zero && std::all_of(text.begin(), text.end(), is_digit);
}

}  // namespace

bool starts_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  size_t at = text.find(from);
  if (at == std::string::npos) return;
  std::string result;
  size_t done = 0;
  for (; at != std::string::npos; at = text.find(from, done)) {
    result.append(text, done, at - done);
    result += to;
    done = at + from.size();
  }
  result.append(text, done);
  text = std::move(result);
}

std::string_view strip_right(std::string_view text, std::string_view characters) {
  const size_t last = text.find_last_not_of(characters);
  return last == std::string_view::npos ? std::string_view() : text.substr(0, last + 1);
}

std::string_view strip(std::string_view text, std::string_view characters) {
  const size_t first = text.find_first_not_of(characters);
  if (first == std::string_view::npos) return {};
  return strip_right(text.substr(first), characters);
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& byte : result) {
    if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte - 'A' + 'a');
  }
  return result;
}

std::vector<std::string> split(std::string_view text, std::string_view separator) {
  std::vector<std::string> parts;
  size_t start = 0;
  for (size_t end = 0; (end = text.find(separator, start)) != std::string_view::npos;
       start = end + separator.size()) {
    parts.emplace_back(text.substr(start, end - start));
  }
  parts.emplace_back(text.substr(start));
  return parts;
}

std::optional<std::string_view> after_last(std::string_view text, std::string_view mark) {
  const size_t at = text.rfind(mark);
  if (at == std::string_view::npos) return std::nullopt;
  return text.substr(at + mark.size());
}

std::optional<double> python_float(std::string_view text) {
  std::string clean(strip(text));
  // Python allows single underscores between digits.
  for (size_t i = 1; i + 1 < clean.size(); ++i) {
    if (clean[i] == '_' && is_digit(clean[i - 1]) && is_digit(clean[i + 1])) clean.erase(i, 1);
  }
  std::string_view rest = clean;
  const bool is_negative = !rest.empty() && rest[0] == '-';
  if (!rest.empty() && (rest[0] == '-' || rest[0] == '+')) rest.remove_prefix(1);
  if (rest.empty() || rest[0] == '-') return std::nullopt;
  double value = 0;
  const auto [end, code] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (end != rest.data() + rest.size() || code == std::errc::invalid_argument) return std::nullopt;
  // from_chars leaves the value alone when it is out of range; Python gives infinity or zero.
  if (code == std::errc::result_out_of_range) {
    const size_t exponent = rest.find_first_of("eE");
    const bool is_tiny = exponent != std::string_view::npos && contains(rest.substr(exponent), "-");
    value = is_tiny ? 0 : std::numeric_limits<double>::infinity();
  }
  return is_negative ? -value : value;
}

bool is_close(double left, double right, double relative, double absolute) {
  if (left == right) return true;
  if (!std::isfinite(left) || !std::isfinite(right)) return false;
  const double largest = std::max(std::fabs(left), std::fabs(right));
  return std::fabs(left - right) <= std::max(relative * largest, absolute);
}

std::string last_number(std::string_view text) {
  std::string clean(text);
  clean.erase(std::remove(clean.begin(), clean.end(), ','), clean.end());
  // Matches are found from the left, as a regular expression does, since they may not overlap.
  std::string last;
  for (size_t i = 0; i < clean.size();) {
    size_t at = i + (clean[i] == '-' ? 1 : 0);
    const size_t whole = at;
    while (at < clean.size() && is_digit(clean[at]))
      ++at;
    const bool has_fraction = at + 1 < clean.size() && clean[at] == '.' && is_digit(clean[at + 1]);
    if (has_fraction) {
      ++at;
      while (at < clean.size() && is_digit(clean[at]))
        ++at;
    }
    if (at == whole) {
      ++i;
      continue;
    }
    last = clean.substr(i, at - i);
    i = at;
  }
  return last;
}

std::string box_after(std::string_view text, std::string_view mark, bool skips_escaped) {
  const std::optional<std::string_view> found = after_last(text, mark);
  if (!found || found->empty()) return "";
  if ((*found)[0] != '{') return std::string(strip(found->substr(0, found->find('$'))));
  int64_t depth = 1;
  for (size_t i = 1; i < found->size(); ++i) {
    if (skips_escaped && (*found)[i - 1] == '\\') continue;
    if ((*found)[i] == '{') ++depth;
    if ((*found)[i] == '}') --depth;
    if (depth == 0) return std::string(found->substr(1, i - 1));
  }
  return std::string(found->substr(1));
}

std::string brace_fractions(std::string_view text) {
  const std::vector<std::string> parts = split(text, "\\frac");
  std::string result = parts[0];
  for (size_t i = 1; i < parts.size(); ++i) {
    const std::string& part = parts[i];
    result += "\\frac";
    if (!part.empty() && part[0] == '{') {
      result += part;
      continue;
    }
    if (part.size() < 2) return std::string(text);
    result += "{" + part.substr(0, 1) + "}";
    result += part[1] == '{' ? part.substr(1) : "{" + part.substr(1, 1) + "}" + part.substr(2);
  }
  return result;
}

std::string fraction_of_slash(std::string_view text, bool allows_roots) {
  const std::vector<std::string> parts = split(text, "/");
  if (parts.size() != 2) return std::string(text);
  for (const std::string& part : parts) {
    const bool is_root = allows_roots && contains(part, "sqrt");
    if (!is_root && !is_integer_literal(part)) return std::string(text);
  }
  return "\\frac{" + parts[0] + "}{" + parts[1] + "}";
}

bool is_word(char byte) {
  return std::isalnum(static_cast<unsigned char>(byte)) != 0 || byte == '_' ||
         (static_cast<unsigned char>(byte) & 0x80) != 0;
}

}  // namespace caco::text_rules
