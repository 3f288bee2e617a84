// Result<T>: a value or an Error, for everything that can fail because of the environment.
//
// Three kinds of bad news are kept apart in this project. A bad sample is data: it is rejected with
// an enumerated reason (record/reject_reason.h) and never becomes an Error. A failing environment
// (a missing file, a dead server, a full disk, a wrong option) is an Error. A broken assumption is
// a bug and is asserted. Immutable after construction; safe to pass between threads.
#pragma once

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace caco {

// What the caller should do about it, not where it came from.
enum class ErrorCode {
  InvalidArgument,    // the request or the input is wrong: change it
  NotFound,           // a named thing is not there: create it or fix the name
  Unavailable,        // something outside is not answering: try again later
  ResourceExhausted,  // disk, memory, processes: free some
  DataLoss,           // a file is not what its checksum says: restore or remove it
  Cancelled,          // asked to stop
  Internal,           // anything else
};

struct Error {
  ErrorCode code = ErrorCode::Internal;
  // What could not be done, lower case, values last: "cannot open: /x/y: No such file or
  // directory".
  std::string message;
  // What to do about it, when known; empty otherwise.
  std::string hint;
};

// Returns "message (hint)" or just the message.
inline std::string to_string(const Error& error) {
  return error.hint.empty() ? error.message : error.message + " (" + error.hint + ")";
}

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }

  // REQUIRES: ok()
  T& value() & {
    assert(ok());
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    assert(ok());
    return *std::get_if<0>(&state_);
  }
  // By value, so that a range-for over `f().value()` keeps what it walks over alive.
  T value() && {
    assert(ok());
    return std::move(*std::get_if<0>(&state_));
  }

  // REQUIRES: !ok()
  const Error& error() const {
    assert(!ok());
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : failed_(true), error_(std::move(error)) {}

  bool ok() const { return !failed_; }
  void value() const { assert(ok()); }

  // REQUIRES: !ok()
  const Error& error() const {
    assert(failed_);
    return error_;
  }

 private:
  bool failed_ = false;
  Error error_;
};

using Status = Result<void>;

}  // namespace caco

// Evaluates a Result; on success yields its value, otherwise returns its Error from the enclosing
// function. A GNU statement expression, as in Serenity's TRY: the value can be used in place.
#define TRY(expression)                              \
  __extension__({                                    \
    auto try_result = (expression);                  \
    if (!try_result.ok()) return try_result.error(); \
    std::move(try_result).value();                   \
  })
