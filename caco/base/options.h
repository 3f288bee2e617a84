// Option fields: each option of a stage is described once, and everything else is derived from that
// description: reading it from a recipe with errors that say what is allowed, writing a commented
// recipe, listing it in a manifest, and hashing it into a receipt.
//
// An options struct is a plain aggregate with defaults. Beside it stands one function
//     void describe(OptionFields& fields, FilterOptions& options);
// that calls fields.integer("min_effective_lines", options.min_effective_lines, 1, 1000, "fewest
// effective lines of a program") and so on.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "caco/base/json.h"
#include "caco/base/result.h"

namespace caco {

// One option: where its value lives, what it means, what is allowed.
struct OptionField {
  std::string name;
  std::string description;
  std::variant<bool*, int64_t*, double*, std::string*, std::vector<std::string>*> target;
  double minimum = 0;                // numbers
  double maximum = 0;                // numbers
  std::vector<std::string> allowed;  // strings; empty = any
  bool affects_result =
      true;  // false: speed or display only, left out of receipts (threads, timeouts of our own)
};

class OptionFields {
 public:
  void boolean(std::string name, bool& target, std::string description);
  void integer(std::string name, int64_t& target, int64_t minimum, int64_t maximum,
               std::string description);
  void number(std::string name, double& target, double minimum, double maximum,
              std::string description);
  void text(std::string name, std::string& target, std::string description);
  void choice(std::string name, std::string& target, std::vector<std::string> allowed,
              std::string description);
  void list(std::string name, std::vector<std::string>& target, std::string description);
  // The field described last does not change results: it stays out of hashes.
  void last_is_performance_only();

  const std::vector<OptionField>& all() const { return fields_; }

 private:
  std::vector<OptionField> fields_;
};

// Sets one described option from a JSON value. InvalidArgument says the name, what was found and
// what is allowed.
Status set_option(const OptionField& field, const Json& value);

// Returns what is allowed, in words: "an integer from 1 to 1000", "one of: exact, qwen".
std::string allowed_values(const OptionField& field);

// Returns the current value of one option as JSON.
Json option_value(const OptionField& field);

// Returns all options as one JSON object in the order of description; `only_affecting` leaves out
// the performance-only ones.
Json options_to_json(const OptionFields& fields, bool only_affecting);

}  // namespace caco
