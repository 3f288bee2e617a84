#include "caco/cli/sample_text.h"

#include <fmt/format.h>

#include "caco/cli/face.h"

namespace caco {
namespace {

constexpr size_t kIndent = 2;
constexpr size_t kIdDigitsShown = 10;

std::string heading(const std::string& name, const std::string& remark) {
  return "\n" + name + (remark.empty() ? "" : "  (" + remark + ")") + "\n";
}

std::string seed_to_text(const Seed& seed, size_t width) {
  std::string text = heading("seed", seed.source + ", " + seed.location +
                                         (seed.seed_id.empty() ? "" : ", id " + seed.seed_id));
  const std::pair<const char*, const std::string&> parts[] = {{"question", seed.question},
                                                              {"solution", seed.solution},
                                                              {"program", seed.program},
                                                              {"answer", seed.answer}};
  for (const auto& [name, content] : parts) {
    if (content.empty()) continue;
    text += "  " + std::string(name) + ":\n" + wrap_text(content, width, 2 * kIndent);
  }
  return text;
}

std::string verification_to_text(const Verification& verification) {
  std::string text = heading("verification", "");
  text += fmt::format("  {} of {} solutions give the program's output", verification.num_equal,
                      verification.num_solutions);
  if (verification.num_unknown > 0)
    text += fmt::format(", {} could not be compared", verification.num_unknown);
  text += "\n";
  if (verification.chosen >= 0)
    text += fmt::format("  chosen: solution {}\n", verification.chosen + 1);
  if (!verification.consistency.empty())
    text += "  consistency checked by: " + verification.consistency + "\n";
  if (!verification.missing_inputs.empty()) {
    text += fmt::format("  inputs that the question does not state: {}\n",
                        fmt::join(verification.missing_inputs, ", "));
  }
  return text;
}

std::string one_line(const std::string& text, size_t width) {
  std::string line;
  for (const char c : text) {
    if (line.size() >= width) break;
    line += c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
  }
  return line;
}

}  // namespace

std::string execution_to_text(const Execution& execution, size_t width) {
  std::string text = heading("execution", std::string(to_string(execution.verdict)));
  for (const auto& [name, repr] : execution.inputs)
    text += fmt::format("  input {} = {}\n", name, repr);
  if (!execution.output_repr.empty()) text += "  output = " + execution.output_repr + "\n";
  if (!execution.stdout_text.empty())
    text += "  printed:\n" + wrap_text(execution.stdout_text, width, 2 * kIndent);
  if (!execution.error_type.empty() || !execution.error_message.empty()) {
    text += fmt::format("  {}: {}", execution.error_type, execution.error_message);
    if (execution.error_line > 0) text += fmt::format(" (line {})", execution.error_line);
    text += "\n";
  }
  if (!execution.is_deterministic) text += "  a second run gave another output\n";
  const ProgramFacts& facts = execution.facts;
  text += fmt::format("  effective lines: {}", facts.effective_lines);
  if (!facts.unused_inputs.empty())
    text += fmt::format("; unused inputs: {}", fmt::join(facts.unused_inputs, ", "));
  if (!facts.imports.empty()) text += fmt::format("; imports: {}", fmt::join(facts.imports, ", "));
  return text + "\n";
}

std::string sample_to_text(const Sample& sample, size_t width) {
  std::string text =
      fmt::format("sample {}\n  {}, round {}\n", sample.id, to_string(sample.origin), sample.round);
  if (!sample.parent.empty()) text += "  made from " + sample.parent + "\n";
  if (sample.seed) text += seed_to_text(*sample.seed, width);
  if (sample.program) {
    text += heading("program", sample.program->made_by) +
            wrap_text(sample.program->text, width, kIndent);
  }
  if (sample.execution) text += execution_to_text(*sample.execution, width);
  if (sample.problem) {
    text += heading("problem", sample.problem->made_by) +
            wrap_text(sample.problem->question, width, kIndent);
  }
  for (size_t i = 0; i < sample.solutions.size(); ++i) {
    const Solution& solution = sample.solutions[i];
    const std::string answer = solution.answer.empty() ? "no answer" : "answer " + solution.answer;
    text += heading(fmt::format("solution {}", i + 1),
                    answer + (solution.finish == "length" ? ", cut at its length limit" : ""));
    text += wrap_text(solution.text, width, kIndent);
  }
  if (sample.verification) text += verification_to_text(*sample.verification);
  if (sample.rejection) {
    text += heading("rejected by " + sample.rejection->step,
                    std::string(to_string(sample.rejection->reason)));
    text += wrap_text(describe(sample.rejection->reason), width, kIndent);
    if (!sample.rejection->detail.empty())
      text += wrap_text(sample.rejection->detail, width, kIndent);
  }
  return text;
}

std::string sample_to_line(const Sample& sample, size_t width) {
  std::string line = sample.id.substr(0, kIdDigitsShown) + "  ";
  if (sample.rejection) {
    line += fmt::format("{:<18} ", to_string(sample.rejection->reason));
    if (!sample.rejection->detail.empty())
      return line + one_line(sample.rejection->detail, width - line.size());
  }
  const std::string about = sample.problem   ? sample.problem->question
                            : sample.seed    ? sample.seed->question
                            : sample.program ? sample.program->text
                                             : "";
  return line + one_line(about, width > line.size() ? width - line.size() : 0);
}

}  // namespace caco
