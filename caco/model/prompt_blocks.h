// The block form of the embedded model and of ChatML: how a role's text is marked off in a raw
// prompt. Internal to the prompts.
#pragma once

#include <string>
#include <string_view>

namespace caco {

// Returns the mark that begins a block; the model continues with its text.
inline std::string begin_block(std::string_view role) {
  return "<|im_start|>" + std::string(role) + "\n";
}

// Returns a whole block with its line end.
inline std::string make_block(std::string_view role, std::string_view text) {
  return begin_block(role) + std::string(text) + "<|im_end|>\n";
}

}  // namespace caco
