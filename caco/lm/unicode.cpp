// What a tokenizer needs of Unicode; see unicode.h.
#include "caco/lm/unicode.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <unordered_map>
#include <utility>
#include <vector>

namespace caco::lm {
namespace {

struct CodeRange {
  uint32_t first;
  uint32_t last;
};
struct PropertyRange {
  const char* property;
  uint32_t first;
  uint32_t last;
};
struct CombiningRange {
  uint32_t first;
  uint32_t last;
  uint8_t combining_class;
};
struct Decomposition {
  uint32_t code;
  uint32_t first;
  uint32_t second;  // 0: the decomposition is one character
  uint8_t composes;
};
struct LowerCase {
  uint32_t code;
  uint32_t first;
  uint32_t second;  // 0: one character
};

#include "caco/lm/unicode_tables.inc"

constexpr uint32_t kFirstMark = 0x300;  // below it every character is its own NFC
constexpr uint32_t kHangulFirst = 0xAC00;
constexpr uint32_t kHangulLast = 0xD7A3;
constexpr uint32_t kLeading = 0x1100;
constexpr uint32_t kVowel = 0x1161;
constexpr uint32_t kTrailing = 0x11A7;
constexpr uint32_t kNumVowels = 21;
constexpr uint32_t kNumTrailing = 28;
constexpr uint32_t kNumLeading = 19;

constexpr std::array<CodeRange, 10> kWhiteSpace = {{{0x09, 0x0D},
                                                    {0x20, 0x20},
                                                    {0x85, 0x85},
                                                    {0xA0, 0xA0},
                                                    {0x1680, 0x1680},
                                                    {0x2000, 0x200A},
                                                    {0x2028, 0x2029},
                                                    {0x202F, 0x202F},
                                                    {0x205F, 0x205F},
                                                    {0x3000, 0x3000}}};

// The tables in the form in which they are asked.
struct NormalFormTables {
  std::unordered_map<uint32_t, Decomposition> decomposition_of;
  std::unordered_map<uint64_t, uint32_t> composition_of;  // by (first << 32) | second
  std::unordered_map<uint32_t, uint8_t> combining_class_of;
  std::vector<bool> may_change;  // 1: NFC of a text with this character needs work
};

const NormalFormTables& normal_form_tables() {
  static const NormalFormTables tables = [] {
    NormalFormTables made;
    made.may_change.resize(kNumCodePoints, false);
    for (const CombiningRange& range : kCombiningClasses) {
      for (uint32_t code = range.first; code <= range.last; ++code) {
        made.combining_class_of[code] = range.combining_class;
        made.may_change[code] = true;
      }
    }
    for (const Decomposition& entry : kDecompositions) {
      made.decomposition_of[entry.code] = entry;
      if (entry.composes != 0) {
        made.composition_of[(uint64_t{entry.first} << 32) | entry.second] = entry.code;
        made.may_change[entry.second] = true;
      } else {
        made.may_change[entry.code] = true;
      }
    }
    for (uint32_t code = kVowel; code < kVowel + kNumVowels; ++code)
      made.may_change[code] = true;
    for (uint32_t code = kTrailing; code < kTrailing + kNumTrailing; ++code)
      made.may_change[code] = true;
    return made;
  }();
  return tables;
}

uint8_t combining_class(uint32_t code) {
  if (code < kFirstMark) return 0;
  const NormalFormTables& tables = normal_form_tables();
  const auto found = tables.combining_class_of.find(code);
  return found == tables.combining_class_of.end() ? uint8_t{0} : found->second;
}

void append_decomposition(uint32_t code, std::vector<uint32_t>& result) {
  if (code >= kHangulFirst && code <= kHangulLast) {
    const uint32_t index = code - kHangulFirst;
    result.push_back(kLeading + index / (kNumVowels * kNumTrailing));
    result.push_back(kVowel + index % (kNumVowels * kNumTrailing) / kNumTrailing);
    if (index % kNumTrailing != 0) result.push_back(kTrailing + index % kNumTrailing);
    return;
  }
  const NormalFormTables& tables = normal_form_tables();
  const auto found = tables.decomposition_of.find(code);
  if (found == tables.decomposition_of.end()) {
    result.push_back(code);
    return;
  }
  append_decomposition(found->second.first, result);  // at most three levels in the database
  if (found->second.second != 0) append_decomposition(found->second.second, result);
}

// Full decomposition with marks in canonical order.
std::vector<uint32_t> decompose(std::string_view text) {
  std::vector<uint32_t> codes;
  codes.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const CodePoint point = code_point_at(text, i);
    append_decomposition(point.value, codes);
    i += point.size;
  }
  for (size_t i = 0; i < codes.size();) {
    if (combining_class(codes[i]) == 0) {
      ++i;
      continue;
    }
    size_t end = i;
    while (end < codes.size() && combining_class(codes[end]) != 0)
      ++end;
    std::stable_sort(codes.begin() + static_cast<std::ptrdiff_t>(i),
                     codes.begin() + static_cast<std::ptrdiff_t>(end), [](uint32_t a, uint32_t b) {
                       return combining_class(a) < combining_class(b);
                     });
    i = end;
  }
  return codes;
}

// Returns what two characters compose to, or 0.
uint32_t composition(uint32_t first, uint32_t second) {
  if (first - kLeading < kNumLeading && second - kVowel < kNumVowels) {
    return kHangulFirst + ((first - kLeading) * kNumVowels + second - kVowel) * kNumTrailing;
  }
  const bool is_open_syllable =
      first >= kHangulFirst && first <= kHangulLast && (first - kHangulFirst) % kNumTrailing == 0;
  if (is_open_syllable && second > kTrailing && second < kTrailing + kNumTrailing) {
    return first + (second - kTrailing);
  }
  const NormalFormTables& tables = normal_form_tables();
  const auto found = tables.composition_of.find((uint64_t{first} << 32) | second);
  return found == tables.composition_of.end() ? 0 : found->second;
}

std::string spell(const std::vector<uint32_t>& codes) {
  std::string text;
  text.reserve(codes.size() * 2);
  for (uint32_t code : codes)
    append_utf8(text, code);
  return text;
}

// Whether composing could change the text: a scan that most texts do not get beyond.
bool is_surely_nfc(std::string_view text) {
  bool is_low = true;  // all below kFirstMark, whose first UTF-8 byte is 0xCC
  for (char character : text)
    is_low = is_low && static_cast<unsigned char>(character) < 0xCC;
  if (is_low) return true;
  const std::vector<bool>& may_change = normal_form_tables().may_change;
  for (size_t i = 0; i < text.size();) {
    const CodePoint point = code_point_at(text, i);
    if (may_change[point.value]) return false;
    i += point.size;
  }
  return true;
}

void append_members(std::string& members, uint32_t first, uint32_t last) {
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), "\\x{%X}-\\x{%X}", first, last);
  members += text.data();
}

// Length of the well-formed sequence at `position`, or 0; `broken` receives the length of the
// maximal part that a sequence could begin with.
size_t sequence_length(std::string_view text, size_t position, size_t& broken) {
  const auto byte = [&](size_t i) {
    return static_cast<unsigned char>(text[position + i]);
  };
  const unsigned char lead = byte(0);
  broken = 1;
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  const size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  for (size_t i = 1; i < length; ++i) {
    if (position + i == text.size()) return 0;
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
    if (i == 1 && lead == 0xE0) low = 0xA0;
    if (i == 1 && lead == 0xED) high = 0x9F;
    if (i == 1 && lead == 0xF0) low = 0x90;
    if (i == 1 && lead == 0xF4) high = 0x8F;
    if (byte(i) < low || byte(i) > high) return 0;
    broken = i + 1;
  }
  return length;
}

}  // namespace

const CharacterClass* character_classes() {
  static const std::vector<CharacterClass> classes = [] {
    std::vector<CharacterClass> made(kNumCodePoints, CharacterClass::Other);
    const auto fill = [&](const CodeRange& range, CharacterClass value) {
      std::fill(made.begin() + range.first, made.begin() + range.last + 1, value);
    };
    for (const CodeRange& range : kLetterRanges)
      fill(range, CharacterClass::Letter);
    for (const CodeRange& range : kNumberRanges)
      fill(range, CharacterClass::Number);
    for (uint32_t code = 0; code < kFirstMark * 0x20; ++code) {
      if (is_white_space(code)) made[code] = CharacterClass::WhiteSpace;
    }
    made['\r'] = CharacterClass::LineEnd;
    made['\n'] = CharacterClass::LineEnd;
    return made;
  }();
  return classes.data();
}

size_t valid_utf8_prefix(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    uint64_t chunk = 0;
    if (i + 8 <= text.size()) {
      std::memcpy(&chunk, text.data() + i, 8);
      if ((chunk & 0x8080808080808080U) == 0) {
        i += 8;
        continue;
      }
    }
    size_t broken = 0;
    const size_t length = sequence_length(text, i, broken);
    if (length == 0) break;
    i += length;
  }
  return i;
}

std::string replace_invalid_utf8(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const size_t valid = valid_utf8_prefix(text);
    result += text.substr(0, valid);
    text.remove_prefix(valid);
    if (text.empty()) break;
    size_t broken = 0;
    sequence_length(text, 0, broken);
    result += "\xEF\xBF\xBD";
    text.remove_prefix(broken);
  }
  return result;
}

void append_utf8(std::string& text, uint32_t code) {
  const auto continuation = [](uint32_t bits) {
    return static_cast<char>(0x80 | (bits & 0x3F));
  };
  if (code < 0x80) {
    text.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    text.push_back(static_cast<char>(0xC0 | (code >> 6)));
    text.push_back(continuation(code));
  } else if (code < 0x10000) {
    text.push_back(static_cast<char>(0xE0 | (code >> 12)));
    text.push_back(continuation(code >> 6));
    text.push_back(continuation(code));
  } else {
    text.push_back(static_cast<char>(0xF0 | (code >> 18)));
    text.push_back(continuation(code >> 12));
    text.push_back(continuation(code >> 6));
    text.push_back(continuation(code));
  }
}

bool is_white_space(uint32_t code) {
  return std::any_of(kWhiteSpace.begin(), kWhiteSpace.end(), [&](const CodeRange& range) {
    return code >= range.first && code <= range.last;
  });
}

std::string to_nfd(std::string_view text) {
  return spell(decompose(text));
}

std::string to_nfc(std::string_view text) {
  if (is_surely_nfc(text)) return std::string(text);
  std::vector<uint32_t> codes = decompose(text);
  // Each mark joins the last starter unless a mark of the same or a higher class stands between.
  size_t end = 0;
  size_t starter = codes.size();  // index of the last starter in the result; none yet
  uint8_t last_class = 0;
  for (uint32_t code : codes) {
    const uint8_t own_class = combining_class(code);
    const bool is_adjacent = starter < codes.size() && starter + 1 == end;
    if (starter < codes.size() && (is_adjacent || last_class < own_class)) {
      const uint32_t composed = composition(codes[starter], code);
      if (composed != 0) {
        codes[starter] = composed;
        continue;
      }
    }
    if (own_class == 0) starter = end;
    last_class = own_class;
    codes[end++] = code;
  }
  codes.resize(end);
  return spell(codes);
}

std::string to_lower_case(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const CodePoint point = code_point_at(text, i);
    const LowerCase* found =
        std::lower_bound(std::begin(kLowerCase), std::end(kLowerCase), point.value,
                         [](const LowerCase& entry, uint32_t code) { return entry.code < code; });
    if (found != std::end(kLowerCase) && found->code == point.value) {
      append_utf8(result, found->first);
      if (found->second != 0) append_utf8(result, found->second);
    } else {
      result += text.substr(i, point.size);
    }
    i += point.size;
  }
  return result;
}

std::string additions_to_property(std::string_view property) {
  if (property.starts_with("sc:")) property.remove_prefix(3);
  std::string members;
  for (const PropertyRange& range : kAdditions) {
    const std::string_view name = range.property;
    // "L" is all of "Lu", "Ll" and so on.
    const bool is_part = property.size() == 1 && name.size() == 2 && name.starts_with(property);
    if (is_part || name == property) append_members(members, range.first, range.last);
  }
  return members;
}

std::string numeric_characters() {
  std::string members;
  for (const CodeRange& range : kNumericRanges)
    append_members(members, range.first, range.last);
  return members;
}

std::string punctuation_characters() {
  std::string members;
  for (const CodeRange& range : kPunctuationRanges)
    append_members(members, range.first, range.last);
  return members;
}

}  // namespace caco::lm
