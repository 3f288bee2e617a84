// Cuts text into words before BPE; see pre_tokenizer.h.
#include "caco/lm/pre_tokenizer.h"

#include <array>
#include <cassert>
#include <utility>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace caco::lm {

const char* const kGpt2SplitPattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
const char* const kQwen2SplitPattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*)"
    R"(|\s*[\r\n]+|\s+(?!\S)|\s+)";

namespace {

Error invalid(std::string message) {
  return Error{ErrorCode::InvalidArgument, std::move(message), ""};
}

struct MatchDataDeleter {
  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};

// The scratch space of a match; one a thread, because matching writes into it.
pcre2_match_data* thread_match_data() {
  thread_local const std::unique_ptr<pcre2_match_data, MatchDataDeleter> data(
      pcre2_match_data_create(/*ovecsize=*/1, nullptr));
  return data.get();
}

// Refuses a member whose value is not the only one that is implemented.
Status require_bool(const Json& json, const std::string& key, bool wanted, bool otherwise) {
  const bool value = TRY(read_bool(json, key, otherwise));
  if (value == wanted) return {};
  return invalid("tokenizer.json: pre_tokenizer option is not supported: " + key + "=" +
                 (value ? "true" : "false"));
}

Status collect_patterns(const Json& json, std::vector<std::string>& patterns) {
  const std::string type = TRY(read_string(json, "type"));
  if (type == "Sequence") {
    const auto stages = json.find("pretokenizers");
    if (stages == json.end() || !stages->is_array()) {
      return invalid("tokenizer.json: pre_tokenizer Sequence has no list: pretokenizers");
    }
    for (const Json& stage : *stages)
      TRY(collect_patterns(stage, patterns));
    return {};
  }
  if (type == "ByteLevel") {
    TRY(require_bool(json, "add_prefix_space", /*wanted=*/false, /*otherwise=*/true));
    if (TRY(read_bool(json, "use_regex", true))) patterns.emplace_back(kGpt2SplitPattern);
    return {};
  }
  if (type == "Split") {
    TRY(require_bool(json, "invert", /*wanted=*/false, /*otherwise=*/false));
    const std::string behavior = TRY(read_string(json, "behavior"));
    if (behavior != "Isolated") {
      return invalid("tokenizer.json: Split behavior is not supported: " + behavior);
    }
    const auto pattern = json.find("pattern");
    if (pattern == json.end() || !pattern->is_object() || !pattern->contains("Regex")) {
      return invalid("tokenizer.json: Split needs a pattern of the kind: Regex");
    }
    patterns.push_back(TRY(read_string(*pattern, "Regex")));
    return {};
  }
  return invalid("tokenizer.json: pre_tokenizer is not supported: " + type);
}

}  // namespace

// One compiled expression. Immutable; matching keeps its state in thread_match_data.
class PreTokenizer::Pattern {
 public:
  static Result<std::unique_ptr<const Pattern>> create(const std::string& source) {
    int error_code = 0;
    PCRE2_SIZE error_offset = 0;
    // MATCH_INVALID_UTF: bytes that are not UTF-8 match nothing, instead of failing the text.
    pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(source.data()), source.size(),
                                     PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF, &error_code,
                                     &error_offset, nullptr);
    if (code == nullptr) {
      std::array<PCRE2_UCHAR, 256> message{};
      pcre2_get_error_message(error_code, message.data(), message.size());
      return invalid("cannot compile expression: " +
                     std::string(reinterpret_cast<const char*>(message.data())) + ", at " +
                     std::to_string(error_offset) + ": " + source);
    }
    std::unique_ptr<const Pattern> pattern(new Pattern(source, code));
    // Without JIT (not built in, or forbidden here) matching is slower and otherwise the same.
    pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
    return pattern;
  }

  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;
  ~Pattern() { pcre2_code_free(code_); }

  const std::string& source() const { return source_; }

  // Returns the borders of the first match at or after `from`, or {size, size} when there is none.
  std::pair<size_t, size_t> find(std::string_view text, size_t from) const {
    pcre2_match_data* data = thread_match_data();
    const int count = pcre2_match(code_, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
                                  from, 0, data, nullptr);
    if (count < 0) return {text.size(), text.size()};
    const PCRE2_SIZE* borders = pcre2_get_ovector_pointer(data);
    return {borders[0], borders[1]};
  }

 private:
  Pattern(std::string source, pcre2_code* code) : source_(std::move(source)), code_(code) {}

  std::string source_;
  pcre2_code* code_;
};

PreTokenizer::PreTokenizer() = default;
PreTokenizer::PreTokenizer(PreTokenizer&&) noexcept = default;
PreTokenizer& PreTokenizer::operator=(PreTokenizer&&) noexcept = default;
PreTokenizer::~PreTokenizer() = default;

Result<PreTokenizer> PreTokenizer::create(const std::vector<std::string>& patterns) {
  PreTokenizer result;
  for (const std::string& pattern : patterns) {
    result.stages_.push_back(TRY(Pattern::create(pattern)));
  }
  return result;
}

Result<PreTokenizer> PreTokenizer::from_json(const Json& json) {
  if (!json.is_object()) return invalid("tokenizer.json: pre_tokenizer is not an object");
  std::vector<std::string> patterns;
  TRY(collect_patterns(json, patterns));
  return create(patterns);
}

Json PreTokenizer::to_json() const {
  Json stages = Json::array();
  for (const std::unique_ptr<const Pattern>& stage : stages_) {
    stages.push_back({{"type", "Split"},
                      {"pattern", {{"Regex", stage->source()}}},
                      {"behavior", "Isolated"},
                      {"invert", false}});
  }
  stages.push_back({{"type", "ByteLevel"},
                    {"add_prefix_space", false},
                    {"trim_offsets", true},
                    {"use_regex", false}});
  return {{"type", "Sequence"}, {"pretokenizers", std::move(stages)}};
}

void PreTokenizer::split_stage(size_t stage, std::string_view text, const Take& take) const {
  if (text.empty()) return;
  if (stage == stages_.size()) return take(text);
  size_t done = 0;  // everything before it has been taken
  size_t from = 0;
  while (from < text.size()) {
    const auto [begin, end] = stages_[stage]->find(text, from);
    if (begin == end) {  // none, or an empty match, which isolates nothing
      if (begin >= text.size()) break;
      from = begin + 1;
      while (from < text.size() && (static_cast<unsigned char>(text[from]) & 0xC0) == 0x80)
        ++from;
      continue;
    }
    if (begin > done) split_stage(stage + 1, text.substr(done, begin - done), take);
    split_stage(stage + 1, text.substr(begin, end - begin), take);
    done = from = end;
  }
  if (done < text.size()) split_stage(stage + 1, text.substr(done), take);
}

void PreTokenizer::split(std::string_view text, const Take& take) const {
  split_stage(0, text, take);
}

}  // namespace caco::lm
