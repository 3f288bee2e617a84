// Hand-written scanners for known split expressions; see split_scanner.h.
#include "caco/lm/split_scanner.h"

namespace caco::lm {

const char* const kGpt2SplitPattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
const char* const kQwen2SplitPattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*)"
    R"(|\s*[\r\n]+|\s+(?!\S)|\s+)";
const char* const kLlama3SplitPattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3})"
    R"(| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

namespace {

// A text with a look at the class of a position. Position text.size() has no character.
class Reader {
 public:
  Reader(const CharacterClass* classes, std::string_view text) : classes_(classes), text_(text) {}

  struct Character {
    CharacterClass kind = CharacterClass::Other;
    uint32_t size = 0;  // 0: the end
  };

  Character at(size_t position) const {
    if (position >= text_.size()) return {};
    const CodePoint point = code_point_at(text_, position);
    return {classes_[point.value], point.size};
  }

  bool is(size_t position, CharacterClass kind) const {
    const Character character = at(position);
    return character.size != 0 && character.kind == kind;
  }

  // Returns the end of the run of `kind` from `position`, of at most `most` characters.
  size_t run_end(size_t position, CharacterClass kind, size_t most = ~size_t{0}) const {
    for (; most > 0; --most) {
      const Character character = at(position);
      if (character.size == 0 || character.kind != kind) break;
      position += character.size;
    }
    return position;
  }

  char byte(size_t position) const { return position < text_.size() ? text_[position] : '\0'; }
  std::string_view text() const { return text_; }

 private:
  const CharacterClass* classes_;
  std::string_view text_;
};

// Returns the length of 's 't 're 've 'm 'll 'd at `begin`, or 0.
size_t contraction_length(const Reader& reader, size_t begin, bool is_caseless) {
  const auto letter = [&](size_t offset) {
    const char byte = reader.byte(begin + offset);
    return is_caseless && byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + ('a' - 'A')) : byte;
  };
  switch (letter(1)) {
    case 's':
    case 't':
    case 'm':
    case 'd':
      return 2;
    case 'r':
    case 'v':
      return letter(2) == 'e' ? 3 : 0;
    case 'l':
      return letter(2) == 'l' ? 3 : 0;
    case '\xC5':  // U+017F, the long s, is an "s" without case
      return is_caseless && reader.byte(begin + 2) == '\xBF' ? 3 : 0;
    default:
      return 0;
  }
}

// White space at `begin` that no other rule takes: \s+(?!\S)|\s+. A run before text leaves its last
// character to the text, unless it has only one.
size_t end_of_white_space(const Reader& reader, size_t begin) {
  size_t end = begin;
  size_t last = begin;  // where the last character of the run begins
  for (;;) {
    const Reader::Character character = reader.at(end);
    const bool is_space =
        character.kind == CharacterClass::WhiteSpace || character.kind == CharacterClass::LineEnd;
    if (character.size == 0) return end;
    if (!is_space) break;
    last = end;
    end += character.size;
  }
  return last > begin ? last : end;
}

size_t end_of_gpt2_piece(const Reader& reader, size_t begin) {
  if (reader.byte(begin) == '\'') {
    const size_t length = contraction_length(reader, begin, /*is_caseless=*/false);
    if (length != 0) return begin + length;
  }
  // Letters, numbers or anything else that is no space, with one space before it.
  const size_t body = reader.byte(begin) == ' ' ? begin + 1 : begin;
  const Reader::Character first = reader.at(body);
  const bool is_body = first.size != 0 && first.kind != CharacterClass::WhiteSpace &&
                       first.kind != CharacterClass::LineEnd;
  if (is_body) return reader.run_end(body + first.size, first.kind);
  return end_of_white_space(reader, begin);
}

size_t end_of_qwen2_piece(const Reader& reader, size_t begin, size_t most_digits) {
  const Reader::Character first = reader.at(begin);
  if (first.kind == CharacterClass::Letter) {
    return reader.run_end(begin + first.size, CharacterClass::Letter);
  }
  if (first.kind == CharacterClass::Number) {
    return reader.run_end(begin, CharacterClass::Number, most_digits);
  }
  if (reader.byte(begin) == '\'') {
    const size_t length = contraction_length(reader, begin, /*is_caseless=*/true);
    if (length != 0) return begin + length;
  }
  // Any character but a line end goes with the letters behind it.
  if (first.kind != CharacterClass::LineEnd) {
    const size_t letters = begin + first.size;
    if (reader.is(letters, CharacterClass::Letter)) {
      return reader.run_end(letters, CharacterClass::Letter);
    }
    // Signs with one space before and all line ends behind.
    const size_t signs = reader.byte(begin) == ' ' ? letters : begin;
    if (reader.is(signs, CharacterClass::Other)) {
      return reader.run_end(reader.run_end(signs, CharacterClass::Other), CharacterClass::LineEnd);
    }
  }
  // White space up to its last line end: \s*[\r\n]+.
  size_t after_line_end = 0;
  for (size_t end = begin;;) {
    const Reader::Character character = reader.at(end);
    const bool is_line_end = character.kind == CharacterClass::LineEnd;
    if (character.size == 0 || (!is_line_end && character.kind != CharacterClass::WhiteSpace))
      break;
    end += character.size;
    if (is_line_end) after_line_end = end;
  }
  return after_line_end != 0 ? after_line_end : end_of_white_space(reader, begin);
}

}  // namespace

std::optional<SplitScanner> scanner_for(std::string_view pattern) {
  if (pattern == kGpt2SplitPattern) return SplitScanner::Gpt2;
  if (pattern == kQwen2SplitPattern) return SplitScanner::Qwen2;
  if (pattern == kLlama3SplitPattern) return SplitScanner::Llama3;
  return std::nullopt;
}

size_t end_of_piece(SplitScanner scanner, const CharacterClass* classes, std::string_view text,
                    size_t begin) {
  const Reader reader(classes, text);
  switch (scanner) {
    case SplitScanner::Gpt2:
      return end_of_gpt2_piece(reader, begin);
    case SplitScanner::Qwen2:
      return end_of_qwen2_piece(reader, begin, /*most_digits=*/1);
    case SplitScanner::Llama3:
      return end_of_qwen2_piece(reader, begin, /*most_digits=*/3);
  }
  return text.size();
}

}  // namespace caco::lm
