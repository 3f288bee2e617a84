// A tokenizer for tests: every byte is a token, next to three special tokens.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>

#include "caco/lm/tokenizer.h"

namespace caco::lm {

// Ids 0 to 2 are <|endoftext|>, <|im_start|> and <|im_end|>; byte b has id b + 3.
inline Tokenizer byte_tokenizer() {
  std::string vocab = "{\"<|endoftext|>\":0,\"<|im_start|>\":1,\"<|im_end|>\":2";
  std::string added;
  int next_other = 256;
  for (int byte = 0; byte < 256; ++byte) {
    const bool is_plain = (byte > 32 && byte < 127) || (byte > 160 && byte != 173);
    const int code = is_plain ? byte : next_other++;
    std::string text;
    if (code == '"' || code == '\\') {
      text = std::string("\\") + static_cast<char>(code);
    } else if (code < 128) {
      text = std::string(1, static_cast<char>(code));
    } else {
      text.push_back(static_cast<char>(0xc0 | (code >> 6)));
      text.push_back(static_cast<char>(0x80 | (code & 0x3f)));
    }
    vocab += ",\"" + text + "\":" + std::to_string(byte + 3);
  }
  int id = 0;
  for (const char* content : {"<|endoftext|>", "<|im_start|>", "<|im_end|>"}) {
    added += std::string(added.empty() ? "" : ",") + "{\"id\":" + std::to_string(id++) +
             ",\"content\":\"" + content +
             "\",\"single_word\":false,\"lstrip\":false,\"rstrip\":false,\"normalized\":false,"
             "\"special\":true}";
  }
  const std::string json =
      "{\"version\":\"1.0\",\"truncation\":null,\"padding\":null,\"added_tokens\":[" + added +
      "],\"normalizer\":null,\"pre_tokenizer\":{\"type\":\"ByteLevel\",\"add_prefix_space\":false,"
      "\"trim_offsets\":true,\"use_regex\":true},\"post_processor\":null,\"decoder\":{\"type\":"
      "\"ByteLevel\",\"add_prefix_space\":true,\"trim_offsets\":true,\"use_regex\":true},"
      "\"model\":{\"type\":\"BPE\",\"dropout\":null,\"unk_token\":null,"
      "\"continuing_subword_prefix\":null,\"end_of_word_suffix\":null,\"fuse_unk\":false,"
      "\"byte_fallback\":false,\"ignore_merges\":false,\"vocab\":" +
      vocab + "},\"merges\":[]}}";
  Result<Tokenizer> tokenizer = Tokenizer::from_json(json);
  EXPECT_TRUE(tokenizer.ok()) << tokenizer.error().message;
  return std::move(tokenizer).value();
}

}  // namespace caco::lm
