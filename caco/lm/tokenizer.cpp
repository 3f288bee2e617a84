// Text to token ids and back; see tokenizer.h. The file formats are in tokenizer_json.cpp and
// tokenizer_files.cpp.
#include "caco/lm/tokenizer.h"

#include <algorithm>
#include <string>
#include <utility>

#include "caco/lm/byte_level.h"
#include "caco/lm/tokenizer_error.h"
#include "caco/lm/unicode.h"

namespace caco::lm {
namespace {

constexpr size_t kMaxAddedTokenBytes = 4096;

bool overlaps(std::span<const TextRange> ranges, size_t begin, size_t end) {
  const auto first = std::partition_point(
      ranges.begin(), ranges.end(), [&](const TextRange& range) { return range.end <= begin; });
  return first != ranges.end() && first->begin < end;
}

}  // namespace

Result<Tokenizer> Tokenizer::create(Bpe bpe, PreTokenizer pre_tokenizer,
                                    std::vector<AddedToken> added_tokens) {
  TokenizerParts parts;
  parts.added_tokens = std::move(added_tokens);
  return create(std::move(bpe), std::move(pre_tokenizer), std::move(parts));
}

Result<Tokenizer> Tokenizer::create(Bpe bpe, PreTokenizer pre_tokenizer, TokenizerParts parts) {
  Tokenizer tokenizer(std::move(bpe), std::move(pre_tokenizer), std::move(parts));
  TRY(tokenizer.place_added_tokens());
  for (const std::vector<int32_t>* ids :
       {&tokenizer.parts_.prefix_ids, &tokenizer.parts_.suffix_ids}) {
    for (int32_t id : *ids) {
      if (id >= 0 && id < tokenizer.vocab_size()) continue;
      return invalid_tokenizer("post_processor has an id outside the vocabulary: " +
                               std::to_string(id));
    }
  }
  for (const AddedToken& added : tokenizer.parts_.added_tokens) {
    if (added.normalized) {
      tokenizer.normalized_matcher_.add(&added, tokenizer.parts_.normalizer.apply(added.content));
    } else {
      tokenizer.raw_matcher_.add(&added, added.content);
    }
  }
  return tokenizer;
}

// Gives each added token its id: a new one, or that of the vocabulary's token of the same text.
Status Tokenizer::place_added_tokens() {
  std::vector<AddedToken>& added_tokens = parts_.added_tokens;
  bytes_of_id_ = bpe_.tokens();
  std::stable_sort(added_tokens.begin(), added_tokens.end(),
                   [](const AddedToken& a, const AddedToken& b) { return a.id < b.id; });
  special_of_id_.assign(bytes_of_id_.size() + added_tokens.size(), 0);
  int32_t last_id = -1;
  for (const AddedToken& added : added_tokens) {
    const std::string what = added.content.substr(0, 100) + ", id " + std::to_string(added.id);
    if (added.content.empty()) return invalid_tokenizer("added token is empty: " + what);
    if (added.content.size() > kMaxAddedTokenBytes) {
      return invalid_tokenizer("added token is too long: " + what);
    }
    const size_t id = static_cast<size_t>(added.id);
    if (added.id < 0 || id > bytes_of_id_.size()) {
      return invalid_tokenizer("added token leaves a gap of ids: " + what);
    }
    if (id == bytes_of_id_.size()) bytes_of_id_.emplace_back();
    const std::string& present = bytes_of_id_[id];
    const bool is_same = to_byte_level(present) == added.content;
    if (added.id == last_id || (!present.empty() && !is_same)) {
      return invalid_tokenizer("added token has the id of another token: " + what);
    }
    bytes_of_id_[id] = added.content;
    special_of_id_[id] = added.is_special ? 1 : 0;
    last_id = added.id;
  }
  special_of_id_.resize(bytes_of_id_.size());
  return {};
}

// Encodes a text without raw added tokens: normalised, searched once more, cut and merged.
void Tokenizer::encode_segment(std::string_view text, bool parses_special,
                               std::vector<int32_t>& ids) const {
  std::string normalized;
  if (!parts_.normalizer.is_identity()) {
    normalized = parts_.normalizer.apply(text);
    text = normalized;
  }
  const auto accepts = [&](size_t, size_t, const AddedToken& token) {
    return parses_special || !token.is_special;
  };
  normalized_matcher_.split(text, accepts, [&](const AddedTokenMatcher::Piece& piece) {
    if (piece.token != nullptr) {
      ids.push_back(piece.token->id);
    } else {
      pre_tokenizer_.split(text.substr(piece.begin, piece.end - piece.begin),
                           [&](std::string_view word) { bpe_.encode_word(word, ids); });
    }
  });
}

std::vector<int32_t> Tokenizer::encode(std::string_view text, SpecialTokens special_tokens) const {
  if (special_tokens == SpecialTokens::Parse) return encode_marked(text, {});
  const TextRange all = {0, text.size()};
  return encode_marked(text, {&all, 1});
}

std::vector<int32_t> Tokenizer::encode_marked(std::string_view text,
                                              std::span<const TextRange> untrusted) const {
  std::vector<int32_t> ids;
  std::string repaired;
  TextRange all;
  if (!bpe_.has_all_bytes() && !is_utf8(text)) {
    // The ranges do not fit the repaired text: all of it is as little trusted as any part was.
    repaired = replace_invalid_utf8(text);
    text = repaired;
    all.end = text.size();
    if (!untrusted.empty()) untrusted = {&all, 1};
  }
  ids.reserve(text.size() / 3 + 4);
  const auto accepts = [&](size_t begin, size_t end, const AddedToken& token) {
    return !token.is_special || !overlaps(untrusted, begin, end);
  };
  raw_matcher_.split(text, accepts, [&](const AddedTokenMatcher::Piece& piece) {
    if (piece.token != nullptr) {
      ids.push_back(piece.token->id);
    } else {
      encode_segment(text.substr(piece.begin, piece.end - piece.begin),
                     !overlaps(untrusted, piece.begin, piece.end), ids);
    }
  });
  return ids;
}

std::vector<int32_t> Tokenizer::with_special_tokens(std::vector<int32_t> ids) const {
  ids.insert(ids.begin(), parts_.prefix_ids.begin(), parts_.prefix_ids.end());
  ids.insert(ids.end(), parts_.suffix_ids.begin(), parts_.suffix_ids.end());
  return ids;
}

std::string Tokenizer::decode(std::span<const int32_t> ids, SpecialTokens special_tokens) const {
  std::string text;
  for (int32_t id : ids) {
    if (special_tokens == SpecialTokens::Ignore && is_special(id)) continue;
    text += token_bytes(id);
  }
  return text;
}

std::string_view Tokenizer::token_bytes(int32_t id) const {
  if (id < 0 || id >= vocab_size()) return {};
  return bytes_of_id_[static_cast<size_t>(id)];
}

std::optional<int32_t> Tokenizer::special_id(std::string_view content) const {
  for (const AddedToken& added : parts_.added_tokens) {
    if (added.content == content) return added.id;
  }
  return std::nullopt;
}

bool Tokenizer::is_special(int32_t id) const {
  return id >= 0 && id < vocab_size() && special_of_id_[static_cast<size_t>(id)] != 0;
}

}  // namespace caco::lm
