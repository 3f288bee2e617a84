// Added tokens; see added_tokens.h.
#include "caco/lm/added_tokens.h"

#include <algorithm>

#include "caco/lm/tokenizer_regex.h"
#include "caco/lm/unicode.h"

namespace caco::lm {
namespace {

// Whether a word character begins (ends) the text: a letter-like one, a mark, a digit, a connector,
// or one of the two joiners. Broken bytes are none.
bool matches(const Result<TokenizerRegex>& regex, std::string_view text) {
  TokenizerRegex::Match match;
  return regex.ok() && regex.value().find(text, 0, match);
}

bool begins_with_word(std::string_view text) {
  static const Result<TokenizerRegex> regex = TokenizerRegex::compile(R"(\A[\w\x{200C}\x{200D}])");
  return matches(regex, text.substr(0, 4));
}

bool ends_with_word(std::string_view text) {
  static const Result<TokenizerRegex> regex = TokenizerRegex::compile(R"([\w\x{200C}\x{200D}]\z)");
  size_t begin = text.size();
  while (begin > 0 && text.size() - begin < 4) {
    --begin;
    if ((static_cast<unsigned char>(text[begin]) & 0xC0) != 0x80) break;
  }
  return matches(regex, text.substr(begin));
}

size_t white_space_end(std::string_view text, size_t position) {
  while (position < text.size()) {
    if (valid_utf8_prefix(text.substr(position, 4)) == 0) break;
    const CodePoint point = code_point_at(text, position);
    if (!is_white_space(point.value)) break;
    position += point.size;
  }
  return position;
}

// Returns where the white space that ends at `position` begins.
size_t white_space_begin(std::string_view text, size_t position) {
  while (position > 0) {
    size_t begin = position - 1;
    while (begin > 0 && position - begin < 4 &&
           (static_cast<unsigned char>(text[begin]) & 0xC0) == 0x80)
      --begin;
    if (!is_utf8(text.substr(begin, position - begin))) break;
    const CodePoint point = code_point_at(text, begin);
    if (begin + point.size != position || !is_white_space(point.value)) break;
    position = begin;
  }
  return position;
}

}  // namespace

void AddedTokenMatcher::add(const AddedToken* token, std::string_view pattern) {
  if (pattern.empty()) return;
  int node = child_of_root_[static_cast<unsigned char>(pattern[0])];
  if (node < 0) {
    node = static_cast<int>(nodes_.size());
    nodes_.emplace_back();
    child_of_root_[static_cast<unsigned char>(pattern[0])] = node;
  }
  for (char character : pattern.substr(1)) {
    int next = child(node, static_cast<unsigned char>(character));
    if (next < 0) {
      next = static_cast<int>(nodes_.size());
      nodes_.emplace_back();
      nodes_[static_cast<size_t>(node)].next.emplace_back(static_cast<unsigned char>(character),
                                                          next);
    }
    node = next;
  }
  // Of two tokens with one pattern the first one stands.
  Node& last = nodes_[static_cast<size_t>(node)];
  if (last.token == nullptr) last.token = token;
}

int AddedTokenMatcher::child(int node, unsigned char byte) const {
  for (const auto& [key, next] : nodes_[static_cast<size_t>(node)].next) {
    if (key == byte) return next;
  }
  return -1;
}

bool AddedTokenMatcher::find(std::string_view text, size_t from, Piece& match) const {
  if (is_empty()) return false;
  for (size_t begin = from; begin < text.size(); ++begin) {
    int node = child_of_root_[static_cast<unsigned char>(text[begin])];
    if (node < 0) continue;
    match.token = nullptr;
    for (size_t end = begin + 1; node >= 0; ++end) {
      const Node& here = nodes_[static_cast<size_t>(node)];
      if (here.token != nullptr) match = {begin, end, here.token};
      if (end >= text.size()) break;
      node = child(node, static_cast<unsigned char>(text[end]));
    }
    if (match.token != nullptr) return true;
  }
  return false;
}

bool AddedTokenMatcher::apply_options(std::string_view text, size_t done, Piece& piece) {
  const AddedToken& token = *piece.token;
  if (token.single_word &&
      (ends_with_word(text.substr(0, piece.begin)) || begins_with_word(text.substr(piece.end)))) {
    return false;
  }
  if (token.strips_left) piece.begin = std::max(white_space_begin(text, piece.begin), done);
  if (token.strips_right) piece.end = white_space_end(text, piece.end);
  return true;
}

}  // namespace caco::lm
