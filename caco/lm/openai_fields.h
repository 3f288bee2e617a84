// FieldReader: typed reads of a request's fields that remember the first thing that was wrong.
//
// A read of a bad field returns the default, so that a request is read in one straight line and
// asked about its error once, at the end. Absent and null are the same. Belongs to one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "caco/base/json.h"
#include "caco/lm/openai_error.h"

namespace caco::lm {

class FieldReader {
 public:
  // `body` must outlive the reader. No JSON object: an error at once.
  explicit FieldReader(const Json& body);

  // Returns the field, or nullptr when it is absent or null.
  const Json* find(const std::string& key) const;

  // The value where it is of the type and from `least` to `most`, which are part of the range.
  int64_t integer(const std::string& key, int64_t otherwise, int64_t least, int64_t most);
  double number(const std::string& key, double otherwise, double least, double most);
  bool boolean(const std::string& key, bool otherwise);
  std::string text(const std::string& key, const std::string& otherwise);

  // A text, or a list of at most `most` texts; empty texts are left out.
  std::vector<std::string> texts(const std::string& key, int64_t most);

  // A list of token ids below `vocab_size`.
  std::vector<int32_t> ids(const std::string& key, int64_t vocab_size);
  // The same of a list that is a part of the field.
  std::vector<int32_t> ids_of(const std::string& key, const Json& list, int64_t vocab_size);

  // Fails when the field says something: anything but null, false, zero, "", [], {}. Ignoring it
  // would change the reply without a word.
  void refuse(const std::string& key);

  // Remembers an error of a field; the first one stands.
  void fail(const std::string& param, const std::string& message, const std::string& code = "");
  void fail(OpenAiError error);

  bool ok() const { return !error_; }
  // REQUIRES: !ok()
  const OpenAiError& error() const { return *error_; }

 private:
  const Json& body_;
  std::optional<OpenAiError> error_;
};

}  // namespace caco::lm
