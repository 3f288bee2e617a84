// Text to token ids and back: byte-level BPE as `tokenizer.json` of the Hugging Face layout
// describes it.
//
// The path of a text: added tokens are cut out first (leftmost, longest), the rest is normalised
// (and searched for the added tokens that ask for it), cut into words by the pre-tokenizer, and
// each word's bytes are merged pair by pair in the order of the merge ranks. Decoding only
// concatenates the tokens' bytes. A component of tokenizer.json that this class does not implement
// is an error, never an approximation.
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

#include "caco/base/json.h"
#include "caco/base/result.h"
#include "caco/lm/added_tokens.h"
#include "caco/lm/bpe.h"
#include "caco/lm/normalizer.h"
#include "caco/lm/pre_tokenizer.h"

namespace caco::lm {

// What encode does with the text of special tokens ("<|im_end|>") in its input. Text from outside
// is encoded with Ignore, so that it cannot end a turn or open one.
enum class SpecialTokens {
  Parse,   // becomes the special token's id
  Ignore,  // is encoded like any other text
};

// A stretch of bytes of a text.
struct TextRange {
  size_t begin = 0;
  size_t end = 0;
};

// What a tokenizer is made of, besides its merges.
struct TokenizerParts {
  Normalizer normalizer;
  std::vector<AddedToken> added_tokens;
  // What the post-processor puts around a text: begin-of-text and the like.
  std::vector<int32_t> prefix_ids;
  std::vector<int32_t> suffix_ids;
  Json post_processor;  // as in tokenizer.json; null: none
  Json decoder;
};

class Tokenizer {
 public:
  // Reads `directory`/tokenizer.json, or the older vocab.json and merges.txt where the class named
  // in tokenizer_config.json says how they are used (GPT-2 and Qwen2). Errors: a file that cannot
  // be read, and those of from_json.
  static Result<Tokenizer> load(const std::filesystem::path& directory);

  // Parses the text of a tokenizer.json. InvalidArgument names the component or the token that is
  // not supported or not consistent. Its truncation and padding concern batches, and are not
  // applied (transformers resets them too).
  static Result<Tokenizer> from_json(std::string_view tokenizer_json);

  // Builds from the older pair of files, given as texts: vocab.json and merges.txt (line ends LF or
  // CRLF). `added_tokens` ids may lie in the vocabulary or follow it without a gap.
  static Result<Tokenizer> from_vocab_and_merges(std::string_view vocab_json,
                                                 std::string_view merges_txt,
                                                 PreTokenizer pre_tokenizer,
                                                 std::vector<AddedToken> added_tokens,
                                                 Normalizer normalizer = {});

  // Combines the parts. InvalidArgument: two tokens with one id, an id beyond the vocabulary that
  // leaves a gap, an empty added token, a prefix or suffix outside the vocabulary.
  static Result<Tokenizer> create(Bpe bpe, PreTokenizer pre_tokenizer, TokenizerParts parts);
  static Result<Tokenizer> create(Bpe bpe, PreTokenizer pre_tokenizer,
                                  std::vector<AddedToken> added_tokens);

  // Returns the ids of `text`, without the post-processor's. Any bytes are accepted: what is not
  // UTF-8 is encoded byte by byte, or as U+FFFD where the vocabulary lacks the bytes that UTF-8
  // never has (DeepSeek).
  std::vector<int32_t> encode(std::string_view text, SpecialTokens special_tokens) const;

  // Returns the ids of `text`; a special token is parsed where none of its bytes lies in the
  // `untrusted` ranges, which are sorted and do not overlap.
  std::vector<int32_t> encode_marked(std::string_view text,
                                     std::span<const TextRange> untrusted) const;

  // Returns `ids` between the post-processor's prefix and suffix, as
  // encode(add_special_tokens=True) of the format's library. Not for rendered chats: their
  // templates write these tokens.
  std::vector<int32_t> with_special_tokens(std::vector<int32_t> ids) const;

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
  const PreTokenizer& pre_tokenizer() const { return pre_tokenizer_; }
  const Normalizer& normalizer() const { return parts_.normalizer; }
  const std::vector<AddedToken>& added_tokens() const { return parts_.added_tokens; }
  const std::vector<int32_t>& prefix_ids() const { return parts_.prefix_ids; }
  const std::vector<int32_t>& suffix_ids() const { return parts_.suffix_ids; }

 private:
  Tokenizer(Bpe bpe, PreTokenizer pre_tokenizer, TokenizerParts parts)
      : bpe_(std::move(bpe)), pre_tokenizer_(std::move(pre_tokenizer)), parts_(std::move(parts)) {}

  Status place_added_tokens();
  void encode_segment(std::string_view text, bool parses_special, std::vector<int32_t>& ids) const;

  Bpe bpe_;
  PreTokenizer pre_tokenizer_;
  TokenizerParts parts_;                  // added tokens by id
  AddedTokenMatcher raw_matcher_;         // of added tokens in the raw text
  AddedTokenMatcher normalized_matcher_;  // and in the normalised text
  std::vector<std::string> bytes_of_id_;  // added tokens included
  std::vector<char> special_of_id_;       // 1: special
};

}  // namespace caco::lm
