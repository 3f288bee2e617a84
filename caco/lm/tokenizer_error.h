// Errors of a tokenizer's files that several readers of them give.
#pragma once

#include <string>
#include <utility>

#include "caco/base/result.h"

namespace caco::lm {

inline Error invalid_tokenizer(std::string message) {
  return Error{ErrorCode::InvalidArgument, std::move(message), ""};
}

// Of a component of tokenizer.json: a normalizer, a pre-tokenizer.
inline Error invalid_component(std::string message) {
  return Error{ErrorCode::InvalidArgument, "tokenizer.json: " + std::move(message), ""};
}

}  // namespace caco::lm
