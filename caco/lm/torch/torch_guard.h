// LibTorch reports by exceptions; nothing outside of this folder sees one.
#pragma once

#include <c10/util/Exception.h>

#include <exception>
#include <new>
#include <string>
#include <type_traits>

#include "caco/base/result.h"

namespace caco::lm {

// Returns what `body` returns, a Result, or what it threw as an error: ResourceExhausted when
// memory was short, else Internal.
template <typename Body>
std::invoke_result_t<Body> guarded(const Body& body) {
  try {
    return body();
  } catch (const c10::OutOfMemoryError& error) {
    return Error{
        ErrorCode::ResourceExhausted,
        std::string("not enough memory on the device: ") + error.what_without_backtrace(),
        "train with a lower --micro-batch-tokens or --gradient-checkpointing, serve with a "
        "lower --max-batch"};
  } catch (const c10::Error& error) {
    return Error{ErrorCode::Internal, std::string("LibTorch: ") + error.what_without_backtrace(),
                 ""};
  } catch (const std::exception& error) {
    return Error{ErrorCode::Internal, std::string("LibTorch: ") + error.what(), ""};
  }
}

}  // namespace caco::lm
