// Text to token ids and back: byte-level BPE as `tokenizer.json` of the Hugging Face layout
// describes it.
//
// The path of a text: added tokens are cut out first (leftmost, longest), the rest is cut into
// words by the pre-tokenizer's regular expressions, and each word's bytes are merged pair by pair
// in the order of the merge ranks. Decoding only concatenates the tokens' bytes. A component of
// tokenizer.json that this class does not implement is an error, never an approximation.
//
// Immutable after construction; all const functions may be called from several threads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "caco/base/result.h"
#include "caco/lm/bpe.h"
#include "caco/lm/pre_tokenizer.h"

namespace caco::lm {

// What encode does with the text of special tokens ("<|im_end|>") in its input. Text from outside
// is encoded with Ignore, so that it cannot end a turn or open one.
enum class SpecialTokens {
  Parse,   // becomes the special token's id
  Ignore,  // is encoded like any other text
};

// A token that is matched in the raw text before everything else.
struct AddedToken {
  int32_t id = 0;
  std::string content;
  bool is_special = true;  // never part of a reply's text; not parsed under SpecialTokens::Ignore
};

class Tokenizer {
 public:
  // Reads `directory`/tokenizer.json. Errors: a file that cannot be read, and those of from_json.
  static Result<Tokenizer> load(const std::filesystem::path& directory);

  // Parses the text of a tokenizer.json. InvalidArgument names the component or the token that is
  // not supported or not consistent.
  static Result<Tokenizer> from_json(std::string_view tokenizer_json);

  // Builds from the older pair of files, given as texts: vocab.json and merges.txt (line ends LF or
  // CRLF). `added_tokens` ids may lie in the vocabulary or follow it without a gap.
  static Result<Tokenizer> from_vocab_and_merges(std::string_view vocab_json,
                                                 std::string_view merges_txt,
                                                 PreTokenizer pre_tokenizer,
                                                 std::vector<AddedToken> added_tokens);

  // Combines the parts. InvalidArgument: two tokens with one id, an id beyond the vocabulary that
  // leaves a gap, an empty added token.
  static Result<Tokenizer> create(Bpe bpe, PreTokenizer pre_tokenizer,
                                  std::vector<AddedToken> added_tokens);

  // Returns the ids of `text`. Any bytes are accepted: what is not UTF-8 is encoded byte by byte.
  std::vector<int32_t> encode(std::string_view text, SpecialTokens special_tokens) const;

  // Returns the bytes of `ids`; special tokens are written out when `special_tokens` is Parse and
  // left out when it is Ignore. Ids outside the vocabulary are left out.
  std::string decode(std::span<const int32_t> ids,
                     SpecialTokens special_tokens = SpecialTokens::Parse) const;

  // Returns the bytes of one token: possibly a part of a UTF-8 character; empty for an id outside
  // the vocabulary. Valid as long as the tokenizer.
  std::string_view token_bytes(int32_t id) const;

  // Number of ids, added tokens included. Every id in [0, vocab_size) has a token.
  int64_t vocab_size() const { return static_cast<int64_t>(bytes_of_id_.size()); }

  // Returns the id of the added token whose text is `content`, if there is one.
  std::optional<int32_t> special_id(std::string_view content) const;

  bool is_special(int32_t id) const;

  // Returns the text of a tokenizer.json that from_json reads back as the same tokenizer.
  std::string to_json() const;

  // Writes tokenizer.json and tokenizer_config.json (ChatML template, eos `<|im_end|>`, pad
  // `<|endoftext|>`) into `directory`, each file atomically. Errors: files that cannot be written.
  Status save(const std::filesystem::path& directory) const;

  const Bpe& bpe() const { return bpe_; }
  const std::vector<AddedToken>& added_tokens() const { return added_tokens_; }

 private:
  Tokenizer(Bpe bpe, PreTokenizer pre_tokenizer) noexcept
      : bpe_(std::move(bpe)), pre_tokenizer_(std::move(pre_tokenizer)) {}

  const AddedToken* added_token_at(std::string_view text, size_t position,
                                   SpecialTokens special_tokens) const;
  void encode_plain(std::string_view text, std::vector<int32_t>& ids) const;

  Bpe bpe_;
  PreTokenizer pre_tokenizer_;
  std::vector<AddedToken> added_tokens_;  // longest content first
  std::vector<std::string> bytes_of_id_;  // added tokens included
  std::vector<char> special_of_id_;       // 1: special
  std::string first_bytes_of_added_;      // first byte of each added token, for a quick scan
};

}  // namespace caco::lm
