#include "caco/sandbox_service/languages.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace caco {
namespace {

constexpr std::array<std::string_view, 1> kPython = {"python"};
constexpr std::array<std::string_view, 12> kCompiled = {"cpp",    "go",    "go_test", "java",
                                                        "csharp", "rust",  "cuda",    "scala",
                                                        "junit",  "swift", "D_ut",    "verilog"};
constexpr std::array<std::string_view, 16> kInterpreted = {
    "nodejs", "php",  "bash",  "typescript", "sql",           "lua",  "R",          "perl",
    "ruby",   "lean", "julia", "pytest",     "kotlin_script", "jest", "python_gpu", "racket"};
constexpr std::array<std::string_view, 5> kPythonNames = {"python", "python3", "py", "py3",
                                                          "python3.11"};

template <typename Names>
bool contains(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The numbers of "3.11.x" up to the first that is none; nothing when a part is neither a number nor
// a wildcard.
std::optional<std::vector<int64_t>> version_parts(std::string_view text) {
  std::vector<int64_t> parts;
  bool is_open = false;
  for (size_t start = 0; start <= text.size();) {
    const size_t end = std::min(text.find('.', start), text.size());
    const std::string_view part = text.substr(start, end - start);
    int64_t number = 0;
    const auto parsed = std::from_chars(part.data(), part.data() + part.size(), number);
    const bool is_number = parsed.ec == std::errc() && parsed.ptr == part.data() + part.size();
    if (!is_number && part != "x" && part != "X" && part != "*") return std::nullopt;
    is_open = is_open || !is_number;
    if (!is_open) parts.push_back(number);
    start = end + 1;
  }
  return parts;
}

bool starts_with(const std::vector<int64_t>& parts, const std::vector<int64_t>& prefix,
                 size_t count) {
  const size_t needed = std::min(count, prefix.size());
  return parts.size() >= needed &&
         std::equal(prefix.begin(), prefix.begin() + static_cast<std::ptrdiff_t>(needed),
                    parts.begin());
}

}  // namespace

std::optional<FusionLanguage> fusion_language(std::string_view name) {
  if (contains(kPython, name)) return FusionLanguage::Python;
  if (contains(kCompiled, name)) return FusionLanguage::Compiled;
  if (contains(kInterpreted, name)) return FusionLanguage::Interpreted;
  return std::nullopt;
}

bool is_python_name(std::string_view name) {
  return contains(kPythonNames, name);
}

bool selects_version(std::string_view selector, std::string_view version) {
  const std::optional<std::vector<int64_t>> have = version_parts(version);
  if (!have) return false;
  const size_t digits = selector.find_first_not_of("^~>=<v ");
  if (digits == std::string_view::npos) return false;
  const std::string_view relation = selector.substr(0, digits);
  const std::optional<std::vector<int64_t>> want = version_parts(selector.substr(digits));
  if (!want) return false;
  const bool is_least = *have >= *want;
  if (relation == ">=") return is_least;
  if (relation == ">") return is_least && !starts_with(*have, *want, want->size());
  if (relation == "<") return !is_least;
  if (relation == "<=") return !is_least || starts_with(*have, *want, want->size());
  if (relation == "^") return is_least && starts_with(*have, *want, 1);
  if (relation == "~") return is_least && starts_with(*have, *want, 2);
  return (relation.empty() || relation == "=" || relation == "v") &&
         starts_with(*have, *want, want->size());
}

}  // namespace caco
