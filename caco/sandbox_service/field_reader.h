// FieldReader: takes the fields of a JSON object apart and notes all that is wrong with them, for
// APIs that answer a bad request with a list of its faults.
//
// Not thread-safe; made for one request.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "caco/base/json.h"
#include "caco/sandbox/run_request.h"

namespace caco {

// One thing that is wrong with a request, in the words of the APIs' own validation.
struct FieldFault {
  std::string type;   // "missing", "string_type", "value_error", ...
  std::string field;  // empty: the body as a whole
  std::string message;
};

class FieldReader {
 public:
  // `object` must outlive the reader. A value that is no object is a fault.
  explicit FieldReader(const Json& object);

  // Each returns the default and, unless the field is absent or null, notes a fault when the value
  // is not of the type or not within the bounds.
  std::string text(const std::string& name, const std::string& otherwise = "");
  std::string required_text(const std::string& name);
  double positive_number(const std::string& name, double otherwise);
  int64_t integer(const std::string& name, int64_t otherwise);
  bool boolean(const std::string& name, bool otherwise);
  std::vector<std::string> texts(const std::string& name);
  // An object of paths with base64 contents; null contents are left out.
  std::vector<ScratchFile> files(const std::string& name);

  bool has(const std::string& name) const;
  void fault(std::string type, std::string field, std::string message);
  const std::vector<FieldFault>& faults() const { return faults_; }
  // Returns all faults in one line.
  std::string faults_text() const;

 private:
  // Returns null when the field is absent or null.
  const Json* find(const std::string& name) const;

  const Json& object_;
  std::vector<FieldFault> faults_;
};

// Returns the body that FastAPI answers with status 422.
Json validation_body(const std::vector<FieldFault>& faults);

}  // namespace caco
