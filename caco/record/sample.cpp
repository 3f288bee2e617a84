// The codec of Sample. Each part's fields are listed once, in one function template that the writer
// and the reader both go through, so that the two cannot drift apart.
//
// Canonical form: keys in the order of these lists; absent parts, empty texts, empty lists and null
// values left out; numbers, booleans and enumerations always written. The writer appends to the
// line directly, without a tree in between, because each sample is written once by every step.
#include "caco/record/sample.h"

#include <array>
#include <cstddef>
#include <limits>
#include <utility>

#include "caco/base/hash.h"

namespace caco {
namespace {

constexpr std::array<std::string_view, 2> kOriginNames = {"seed", "generated"};
constexpr std::array<std::string_view, 13> kVerdictNames = {
    "ok",           "no_output",    "error_raised",   "compile_error",
    "exited",       "signaled",     "cpu_time_limit", "wall_time_limit",
    "memory_limit", "output_limit", "unserializable", "too_large",
    "protocol",
};
static_assert(kVerdictNames.size() == static_cast<size_t>(ExecutionVerdict::Protocol) + 1);
constexpr std::array<std::string_view, 6> kPartNames = {"seed",    "program",   "execution",
                                                        "problem", "solutions", "verification"};
static_assert(kPartNames.size() == static_cast<size_t>(Part::Verification) + 1);

std::optional<Origin> origin_from_string(std::string_view name) {
  if (name == kOriginNames[0]) return Origin::Seed;
  if (name == kOriginNames[1]) return Origin::Generated;
  return std::nullopt;
}

// Parses the names of one enumeration; overloads let the reader find the right one by type.
std::optional<Origin> parse_name(std::string_view name, Origin) {
  return origin_from_string(name);
}
std::optional<ExecutionVerdict> parse_name(std::string_view name, ExecutionVerdict) {
  return execution_verdict_from_string(name);
}
std::optional<RejectReason> parse_name(std::string_view name, RejectReason) {
  return reject_reason_from_string(name);
}

// Appends a JSON string. Text with bytes above 127 takes the library's way, which checks UTF-8.
void append_json_string(std::string& line, std::string_view text) {
  static constexpr char kHexDigits[] = "0123456789abcdef";
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x7f) {
      line += dump_json(Json(text));
      return;
    }
  }
  line += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        line += "\\\"";
        break;
      case '\\':
        line += "\\\\";
        break;
      case '\n':
        line += "\\n";
        break;
      case '\t':
        line += "\\t";
        break;
      case '\r':
        line += "\\r";
        break;
      case '\b':
        line += "\\b";
        break;
      case '\f':
        line += "\\f";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          line += "\\u00";
          line += kHexDigits[static_cast<unsigned char>(c) >> 4];
          line += kHexDigits[static_cast<unsigned char>(c) & 15];
        } else {
          line += c;
        }
    }
  }
  line += '"';
}

// Writes the fields of one object.
class FieldWriter {
 public:
  explicit FieldWriter(std::string& line) : line_(line) { line_ += '{'; }
  void finish() { line_ += '}'; }

  void text(std::string_view name, const std::string& value) {
    if (value.empty()) return;
    key(name);
    append_json_string(line_, value);
  }
  void required_text(std::string_view name, const std::string& value) {
    key(name);
    append_json_string(line_, value);
  }
  void integer(std::string_view name, int64_t value) {
    key(name);
    line_ += std::to_string(value);
  }
  void boolean(std::string_view name, bool value) {
    key(name);
    line_ += value ? "true" : "false";
  }
  template <typename Enum>
  void enumeration(std::string_view name, Enum value) {
    key(name);
    append_json_string(line_, to_string(value));
  }
  void json(std::string_view name, const Json& value) {
    if (value.is_null()) return;
    key(name);
    line_ += dump_json(value);
  }
  void texts(std::string_view name, const std::vector<std::string>& values) {
    if (values.empty()) return;
    key(name);
    char separator = '[';
    for (const std::string& value : values) {
      line_ += separator;
      append_json_string(line_, value);
      separator = ',';
    }
    line_ += ']';
  }
  void text_pairs(std::string_view name,
                  const std::vector<std::pair<std::string, std::string>>& values) {
    if (values.empty()) return;
    key(name);
    char separator = '[';
    for (const auto& [first, second] : values) {
      line_ += separator;
      line_ += '[';
      append_json_string(line_, first);
      line_ += ',';
      append_json_string(line_, second);
      line_ += ']';
      separator = ',';
    }
    line_ += ']';
  }
  template <typename PartType, typename Fields>
  void object(std::string_view name, const PartType& part, Fields fields) {
    key(name);
    FieldWriter inner(line_);
    fields(inner, part);
    inner.finish();
  }
  template <typename PartType, typename Fields>
  void optional_object(std::string_view name, const std::optional<PartType>& part, Fields fields) {
    if (part.has_value()) object(name, *part, fields);
  }
  template <typename PartType, typename Fields>
  void objects(std::string_view name, const std::vector<PartType>& parts, Fields fields) {
    if (parts.empty()) return;
    key(name);
    char separator = '[';
    for (const PartType& part : parts) {
      line_ += separator;
      FieldWriter inner(line_);
      fields(inner, part);
      inner.finish();
      separator = ',';
    }
    line_ += ']';
  }

 private:
  void key(std::string_view name) {
    if (!is_first_) line_ += ',';
    is_first_ = false;
    line_ += '"';
    line_ += name;
    line_ += "\":";
  }

  std::string& line_;
  bool is_first_ = true;
};

// Reads the fields of one object and remembers the first thing that is wrong with it. A field that
// is absent or null keeps its default unless it is required. Texts are moved out of the tree.
class FieldReader {
 public:
  // `path` names the object in messages: "execution.facts"; empty for the whole sample.
  FieldReader(Json& object, std::string path, std::string& problem)
      : object_(object), path_(std::move(path)), problem_(problem) {
    if (!object_.is_object()) complain(path_, "an object", object_);
  }

  // Reports the first key that no field asked for.
  void finish() {
    if (failed() || num_found_ == object_.size()) return;
    for (const auto& [key, value] : object_.items()) {
      bool is_known = false;
      for (const std::string_view name : names_)
        is_known = is_known || name == key;
      if (!is_known) problem_ = "unknown key \"" + path_to(key) + "\"";
      if (failed()) return;
    }
  }

  void text(std::string_view name, std::string& value) {
    Json* found = find(name);
    if (found == nullptr) return;
    if (!found->is_string()) return complain(path_to(name), "a string", *found);
    value = std::move(found->get_ref<std::string&>());
  }
  void required_text(std::string_view name, std::string& value) {
    text(name, value);
    if (value.empty()) missing(name);
  }
  void integer(std::string_view name, int64_t& value) {
    const Json* found = find(name);
    if (found == nullptr) return;
    const bool fits =
        found->is_number_integer() &&
        (!found->is_number_unsigned() ||
         found->get<uint64_t>() <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max()));
    if (!fits) return complain(path_to(name), "an integer of 64 bits", *found);
    value = found->get<int64_t>();
  }
  void boolean(std::string_view name, bool& value) {
    const Json* found = find(name);
    if (found == nullptr) return;
    if (!found->is_boolean()) return complain(path_to(name), "true or false", *found);
    value = found->get<bool>();
  }
  template <typename Enum>
  void enumeration(std::string_view name, Enum& value) {
    const Json* found = find(name);
    if (found == nullptr) return missing(name);
    if (!found->is_string()) return complain(path_to(name), "a string", *found);
    const std::optional<Enum> parsed = parse_name(found->get_ref<const std::string&>(), Enum{});
    if (!parsed.has_value() && !failed()) {
      problem_ = "unknown value of \"" + path_to(name) + "\": " + dump_json(*found);
    }
    value = parsed.value_or(value);
  }
  void json(std::string_view name, Json& value) {
    if (Json* found = find(name); found != nullptr) value = std::move(*found);
  }
  void texts(std::string_view name, std::vector<std::string>& values) {
    Json* found = find(name);
    if (found == nullptr) return;
    if (!found->is_array()) return complain(path_to(name), "a list of strings", *found);
    for (Json& item : *found) {
      if (!item.is_string()) return complain(path_to(name), "a list of strings", item);
      values.push_back(std::move(item.get_ref<std::string&>()));
    }
  }
  void text_pairs(std::string_view name, std::vector<std::pair<std::string, std::string>>& values) {
    Json* found = find(name);
    if (found == nullptr) return;
    if (!found->is_array()) return complain(path_to(name), "a list of pairs", *found);
    for (Json& item : *found) {
      if (!item.is_array() || item.size() != 2 || !item[0].is_string() || !item[1].is_string()) {
        return complain(path_to(name), "a list of pairs of strings", item);
      }
      values.emplace_back(std::move(item[0].get_ref<std::string&>()),
                          std::move(item[1].get_ref<std::string&>()));
    }
  }
  template <typename PartType, typename Fields>
  void object(std::string_view name, PartType& part, Fields fields) {
    if (Json* found = find(name); found != nullptr) read_part(*found, path_to(name), part, fields);
  }
  template <typename PartType, typename Fields>
  void optional_object(std::string_view name, std::optional<PartType>& part, Fields fields) {
    Json* found = find(name);
    if (found == nullptr) return;
    part.emplace();
    read_part(*found, path_to(name), *part, fields);
  }
  template <typename PartType, typename Fields>
  void objects(std::string_view name, std::vector<PartType>& parts, Fields fields) {
    Json* found = find(name);
    if (found == nullptr) return;
    if (!found->is_array()) return complain(path_to(name), "a list of objects", *found);
    for (Json& item : *found) {
      const std::string path = path_to(name) + "[" + std::to_string(parts.size()) + "]";
      read_part(item, path, parts.emplace_back(), fields);
    }
  }

 private:
  bool failed() const { return !problem_.empty(); }

  std::string path_to(std::string_view name) const {
    return path_.empty() ? std::string(name) : path_ + "." + std::string(name);
  }

  Json* find(std::string_view name) {
    names_.push_back(name);
    if (failed() || !object_.is_object()) return nullptr;
    const auto found = object_.find(name);
    if (found == object_.end()) return nullptr;
    ++num_found_;
    return found->is_null() ? nullptr : &*found;
  }

  template <typename PartType, typename Fields>
  void read_part(Json& found, const std::string& path, PartType& part, Fields fields) {
    FieldReader inner(found, path, problem_);
    fields(inner, part);
    inner.finish();
  }

  void missing(std::string_view name) {
    if (!failed()) problem_ = "missing key \"" + path_to(name) + "\"";
  }

  void complain(const std::string& path, std::string_view wanted, const Json& found) {
    if (failed()) return;
    problem_ = "wrong type of \"" + path + "\": expected " + std::string(wanted) + ", found " +
               found.type_name();
  }

  Json& object_;
  std::string path_;
  std::string& problem_;
  std::vector<std::string_view> names_;
  size_t num_found_ = 0;
};

// From here on the lists of fields. `auto&` stands for FieldWriter with a const part or FieldReader
// with a mutable one.

constexpr auto kSeedFields = [](auto& codec, auto& seed) {
  codec.text("source", seed.source);
  codec.text("location", seed.location);
  codec.text("seed_id", seed.seed_id);
  codec.text("question", seed.question);
  codec.text("solution", seed.solution);
  codec.text("program", seed.program);
  codec.text("answer", seed.answer);
};

constexpr auto kProgramFields = [](auto& codec, auto& program) {
  codec.text("text", program.text);
  codec.text("made_by", program.made_by);
};

constexpr auto kFactsFields = [](auto& codec, auto& facts) {
  codec.integer("effective_lines", facts.effective_lines);
  codec.texts("input_names", facts.input_names);
  codec.texts("unused_inputs", facts.unused_inputs);
  codec.texts("imports", facts.imports);
  codec.text("normal_form", facts.normal_form);
  codec.text("structure", facts.structure);
};

constexpr auto kExecutionFields = [](auto& codec, auto& execution) {
  codec.enumeration("verdict", execution.verdict);
  codec.text_pairs("inputs", execution.inputs);
  codec.json("input_value", execution.input_value);
  codec.text("output_repr", execution.output_repr);
  codec.json("output_value", execution.output_value);
  codec.text("stdout", execution.stdout_text);
  codec.text("error_type", execution.error_type);
  codec.text("error_message", execution.error_message);
  codec.integer("error_line", execution.error_line);
  codec.boolean("is_deterministic", execution.is_deterministic);
  codec.object("facts", execution.facts, kFactsFields);
};

constexpr auto kProblemFields = [](auto& codec, auto& problem) {
  codec.text("question", problem.question);
  codec.text("made_by", problem.made_by);
};

constexpr auto kSolutionFields = [](auto& codec, auto& solution) {
  codec.text("text", solution.text);
  codec.text("answer", solution.answer);
  codec.text("finish", solution.finish);
};

constexpr auto kVerificationFields = [](auto& codec, auto& verification) {
  codec.integer("num_solutions", verification.num_solutions);
  codec.integer("num_equal", verification.num_equal);
  codec.integer("num_unknown", verification.num_unknown);
  codec.integer("chosen", verification.chosen);
  codec.text("consistency", verification.consistency);
  codec.texts("missing_inputs", verification.missing_inputs);
};

constexpr auto kRejectionFields = [](auto& codec, auto& rejection) {
  codec.enumeration("reason", rejection.reason);
  codec.text("step", rejection.step);
  codec.text("detail", rejection.detail);
};

// All of a sample but its version.
constexpr auto kSampleFields = [](auto& codec, auto& sample) {
  codec.required_text("id", sample.id);
  codec.text("parent", sample.parent);
  codec.enumeration("origin", sample.origin);
  codec.integer("round", sample.round);
  codec.optional_object("seed", sample.seed, kSeedFields);
  codec.optional_object("program", sample.program, kProgramFields);
  codec.optional_object("execution", sample.execution, kExecutionFields);
  codec.optional_object("problem", sample.problem, kProblemFields);
  codec.objects("solutions", sample.solutions, kSolutionFields);
  codec.optional_object("verification", sample.verification, kVerificationFields);
  codec.optional_object("rejection", sample.rejection, kRejectionFields);
};

}  // namespace

std::string_view to_string(Origin origin) {
  return kOriginNames[static_cast<size_t>(origin)];
}

std::string_view to_string(ExecutionVerdict verdict) {
  return kVerdictNames[static_cast<size_t>(verdict)];
}

std::string_view to_string(Part part) {
  return kPartNames[static_cast<size_t>(part)];
}

std::optional<ExecutionVerdict> execution_verdict_from_string(std::string_view name) {
  for (size_t i = 0; i < kVerdictNames.size(); ++i) {
    if (kVerdictNames[i] == name) return static_cast<ExecutionVerdict>(i);
  }
  return std::nullopt;
}

bool has_part(const Sample& sample, Part part) {
  switch (part) {
    case Part::Seed:
      return sample.seed.has_value();
    case Part::Program:
      return sample.program.has_value();
    case Part::Execution:
      return sample.execution.has_value();
    case Part::Problem:
      return sample.problem.has_value();
    case Part::Solutions:
      return !sample.solutions.empty();
    case Part::Verification:
      return sample.verification.has_value();
  }
  return false;
}

std::string make_sample_id(std::string_view parent, std::string_view step, int64_t ordinal) {
  return hash_hex_of({parent, step, std::to_string(ordinal)});
}

std::string encode_sample(const Sample& sample) {
  std::string line;
  line.reserve(512);
  FieldWriter writer(line);
  writer.integer("v", kSampleFormatVersion);
  kSampleFields(writer, sample);
  writer.finish();
  return line;
}

Result<Sample> decode_sample(std::string_view line) {
  Json object = TRY(parse_json(line));
  std::string problem;
  FieldReader reader(object, "", problem);
  int64_t version = 0;
  reader.integer("v", version);
  if (problem.empty() && version != kSampleFormatVersion) {
    problem = "unknown version of the sample format: " + std::to_string(version) + " in \"v\"";
  }
  Sample sample;
  kSampleFields(reader, sample);
  reader.finish();
  if (!problem.empty()) {
    return Error{ErrorCode::InvalidArgument, "not a sample: " + problem,
                 "written by another version of this program, or not by it"};
  }
  return sample;
}

}  // namespace caco
