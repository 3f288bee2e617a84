#include "caco/stages/benchmark.h"

#include <algorithm>

#include "caco/answer/answer.h"
#include "caco/base/hash.h"
#include "caco/seeds/families.h"
#include "caco/seeds/line_text.h"

namespace caco {
namespace {

// Problems made in one run of the families.
constexpr int64_t kFamilyBatch = 100;

Result<std::vector<BenchmarkProblem>> make_family_problems(const BenchmarkOptions& options,
                                                           Sandbox& sandbox) {
  const SeedFamilies families = TRY(SeedFamilies::load(options.families_folder));
  std::vector<BenchmarkProblem> problems;
  for (int64_t first = 0; first < options.num_problems; first += kFamilyBatch) {
    const int64_t count = std::min(kFamilyBatch, options.num_problems - first);
    const std::vector<FamilyProblem> made = TRY(families.make_problems(
        sandbox, options.split, static_cast<uint64_t>(options.seed), first, count));
    for (const FamilyProblem& problem : made) {
      problems.push_back({problem.id, problem.question, problem.answer});
    }
  }
  return problems;
}

Error bad_line(const BenchmarkOptions& options, int64_t number, const std::string& what) {
  return Error{ErrorCode::InvalidArgument,
               "no benchmark problem: " + options.path + ":" + std::to_string(number) + ": " + what,
               "set question_field and answer_field of the benchmark " + options.name};
}

// A gold answer that comes as a worked solution stands behind #### or in \boxed{}.
std::string gold_answer(const std::string& text) {
  const bool is_solution =
      text.find("####") != std::string::npos || text.find("\\boxed") != std::string::npos;
  return is_solution ? extract_answer(text).text : text;
}

// A field as text: numbers, too, are answers.
std::string field_text(const Json& object, const std::string& name) {
  const auto found = object.find(name);
  if (found == object.end() || found->is_null()) return "";
  return found->is_string() ? found->get<std::string>() : dump_json(*found);
}

Result<std::vector<BenchmarkProblem>> read_problems(const BenchmarkOptions& options) {
  const std::string text = TRY(read_packed_file(options.path));
  const std::string_view all = text;
  std::vector<BenchmarkProblem> problems;
  for (const LineSpan& span : find_lines(all)) {
    if (options.num_problems > 0 && std::ssize(problems) >= options.num_problems) break;
    const Result<Json> line =
        parse_json(all.substr(static_cast<size_t>(span.offset), static_cast<size_t>(span.length)));
    if (!line.ok()) return bad_line(options, span.number, line.error().message);
    if (!line.value().is_object()) return bad_line(options, span.number, "not an object");
    BenchmarkProblem problem;
    problem.id = field_text(line.value(), "id");
    problem.question = field_text(line.value(), options.question_field);
    problem.answer = gold_answer(field_text(line.value(), options.answer_field));
    if (problem.question.empty()) {
      return bad_line(options, span.number, "no \"" + options.question_field + "\"");
    }
    if (problem.answer.empty()) {
      return bad_line(options, span.number, "no \"" + options.answer_field + "\"");
    }
    if (problem.id.empty()) problem.id = options.name + "-" + std::to_string(span.number);
    problems.push_back(std::move(problem));
  }
  return problems;
}

}  // namespace

void describe(OptionFields& fields, BenchmarkOptions& options) {
  fields.text("name", options.name, "name of the benchmark in tables");
  fields.choice("kind", options.kind, {"families", "file"},
                "problems made by the seed families, or a file of JSON Lines");
  fields.choice("split", options.split, {"seen", "unseen"},
                "families: structures that the seeds have, or held-out ones");
  fields.text("path", options.path, "the file; plain, .gz or .zst");
  fields.text("question_field", options.question_field, "file: key of the question");
  fields.text("answer_field", options.answer_field, "file: key of the gold answer");
  fields.integer("num_problems", options.num_problems, 0, 1'000'000,
                 "families: how many problems; file: at most so many, 0 = all");
}

std::string benchmark_fingerprint(const BenchmarkOptions& options) {
  BenchmarkOptions shown = options;
  shown.path.clear();  // the content counts, not where it lies
  OptionFields fields;
  describe(fields, shown);
  std::string text = dump_json(options_to_json(fields, /*only_affecting=*/true));
  if (options.kind == "families") {
    const Result<SeedFamilies> families = SeedFamilies::load(options.families_folder);
    return text + " " + std::to_string(options.seed) + " " +
           (families.ok() ? families.value().content_hash() : "absent");
  }
  const Result<std::string> content = read_packed_file(options.path);
  return text + " " + (content.ok() ? hash_hex(content.value()) : "absent");
}

Result<std::vector<BenchmarkProblem>> load_benchmark(const BenchmarkOptions& options,
                                                     Sandbox& sandbox) {
  if (options.kind == "families") return make_family_problems(options, sandbox);
  return read_problems(options);
}

}  // namespace caco
