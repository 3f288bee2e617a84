// The runner of the golden tests: tests/golden/STAGE/BEHAVIOUR.test, one text file each with what
// goes in, the replies of the model, and what must come out. UPDATE=1 in the environment rewrites
// what must come out; the difference is then reviewed. The form is described in
// tests/golden/README.md.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <sstream>

#include "caco/answer/answer.h"
#include "caco/base/file.h"
#include "caco/stages/dedup.h"
#include "caco/stages/execute.h"
#include "caco/stages/filter.h"
#include "caco/stages/generate.h"
#include "caco/stages/list_source.h"
#include "caco/stages/reverse.h"
#include "caco/stages/scripted_model.h"
#include "caco/stages/solve.h"
#include "caco/stages/unify.h"
#include "caco/stages/verify.h"

namespace caco {
namespace {

struct GoldenFile {
  std::string stage;
  std::map<std::string, Json> options;
  bool runs_twice = false;
  std::vector<Sample> samples;
  std::optional<std::vector<ScriptedModel::Line>> replies;
  std::string head;  // everything before the expectation, as written
  std::string expected;
};

SandboxOptions sandbox_options(bool runs_twice) {
  SandboxOptions options;
  options.num_workers = 1;
  options.cpu_limit_ms = 500;
  options.memory_limit_mb = 256;
  options.run_twice = runs_twice;
  options.allow_weak_isolation = true;
  return options;
}

Sandbox& sandbox(bool runs_twice) {
  static std::map<bool, std::unique_ptr<Sandbox>> sandboxes;
  std::unique_ptr<Sandbox>& found = sandboxes[runs_twice];
  if (!found) found = Sandbox::create(sandbox_options(runs_twice)).value();
  return *found;
}

// "--- solution length" -> {"solution", "length"}
std::pair<std::string, std::string> split_heading(const std::string& heading) {
  const size_t space = heading.find(' ');
  if (space == std::string::npos) return {heading, ""};
  return {heading.substr(0, space), heading.substr(space + 1)};
}

void add_field(const std::string& heading, const std::string& text, Sample& sample) {
  const auto [field, word] = split_heading(heading);
  const bool is_seed_field = field.starts_with("seed.");
  if (is_seed_field && !sample.seed) sample.seed = Seed{"golden", "", "", "", "", "", ""};
  if (field == "seed.question") {
    sample.seed->question = text;
  } else if (field == "seed.solution") {
    sample.seed->solution = text;
  } else if (field == "seed.program") {
    sample.seed->program = text;
  } else if (field == "seed.answer") {
    sample.seed->answer = text;
  } else if (field == "program") {
    sample.program = Program{text + "\n", word.empty() ? "generator" : word};
  } else if (field == "question") {
    sample.problem = Problem{text, word.empty() ? "reverser" : word};
  } else if (field == "solution") {
    const bool is_cut = word == "length";
    sample.solutions.push_back(
        {text, is_cut ? "" : extract_answer(text).text, is_cut ? "length" : "stop"});
  } else if (field == "round") {
    sample.round = std::stoll(text);
  } else {
    ADD_FAILURE() << "unknown field: " << field;
  }
}

// Puts the section that just ended where it belongs.
void end_section(const std::string& part, const std::string& heading, std::string text,
                 GoldenFile& file) {
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  if (heading.empty()) return;
  if (part == "sample") {
    add_field(heading, text, file.samples.back());
    return;
  }
  const auto [kind, word] = split_heading(heading);
  file.replies->push_back({text, word.empty() ? "stop" : word, kind == "refusal"});
}

void read_header_line(const std::string& line, GoldenFile& file) {
  if (line.empty() || line.starts_with("#")) return;
  const auto [word, rest] = split_heading(line);
  if (word == "stage") {
    file.stage = rest;
  } else if (word == "option") {
    const size_t equals = rest.find(" = ");
    file.options[rest.substr(0, equals)] = parse_json(rest.substr(equals + 3)).value();
  } else if (line == "sandbox run_twice") {
    file.runs_twice = true;
  } else {
    ADD_FAILURE() << "unknown line: " << line;
  }
}

GoldenFile parse_golden(const std::string& content) {
  GoldenFile file;
  std::istringstream lines(content);
  std::string line;
  std::string part;
  std::string heading;
  std::string text;
  while (std::getline(lines, line)) {
    const bool ends_section = line.starts_with("=== ") || line.starts_with("--- ");
    if (ends_section) {
      end_section(part, heading, text, file);
      heading.clear();
      text.clear();
    }
    file.head += line + "\n";
    if (line == "=== expect") {
      file.expected.assign(std::istreambuf_iterator<char>(lines), {});
      break;
    }
    if (line.starts_with("=== ")) {
      part = line.substr(4);
      if (part == "sample") file.samples.emplace_back();
      if (part == "replies") file.replies.emplace();
    } else if (line.starts_with("--- ")) {
      heading = line.substr(4);
    } else if (part.empty()) {
      read_header_line(line, file);
    } else {
      text += line + "\n";
    }
  }
  return file;
}

template <typename Options>
Options options_of(const GoldenFile& file) {
  Options options;
  OptionFields fields;
  describe(fields, options);
  for (const auto& [name, value] : file.options) {
    bool is_known = false;
    for (const OptionField& field : fields.all()) {
      if (field.name != name) continue;
      is_known = true;
      EXPECT_TRUE(set_option(field, value).ok()) << name;
    }
    EXPECT_TRUE(is_known) << name;
  }
  return options;
}

std::string indented(const std::string& text) {
  std::istringstream lines(text);
  std::string line;
  std::string result;
  while (std::getline(lines, line))
    result += "    " + line + "\n";
  return result;
}

std::string show_execution(const Execution& execution) {
  std::string text = "execution " + std::string(to_string(execution.verdict));
  if (!execution.output_repr.empty()) text += ", output " + execution.output_repr;
  text += "\n";
  for (const auto& [name, repr] : execution.inputs)
    text += "    " + name + " = " + repr + "\n";
  return text;
}

std::string show_verification(const Verification& found) {
  std::string text =
      std::to_string(found.num_equal) + " of " + std::to_string(found.num_solutions) + " equal, " +
      std::to_string(found.num_unknown) + " unknown, chosen " + std::to_string(found.chosen) +
      ", consistency " + (found.consistency.empty() ? "-" : found.consistency);
  for (const std::string& name : found.missing_inputs)
    text += ", missing " + name;
  return "verification: " + text + "\n";
}

std::string show(const Sample& sample, const StageParts& parts) {
  std::string text = "kept\n";
  if (sample.rejection) {
    text = "rejected " + std::string(to_string(sample.rejection->reason)) + ": " +
           sample.rejection->detail + "\n";
  }
  for (const Part part : parts.adds) {
    if (!has_part(sample, part)) continue;
    if (part == Part::Program) {
      text += "program (" + sample.program->made_by + ")\n" + indented(sample.program->text);
    } else if (part == Part::Execution) {
      text += show_execution(*sample.execution);
    } else if (part == Part::Problem) {
      text += "question (" + sample.problem->made_by + ")\n" + indented(sample.problem->question);
    } else if (part == Part::Solutions) {
      for (const Solution& solution : sample.solutions) {
        text += "solution (" + solution.finish + "), answer " +
                (solution.answer.empty() ? "-" : solution.answer) + "\n" + indented(solution.text);
      }
    } else if (part == Part::Verification) {
      text += show_verification(*sample.verification);
    }
  }
  return text;
}

std::string run_dedup(const GoldenFile& file) {
  const std::unique_ptr<Barrier> barrier = make_dedup_barrier(options_of<DedupOptions>(file), 2);
  std::string shown;
  Workspace workspace;
  workspace.folder =
      std::filesystem::temp_directory_path() / ("caco-golden-" + std::to_string(::getpid()));
  std::filesystem::create_directories(workspace.folder);
  workspace.emit = [&](const Sample& sample) -> Status {
    shown += sample.id + " " + show(sample, barrier->parts());
    return {};
  };
  const Status status = barrier->process(ListSource(file.samples), workspace);
  if (!status.ok()) shown += "error: " + to_string(status.error()) + "\n";
  const Json novelty = parse_json(read_file(workspace.folder / "novelty.json").value()).value();
  for (const auto& [name, value] : novelty.items())
    shown += name + " " + dump_json(value) + "\n";
  std::filesystem::remove_all(workspace.folder);
  return shown;
}

std::string run_generate(const GoldenFile& file, ScriptedModel& model, const PromptSet& prompts) {
  const std::unique_ptr<Source> source =
      make_generate_source(options_of<GenerateOptions>(file), model, prompts, 1);
  const Batch batch =
      source->make(0, static_cast<int64_t>(file.replies ? file.replies->size() : 0)).value();
  std::string shown;
  for (const Sample& sample : batch)
    shown += show(sample, source->parts());
  return shown;
}

std::unique_ptr<Stage> make_stage(const GoldenFile& file, ScriptedModel& model,
                                  const PromptSet& prompts) {
  LanguageModel* const bound = file.replies ? &model : nullptr;
  Sandbox& box = sandbox(file.runs_twice);
  if (file.stage == "unify") {
    return make_unify_stage(options_of<UnifyOptions>(file), box, bound, prompts);
  }
  if (file.stage == "execute") {
    ExecuteOptions options = options_of<ExecuteOptions>(file);
    options.sandbox = sandbox_options(file.runs_twice);
    return make_execute_stage(options, box);
  }
  if (file.stage == "filter") {
    const bool has_seed = !file.samples.empty() && file.samples.front().seed;
    return make_filter_stage(options_of<FilterOptions>(file),
                             has_seed ? FilterKind::Seeds : FilterKind::Generated);
  }
  if (file.stage == "reverse") {
    return make_reverse_stage(options_of<ReverseOptions>(file), model, prompts);
  }
  if (file.stage == "solve") {
    return make_solve_stage(options_of<SolveOptions>(file), model, prompts);
  }
  if (file.stage == "verify") {
    return make_verify_stage(options_of<VerifyOptions>(file), box, bound, prompts);
  }
  return nullptr;
}

// Gives the samples their ids, origins and, where the stage does not make it itself, executions.
void complete_samples(GoldenFile& file) {
  int64_t number = 0;
  for (Sample& sample : file.samples) {
    sample.id = "sample-" + std::to_string(++number);
    sample.origin = sample.seed ? Origin::Seed : Origin::Generated;
    if (sample.program && file.stage != "execute") {
      sample.execution = sandbox(file.runs_twice).run(sample.program->text).value();
    }
  }
}

std::string run_golden(GoldenFile file) {
  const PromptSet prompts = builtin_prompts("embedded").value();
  ScriptedModel model(file.replies.value_or(std::vector<ScriptedModel::Line>()));
  complete_samples(file);
  if (file.stage == "dedup") return run_dedup(file);
  if (file.stage == "generate") return run_generate(file, model, prompts);
  const std::unique_ptr<Stage> stage = make_stage(file, model, prompts);
  if (!stage) return "error: unknown stage " + file.stage + "\n";
  Batch batch = file.samples;
  const Status status = stage->process(batch);
  if (!status.ok()) return "error: " + to_string(status.error()) + "\n";
  std::string shown;
  for (const Sample& sample : batch) {
    shown += batch.size() > 1 ? sample.id + " " : "";
    shown += show(sample, stage->parts());
  }
  for (const ModelRequest& request : model.requests()) {
    shown += "asked for " + std::to_string(request.num_choices) + "\n";
  }
  EXPECT_EQ(model.num_left(), 0U) << "replies that nobody asked for";
  return shown;
}

std::vector<std::filesystem::path> golden_files() {
  std::vector<std::filesystem::path> paths;
  const std::filesystem::path folder = std::filesystem::path(CACO_SOURCE_DIR) / "tests/golden";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".test") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

TEST(Golden, Stages) {
  const bool updates = std::getenv("UPDATE") != nullptr;
  const std::vector<std::filesystem::path> paths = golden_files();
  ASSERT_GT(paths.size(), 30U);
  for (const std::filesystem::path& path : paths) {
    SCOPED_TRACE(path.string());
    const GoldenFile file = parse_golden(read_file(path).value());
    const std::string found = run_golden(file);
    if (updates && found != file.expected) {
      ASSERT_TRUE(write_file_atomic(path, file.head + found).ok());
    } else {
      EXPECT_EQ(found, file.expected);
    }
  }
}

// Reasons that other parts give: the seed readers, and the near-duplicate and benchmark checks.
bool is_given_elsewhere(RejectReason reason) {
  return reason == RejectReason::UnreadableSeed || reason == RejectReason::DuplicateProblem ||
         reason == RejectReason::Contaminated;
}

TEST(Golden, EveryReasonOccurs) {
  std::string all;
  for (const std::filesystem::path& path : golden_files()) {
    all += parse_golden(read_file(path).value()).expected;
  }
  for (const RejectReason reason : all_reject_reasons()) {
    const std::string wanted = "rejected " + std::string(to_string(reason)) + ": ";
    EXPECT_EQ(all.find(wanted) != std::string::npos, !is_given_elsewhere(reason)) << wanted;
  }
}

}  // namespace
}  // namespace caco
