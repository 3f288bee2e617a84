// Text to token ids and back; see tokenizer.h. The file format is in tokenizer_json.cpp.
#include "caco/lm/tokenizer.h"

#include <algorithm>
#include <string>
#include <utility>

namespace caco::lm {
namespace {

Error invalid(std::string message) {
  return Error{ErrorCode::InvalidArgument, std::move(message), ""};
}

}  // namespace

Result<Tokenizer> Tokenizer::create(Bpe bpe, PreTokenizer pre_tokenizer,
                                    std::vector<AddedToken> added_tokens) {
  Tokenizer tokenizer(std::move(bpe), std::move(pre_tokenizer));
  tokenizer.bytes_of_id_ = tokenizer.bpe_.tokens();
  std::sort(added_tokens.begin(), added_tokens.end(),
            [](const AddedToken& a, const AddedToken& b) { return a.id < b.id; });
  for (const AddedToken& added : added_tokens) {
    if (added.content.empty()) {
      return invalid("added token is empty: id " + std::to_string(added.id));
    }
    const size_t id = static_cast<size_t>(added.id);
    if (added.id < 0 || id > tokenizer.bytes_of_id_.size()) {
      return invalid("added token leaves a gap of ids: " + added.content + ", id " +
                     std::to_string(added.id));
    }
    if (id == tokenizer.bytes_of_id_.size()) tokenizer.bytes_of_id_.emplace_back();
    if (!tokenizer.bytes_of_id_[id].empty()) {
      return invalid("added token has the id of another token: " + added.content + ", id " +
                     std::to_string(added.id));
    }
    tokenizer.bytes_of_id_[id] = added.content;
  }
  tokenizer.special_of_id_.assign(tokenizer.bytes_of_id_.size(), 0);
  for (const AddedToken& added : added_tokens) {
    tokenizer.special_of_id_[static_cast<size_t>(added.id)] = added.is_special ? 1 : 0;
    if (tokenizer.first_bytes_of_added_.find(added.content[0]) == std::string::npos) {
      tokenizer.first_bytes_of_added_.push_back(added.content[0]);
    }
  }
  // Longest first, so that the first hit at a position is the longest one.
  std::stable_sort(
      added_tokens.begin(), added_tokens.end(),
      [](const AddedToken& a, const AddedToken& b) { return a.content.size() > b.content.size(); });
  tokenizer.added_tokens_ = std::move(added_tokens);
  return tokenizer;
}

const AddedToken* Tokenizer::added_token_at(std::string_view text, size_t position,
                                            SpecialTokens special_tokens) const {
  const std::string_view rest = text.substr(position);
  for (const AddedToken& added : added_tokens_) {
    if (added.is_special && special_tokens == SpecialTokens::Ignore) continue;
    if (rest.starts_with(added.content)) return &added;
  }
  return nullptr;
}

void Tokenizer::encode_plain(std::string_view text, std::vector<int32_t>& ids) const {
  pre_tokenizer_.split(text, [&](std::string_view word) { bpe_.encode_word(word, ids); });
}

std::vector<int32_t> Tokenizer::encode(std::string_view text, SpecialTokens special_tokens) const {
  std::vector<int32_t> ids;
  ids.reserve(text.size() / 3 + 4);
  size_t done = 0;
  size_t position = text.find_first_of(first_bytes_of_added_);
  while (position != std::string_view::npos) {
    const AddedToken* added = added_token_at(text, position, special_tokens);
    if (added != nullptr) {
      encode_plain(text.substr(done, position - done), ids);
      ids.push_back(added->id);
      done = position + added->content.size();
    }
    position = text.find_first_of(first_bytes_of_added_, added != nullptr ? done : position + 1);
  }
  encode_plain(text.substr(done), ids);
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
  for (const AddedToken& added : added_tokens_) {
    if (added.content == content) return added.id;
  }
  return std::nullopt;
}

bool Tokenizer::is_special(int32_t id) const {
  return id >= 0 && id < vocab_size() && special_of_id_[static_cast<size_t>(id)] != 0;
}

}  // namespace caco::lm
