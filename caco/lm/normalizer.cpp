// Rewrites text before it is cut into words; see normalizer.h.
#include "caco/lm/normalizer.h"

#include <optional>
#include <utility>

#include "caco/lm/tokenizer_error.h"
#include "caco/lm/tokenizer_regex.h"
#include "caco/lm/unicode.h"

namespace caco::lm {
namespace {

constexpr size_t kMaxNormalizerSteps = 64;
constexpr int kMaxNormalizerNesting = 8;

std::string_view strip(std::string_view text, bool left, bool right) {
  size_t begin = 0;
  while (left && begin < text.size()) {
    const CodePoint point = code_point_at(text, begin);
    if (!is_white_space(point.value)) break;
    begin += point.size;
  }
  size_t end = begin;  // behind the last character that is kept
  for (size_t i = begin; i < text.size();) {
    const CodePoint point = code_point_at(text, i);
    i += point.size;
    if (!right || !is_white_space(point.value)) end = i;
  }
  return text.substr(begin, end - begin);
}

std::string replace(const TokenizerRegex& regex, const std::string& content,
                    std::string_view text) {
  std::string result;
  size_t done = 0;
  regex.for_each_match(text, [&](const TokenizerRegex::Match& match) {
    result += text.substr(done, match.begin - done);
    result += content;
    done = match.end;
  });
  result += text.substr(done);
  return result;
}

}  // namespace

// One rewriting of UTF-8 text.
class Normalizer::Step {
 public:
  enum class Kind { Nfc, Nfd, Lowercase, Strip, Prepend, Replace };

  explicit Step(Kind own_kind) : kind(own_kind) {}

  std::string apply(std::string_view text) const {
    switch (kind) {
      case Kind::Nfc:
        return to_nfc(text);
      case Kind::Nfd:
        return to_nfd(text);
      case Kind::Lowercase:
        return to_lower_case(text);
      case Kind::Strip:
        return std::string(strip(text, strips_left, strips_right));
      case Kind::Prepend:
        return text.empty() ? std::string() : std::string(content).append(text);
      case Kind::Replace:
        return replace(*pattern, content, text);
    }
    return std::string(text);
  }

  Kind kind;
  bool strips_left = false;
  bool strips_right = false;
  std::string content;                    // what is prepended or put in place
  std::optional<TokenizerRegex> pattern;  // what is replaced
};

Result<Normalizer::Step> Normalizer::read_step(const std::string& type, const Json& json) {
  if (type == "NFC") return Step(Step::Kind::Nfc);
  if (type == "NFD") return Step(Step::Kind::Nfd);
  if (type == "Lowercase") return Step(Step::Kind::Lowercase);
  if (type == "Strip") {
    Step step(Step::Kind::Strip);
    step.strips_left = TRY(read_bool(json, "strip_left"));
    step.strips_right = TRY(read_bool(json, "strip_right"));
    return step;
  }
  if (type == "Prepend") {
    Step step(Step::Kind::Prepend);
    step.content = TRY(read_string(json, "prepend"));
    return step;
  }
  if (type != "Replace") return invalid_component("normalizer is not supported: " + type);
  const auto pattern = json.find("pattern");
  const bool has_pattern = pattern != json.end() && pattern->is_object();
  const bool is_regex = has_pattern && pattern->contains("Regex");
  if (!is_regex && !(has_pattern && pattern->contains("String"))) {
    return invalid_component("Replace needs a pattern: Regex or String");
  }
  const std::string source = TRY(read_string(*pattern, is_regex ? "Regex" : "String"));
  Step step(Step::Kind::Replace);
  step.pattern = TRY(TokenizerRegex::compile(is_regex ? source : escape_regex(source)));
  step.content = TRY(read_string(json, "content"));
  return step;
}

Normalizer::Normalizer() = default;
Normalizer::Normalizer(Normalizer&&) noexcept = default;
Normalizer& Normalizer::operator=(Normalizer&&) noexcept = default;
Normalizer::~Normalizer() = default;

Result<Normalizer> Normalizer::from_json(const Json& json) {
  Normalizer result;
  if (json.is_null()) return result;
  TRY(result.read(json, /*nesting=*/0));
  result.json_ = json;
  return result;
}

Status Normalizer::read(const Json& json, int nesting) {
  if (!json.is_object()) return invalid_component("normalizer is not an object");
  if (steps_.size() > kMaxNormalizerSteps || nesting > kMaxNormalizerNesting) {
    return invalid_component("normalizer has too many steps");
  }
  const std::string type = TRY(read_string(json, "type"));
  if (type == "Sequence") {
    const auto steps = json.find("normalizers");
    if (steps == json.end() || !steps->is_array()) {
      return invalid_component("normalizer Sequence has no list: normalizers");
    }
    for (const Json& step : *steps)
      TRY(read(step, nesting + 1));
    return {};
  }
  steps_.push_back(std::make_unique<const Step>(TRY(read_step(type, json))));
  return {};
}

std::string Normalizer::apply(std::string_view text) const {
  std::string result;
  while (!text.empty()) {
    const size_t valid = valid_utf8_prefix(text);
    std::string part(text.substr(0, valid));
    for (const std::unique_ptr<const Step>& step : steps_)
      part = step->apply(part);
    result += part;
    text.remove_prefix(valid);
    // Broken bytes stay, up to the next text.
    while (!text.empty() && valid_utf8_prefix(text.substr(0, 4)) == 0) {
      result.push_back(text.front());
      text.remove_prefix(1);
    }
  }
  return result;
}

}  // namespace caco::lm
