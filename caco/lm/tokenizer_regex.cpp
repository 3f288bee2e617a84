// Runs expressions with PCRE2; see tokenizer_regex.h. The translation is in
// tokenizer_regex_dialect.cpp.
#include "caco/lm/tokenizer_regex.h"

#include <array>
#include <utility>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace caco::lm {
namespace {

constexpr uint32_t kMaxRegexSteps = 10'000'000;
constexpr size_t kJitStackStart = size_t{32} << 10;
constexpr size_t kJitStackMax = size_t{8} << 20;

// The scratch space of a match; one a thread, because matching writes into it.
class MatchScratch {
 public:
  MatchScratch()
      : data_(pcre2_match_data_create(/*ovecsize=*/1, nullptr)),
        context_(pcre2_match_context_create(nullptr)),
        stack_(pcre2_jit_stack_create(kJitStackStart, kJitStackMax, nullptr)) {
    pcre2_set_match_limit(context_, kMaxRegexSteps);
    if (stack_ != nullptr) pcre2_jit_stack_assign(context_, nullptr, stack_);
  }
  MatchScratch(const MatchScratch&) = delete;
  MatchScratch& operator=(const MatchScratch&) = delete;
  ~MatchScratch() {
    pcre2_match_data_free(data_);
    pcre2_match_context_free(context_);
    pcre2_jit_stack_free(stack_);
  }

  pcre2_match_data* data() { return data_; }
  pcre2_match_context* context() { return context_; }

 private:
  pcre2_match_data* data_;
  pcre2_match_context* context_;
  pcre2_jit_stack* stack_;
};

MatchScratch& thread_scratch() {
  thread_local MatchScratch scratch;
  return scratch;
}

}  // namespace

// One compiled expression.
class TokenizerRegex::Code {
 public:
  static Result<std::unique_ptr<const Code>> create(const std::string& source) {
    int error_code = 0;
    PCRE2_SIZE error_offset = 0;
    pcre2_compile_context* context = pcre2_compile_context_create(nullptr);
    pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    pcre2_set_parens_nest_limit(context, 50);
    // MULTILINE: `^` and `$` are line ends in Oniguruma. MATCH_INVALID_UTF: bytes that are not
    // UTF-8 match nothing, instead of failing the text.
    pcre2_code* code = pcre2_compile(
        reinterpret_cast<PCRE2_SPTR>(source.data()), source.size(),
        PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C,
        &error_code, &error_offset, context);
    pcre2_compile_context_free(context);
    if (code == nullptr) {
      std::array<PCRE2_UCHAR, 256> message{};
      pcre2_get_error_message(error_code, message.data(), message.size());
      return Error{ErrorCode::InvalidArgument,
                   "cannot compile expression: " +
                       std::string(reinterpret_cast<const char*>(message.data())) + ", at " +
                       std::to_string(error_offset) + ": " + source,
                   ""};
    }
    // Without JIT (not built in, or forbidden here) matching is slower and otherwise the same.
    const bool has_jit = pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0;
    return std::unique_ptr<const Code>(new Code(code, has_jit));
  }

  Code(const Code&) = delete;
  Code& operator=(const Code&) = delete;
  ~Code() { pcre2_code_free(code_); }

  bool find(std::string_view text, size_t from, Match& match) const {
    MatchScratch& scratch = thread_scratch();
    const PCRE2_SPTR subject =
        reinterpret_cast<PCRE2_SPTR>(text.data() == nullptr ? "" : text.data());
    // The direct entry into JIT code saves a third of the time of a short match.
    int count = PCRE2_ERROR_JIT_STACKLIMIT;
    if (has_jit_) {
      count =
          pcre2_jit_match(code_, subject, text.size(), from, 0, scratch.data(), scratch.context());
    }
    if (count == PCRE2_ERROR_JIT_STACKLIMIT) {
      // The interpreter keeps its state on the heap.
      count = pcre2_match(code_, subject, text.size(), from, PCRE2_NO_JIT, scratch.data(),
                          scratch.context());
    }
    if (count < 0) return false;
    const PCRE2_SIZE* borders = pcre2_get_ovector_pointer(scratch.data());
    match = {borders[0], borders[1]};
    return match.begin <= match.end;
  }

 private:
  Code(pcre2_code* code, bool has_jit) : code_(code), has_jit_(has_jit) {}

  pcre2_code* code_;
  bool has_jit_;
};

TokenizerRegex::TokenizerRegex(std::unique_ptr<const Code> code) : code_(std::move(code)) {}
TokenizerRegex::TokenizerRegex(TokenizerRegex&&) noexcept = default;
TokenizerRegex& TokenizerRegex::operator=(TokenizerRegex&&) noexcept = default;
TokenizerRegex::~TokenizerRegex() = default;

Result<TokenizerRegex> TokenizerRegex::compile(std::string_view oniguruma) {
  const std::string translated = TRY(translate_oniguruma(oniguruma));
  return TokenizerRegex(TRY(Code::create(translated)));
}

bool TokenizerRegex::find(std::string_view text, size_t from, Match& match) const {
  return code_->find(text, from, match);
}

size_t TokenizerRegex::next_character(std::string_view text, size_t position) {
  ++position;
  while (position < text.size() && (static_cast<unsigned char>(text[position]) & 0xC0) == 0x80)
    ++position;
  return position;
}

std::string escape_regex(std::string_view text) {
  constexpr std::string_view kSpecial = R"(\.+*?()|[]{}^$#&-~/)";
  std::string escaped;
  for (char character : text) {
    if (kSpecial.find(character) != std::string_view::npos) escaped.push_back('\\');
    escaped.push_back(character);
  }
  return escaped;
}

}  // namespace caco::lm
