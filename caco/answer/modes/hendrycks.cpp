#include "caco/answer/modes/hendrycks.h"

#include <vector>

#include "caco/answer/modes/text_rules.h"

namespace caco {
namespace {

using text_rules::replace_all;

// "\sqrt3" with braces; nothing for a root at the end of the text.
std::optional<std::string> brace_first_of_roots(const std::string& text) {
  const std::vector<std::string> parts = text_rules::split(text, "\\sqrt");
  std::string result = parts[0];
  for (size_t i = 1; i < parts.size(); ++i) {
    if (parts[i].empty()) return std::nullopt;
    result += "\\sqrt";
    result +=
        parts[i][0] == '{' ? parts[i] : "{" + parts[i].substr(0, 1) + "}" + parts[i].substr(1);
  }
  return result;
}

// A \frac with nothing behind it.
bool has_bare_fraction(const std::string& text) {
  return text_rules::ends_with(text, "\\frac") || text_rules::contains(text, "\\frac\\frac");
}

}  // namespace

std::optional<std::string> hendrycks_normal_text(std::string_view answer) {
  std::string text(answer);
  for (const std::string_view removed : {"\n", "\\!"})
    replace_all(text, removed, "");
  replace_all(text, "\\\\", "\\");
  replace_all(text, "tfrac", "frac");
  replace_all(text, "dfrac", "frac");
  for (const std::string_view removed : {"\\left", "\\right", "^{\\circ}", "^\\circ", "\\$"})
    replace_all(text, removed, "");
  // A unit on the right; two of them are more than that grader can take.
  const std::vector<std::string> parts = text_rules::split(text, "\\text{ ");
  if (parts.size() > 2) return std::nullopt;
  text = parts[0];
  replace_all(text, "\\%", "");
  replace_all(text, " .", " 0.");
  replace_all(text, "{.", "{0.");
  if (text.empty()) return text;
  if (text[0] == '.') text = "0" + text;
  const std::vector<std::string> sides = text_rules::split(text, "=");
  if (sides.size() == 2 && sides[0].size() <= 2) text = sides[1];
  const std::optional<std::string> with_roots = brace_first_of_roots(text);
  if (!with_roots) return std::nullopt;
  text = *with_roots;
  replace_all(text, " ", "");
  if (has_bare_fraction(text)) return std::nullopt;
  text = text_rules::brace_fractions(text);
  if (text == "0.5") text = "\\frac{1}{2}";
  return text_rules::fraction_of_slash(text, /*allows_roots=*/false);
}

bool hendrycks_equal(std::string_view left, std::string_view right) {
  const std::optional<std::string> normal_left = hendrycks_normal_text(left);
  const std::optional<std::string> normal_right = hendrycks_normal_text(right);
  if (!normal_left || !normal_right) return left == right;
  return *normal_left == *normal_right;
}

std::optional<std::string> hendrycks_extract(std::string_view solution) {
  size_t at = solution.rfind("\\boxed");
  if (at == std::string_view::npos) at = solution.rfind("\\fbox");
  if (at == std::string_view::npos) return std::nullopt;
  const size_t open = solution.find('{', at);
  int64_t depth = 0;
  for (size_t i = at; i < solution.size(); ++i) {
    if (solution[i] == '{') ++depth;
    if (solution[i] == '}') --depth;
    if (solution[i] == '}' && depth == 0) {
      if (open == std::string_view::npos || open > i) return std::nullopt;
      return std::string(solution.substr(open + 1, i - open - 1));
    }
  }
  return std::nullopt;
}

}  // namespace caco
