#include "caco/pipeline/step.h"

#include <algorithm>
#include <set>

#include "caco/base/hash.h"
#include "caco/store/run_directory.h"

namespace caco {
namespace {

Error wrong_step(const Step& step, const std::string& what) {
  return Error{ErrorCode::InvalidArgument, "wrong plan: step " + label_of(step) + " " + what, ""};
}

Status check_inputs(const std::vector<Step>& steps, size_t index) {
  const Step& step = steps[index];
  if (!parse_step_folder_name(step.folder)) return wrong_step(step, "has no proper folder name");
  const size_t num_inputs = step.inputs.size();
  if (step.is_source() && num_inputs != 0) return wrong_step(step, "makes samples and reads some");
  const bool is_stage = !step.is_source() && !step.is_barrier();
  if (is_stage && num_inputs == 0) return wrong_step(step, "reads nothing");
  if (is_stage && num_inputs != 1) return wrong_step(step, "reads several steps");
  for (const std::vector<int64_t>* list : {&step.inputs, &step.after}) {
    for (const int64_t input : *list) {
      if (input < 0 || input >= static_cast<int64_t>(index))
        return wrong_step(step, "reads a step that comes later");
    }
  }
  for (const int64_t input : step.passes_on) {
    if (std::find(step.inputs.begin(), step.inputs.end(), input) == step.inputs.end())
      return wrong_step(step, "passes on what it does not read");
  }
  return {};
}

}  // namespace

std::string label_of(const Step& step) {
  const std::optional<StepName> name = parse_step_folder_name(step.folder);
  return name ? step_label(*name) : step.folder;
}

StageParts parts_of(const Step& step) {
  return std::visit([](const auto& work) { return work->parts(); }, step.work);
}

Fingerprint fingerprint_of(const Step& step) {
  Fingerprint fingerprint;
  fingerprint.text =
      std::visit([](const auto& work) { return work->fingerprint(); }, step.work) + "\n";
  if (!step.shared_fingerprint.empty()) fingerprint.text += step.shared_fingerprint + "\n";
  fingerprint.hash = hash_hex(fingerprint.text);
  return fingerprint;
}

Status check_steps(const std::vector<Step>& steps) {
  std::set<std::string> folders;
  std::vector<std::set<Part>> filled(steps.size());  // parts that every sample of a step has
  for (size_t i = 0; i < steps.size(); ++i) {
    const Step& step = steps[i];
    TRY(check_inputs(steps, i));
    if (!folders.insert(step.folder).second) return wrong_step(step, "shares its folder");
    bool is_first = true;
    for (const int64_t input : step.inputs) {
      const std::set<Part>& parts = filled[static_cast<size_t>(input)];
      std::set<Part> common;
      for (const Part part : parts) {
        if (is_first || filled[i].count(part) > 0) common.insert(part);
      }
      filled[i] = common;
      is_first = false;
    }
    const StageParts parts = parts_of(step);
    for (const Part part : parts.needs) {
      if (filled[i].count(part) == 0) {
        return wrong_step(step, "needs the part " + std::string(to_string(part)) +
                                    ", which no step before it fills");
      }
    }
    filled[i].insert(parts.adds.begin(), parts.adds.end());
  }
  return {};
}

}  // namespace caco
