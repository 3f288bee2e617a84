#include "caco/seeds/seed_line.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "caco/base/json.h"
#include "caco/seeds/line_text.h"

namespace caco {
namespace {

constexpr std::string_view kAnswerMark = "####";

std::vector<std::string_view> split(std::string_view text, char mark) {
  std::vector<std::string_view> parts;
  size_t start = 0;
  while (true) {
    const size_t end = text.find(mark, start);
    if (end == std::string_view::npos) break;
    parts.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  parts.push_back(text.substr(start));
  return parts;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const size_t start = text.find_first_not_of(kBlank);
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(kBlank) - start + 1);
}

// Returns the value at a path, or null when there is none.
const Json* find_path(const Json& object, std::string_view path) {
  const Json* value = &object;
  for (const std::string_view name : split(path, '.')) {
    if (value->is_object()) {
      const auto found = value->find(std::string(name));
      if (found == value->end()) return nullptr;
      value = &*found;
    } else if (value->is_array()) {
      size_t index = 0;
      const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), index);
      const bool is_index = problem == std::errc() && end == name.data() + name.size();
      if (!is_index || index >= value->size()) return nullptr;
      value = &(*value)[index];
    } else {
      return nullptr;
    }
  }
  return value->is_null() ? nullptr : value;
}

// Returns the text of a value: a string as it is, a number as written, a truth value as Python
// writes it (gold answers are compared with Python's output).
Result<std::string> text_of_value(const Json& value, std::string_view path) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number()) return dump_json(value);
  if (value.is_boolean()) return std::string(value.get<bool>() ? "True" : "False");
  return Error{
      ErrorCode::InvalidArgument,
      "field `" + std::string(path) + "` is of type " + value.type_name() + ", expected text", ""};
}

// Returns the text of a field specification; empty when the field is not there.
Result<std::string> read_field(const Json& object, std::string_view specification) {
  if (specification.empty()) return std::string();
  for (const std::string_view alternative : split(specification, '|')) {
    const std::vector<std::string_view> paths = split(alternative, '+');
    if (find_path(object, paths[0]) == nullptr) continue;
    std::string joined;
    for (const std::string_view path : paths) {
      const Json* const value = find_path(object, path);
      if (value == nullptr) continue;
      const std::string text = TRY(text_of_value(*value, path));
      if (trim(text).empty()) continue;
      if (!joined.empty()) joined += '\n';
      joined += text;
    }
    return joined;
  }
  return std::string();
}

// Returns what stands in the last \boxed{...} of a text, with nested braces; empty when there is
// none.
std::string_view last_boxed(std::string_view text) {
  constexpr std::string_view kBegin = "\\boxed{";
  const size_t begin = text.rfind(kBegin);
  if (begin == std::string_view::npos) return {};
  const std::string_view rest = text.substr(begin + kBegin.size());
  int64_t depth = 1;
  for (size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] == '{') ++depth;
    if (rest[i] == '}' && --depth == 0) return rest.substr(0, i);
  }
  return {};
}

// Returns the marked answer of a worked solution; empty when nothing is marked.
std::string marked_answer(std::string_view solution) {
  const size_t mark = solution.rfind(kAnswerMark);
  if (mark == std::string_view::npos) return std::string(trim(last_boxed(solution)));
  std::string_view rest = solution.substr(mark + kAnswerMark.size());
  rest = rest.substr(0, rest.find('\n'));
  return std::string(trim(rest));
}

Result<Seed> read_seed(const Json& object, const FieldMap& map) {
  Seed seed;
  seed.question = trim(TRY(read_field(object, map.question)));
  seed.solution = trim(TRY(read_field(object, map.solution)));
  seed.program = TRY(read_field(object, map.program));
  seed.answer = trim(TRY(read_field(object, map.answer)));
  seed.seed_id = TRY(read_field(object, map.id));
  if (seed.answer.find(kAnswerMark) != std::string::npos) {
    seed.answer = marked_answer(seed.answer);
  } else if (seed.answer == seed.solution) {
    seed.solution.clear();  // one field read for both, and it holds a bare answer
  }
  if (seed.answer.empty()) seed.answer = marked_answer(seed.solution);
  if (trim(seed.program).empty()) {
    seed.program.clear();
  } else if (const std::string test = TRY(read_field(object, map.test)); !test.empty()) {
    seed.program += (seed.program.ends_with('\n') ? "\n" : "\n\n") + test + "\n";
  }
  return seed;
}

}  // namespace

void describe(OptionFields& fields, FieldMap& map) {
  fields.text("question", map.question,
              "field path of the question; a|b: the first there is; a+b: joined");
  fields.text("solution", map.solution, "field path of the worked solution in words");
  fields.text("program", map.program, "field path of the program");
  fields.text("answer", map.answer,
              "field path of the gold answer, or of a text ending in #### ANSWER");
  fields.text("id", map.id, "field path of the seed's own id");
  fields.text("test", map.test, "field path of a test that shows how the program is called");
}

Result<FieldMap> field_map_preset(std::string_view name) {
  FieldMap map;
  if (name == "plain") return map;
  if (name == "gsm8k") {
    map.question = "question";
    map.solution = "solution|answer";
    map.program = "program";
    return map;
  }
  if (name == "alpaca") {
    map.question = "instruction+input";
    map.solution = "output";
    map.program = "code|program";
    return map;
  }
  if (name == "mbpp") {
    map.question = "question|text|prompt";
    map.id = "id|task_id";
    map.test = "test_list.0";
    return map;
  }
  return Error{ErrorCode::InvalidArgument, "no such seed format: " + std::string(name),
               "there are: plain, gsm8k, alpaca, mbpp"};
}

SeedLine parse_seed_line(std::string_view line, const FieldMap& map) {
  const auto wrong = [](std::string what) {
    return SeedLine{std::nullopt, std::move(what)};
  };
  if (std::ssize(line) > kMaxSeedLineBytes) {
    return wrong("longer than " + std::to_string(kMaxSeedLineBytes) + " bytes");
  }
  const int64_t invalid = find_invalid_utf8(line);
  if (invalid >= 0) return wrong("not UTF-8 at byte " + std::to_string(invalid + 1));
  const Result<Json> object = parse_json(line);
  if (!object.ok()) return wrong(object.error().message);
  if (!object.value().is_object()) return wrong("not a JSON object");
  Result<Seed> seed = read_seed(object.value(), map);
  if (!seed.ok()) return wrong(seed.error().message);
  if (seed.value().question.empty()) return wrong("no question in `" + map.question + "`");
  if (seed.value().solution.empty() && seed.value().program.empty()) {
    return wrong("neither a solution in `" + map.solution + "` nor a program in `" + map.program +
                 "`");
  }
  return {std::move(seed).value(), ""};
}

}  // namespace caco
