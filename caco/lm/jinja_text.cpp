// Python's methods of str on marked texts; see jinja_text.h.
#include "caco/lm/jinja_text.h"

#include <algorithm>
#include <cctype>

#include "caco/lm/unicode.h"

namespace caco::lm {
namespace {

// Python counts four control characters to white space that Unicode does not.
bool is_python_space(uint32_t code) {
  return is_white_space(code) || (code >= 0x1C && code <= 0x1F);
}

}  // namespace

std::vector<size_t> character_borders(std::string_view text) {
  std::vector<size_t> borders;
  for (size_t i = 0; i < text.size(); i += code_point_at(text, i).size)
    borders.push_back(i);
  borders.push_back(text.size());
  return borders;
}

MarkedText strip_text(const MarkedText& text, StripSide side, const std::string* characters) {
  const auto is_stripped = [&](size_t position) {
    const CodePoint point = code_point_at(text.bytes, position);
    if (characters == nullptr) return is_python_space(point.value);
    return characters->find(text.bytes.substr(position, point.size)) != std::string::npos;
  };
  const std::vector<size_t> borders = character_borders(text.bytes);
  size_t begin = 0;
  size_t end = borders.size() - 1;
  while (side != StripSide::Right && begin < end && is_stripped(borders[begin]))
    ++begin;
  while (side != StripSide::Left && begin < end && is_stripped(borders[end - 1]))
    --end;
  return text.slice(borders[begin], borders[end]);
}

std::vector<MarkedText> split_text(const MarkedText& text, const std::string* separator,
                                   int64_t most) {
  std::vector<MarkedText> parts;
  if (separator != nullptr) {
    size_t begin = 0;
    for (; most != 0; --most) {
      const size_t found = text.bytes.find(*separator, begin);
      if (found == std::string::npos) break;
      parts.push_back(text.slice(begin, found));
      begin = found + separator->size();
    }
    parts.push_back(text.slice(begin, text.bytes.size()));
    return parts;
  }
  MarkedText rest = strip_text(text, StripSide::Left, nullptr);
  while (!rest.bytes.empty()) {
    size_t end = 0;
    while (end < rest.bytes.size() && most != 0) {
      const CodePoint point = code_point_at(rest.bytes, end);
      if (is_python_space(point.value)) break;
      end += point.size;
    }
    if (most == 0) end = strip_text(rest, StripSide::Right, nullptr).bytes.size();
    parts.push_back(rest.slice(0, end));
    rest = strip_text(rest.slice(end, rest.bytes.size()), StripSide::Left, nullptr);
    --most;
  }
  return parts;
}

MarkedText replace_text(const MarkedText& text, const std::string& old_part,
                        const MarkedText& new_part, int64_t most) {
  MarkedText result;
  if (old_part.empty()) {  // Python puts the new part between all characters
    const std::vector<size_t> borders = character_borders(text.bytes);
    for (size_t i = 0; i < borders.size(); ++i) {
      if (most < 0 || static_cast<int64_t>(i) < most) result.append(new_part);
      if (i + 1 < borders.size()) result.append(text.slice(borders[i], borders[i + 1]));
    }
    return result;
  }
  const std::vector<MarkedText> parts = split_text(text, &old_part, most);
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) result.append(new_part);
    result.append(parts[i]);
  }
  return result;
}

Result<MarkedText> change_case(const MarkedText& text, LetterCase letter_case) {
  MarkedText result = text;
  bool is_first = true;  // of the text, or of a word
  for (char& character : result.bytes) {
    const unsigned char byte = static_cast<unsigned char>(character);
    if (byte >= 0x80) {
      return Error{ErrorCode::InvalidArgument,
                   "chat template: change of case outside ASCII is not supported", ""};
    }
    const bool is_upper =
        letter_case == LetterCase::Upper || (letter_case != LetterCase::Lower && is_first);
    character = static_cast<char>(is_upper ? std::toupper(byte) : std::tolower(byte));
    is_first = letter_case == LetterCase::Title && std::isalpha(byte) == 0;
  }
  return result;
}

}  // namespace caco::lm
