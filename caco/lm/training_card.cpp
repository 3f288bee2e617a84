#include "caco/lm/training_card.h"

#include <sstream>

namespace caco::lm {
namespace {

using Rows = std::vector<std::pair<std::string, std::string>>;

// A cell may not end its column, nor a line its table.
std::string cell(const std::string& text) {
  std::string result;
  for (const char byte : text) {
    if (byte == '|') result += '\\';
    result += byte == '\n' ? ' ' : byte;
  }
  return result;
}

void add_table(std::ostringstream& out, const Rows& rows) {
  out << "| | |\n|---|---|\n";
  for (const auto& [name, value] : rows)
    out << "| " << cell(name) << " | " << cell(value) << " |\n";
  out << "\n";
}

Rows data_rows(const TrainingCard& card) {
  Rows rows;
  for (const TrainingCard::DataFile& file : card.files)
    rows.emplace_back(file.purpose + " file", "`" + file.name + "`");
  const auto count = [&](const char* name, int64_t value) {
    rows.emplace_back(name, std::to_string(value));
  };
  count("records", card.counts.num_records);
  count("documents trained on", card.num_documents);
  count("tokens", card.num_tokens);
  count("tokens learned from", card.num_targets);
  count("dropped as over-long", card.counts.num_dropped);
  count("cut", card.counts.num_cut);
  count("split", card.counts.num_split);
  count("without a token to learn from", card.counts.num_unlabelled);
  rows.emplace_back("template", card.template_name.empty() ? "none" : card.template_name);
  rows.emplace_back("fingerprint of tokens and labels", "`" + card.data_fingerprint + "`");
  return rows;
}

void add_front_matter(std::ostringstream& out, const TrainingCard& card) {
  out << "---\nlibrary_name: " << (card.is_adapter ? "peft" : "transformers")
      << "\npipeline_tag: text-generation\n";
  if (!card.base_name.empty()) out << "base_model: " << card.base_name << "\n";
  if (!card.base_license.empty()) out << "license: " << card.base_license << "\n";
  out << "tags:\n- caco\n" << (card.is_adapter ? "- lora\n" : "") << "---\n\n";
}

void add_license(std::ostringstream& out, const TrainingCard& card) {
  out << "## Licence\n\n";
  if (card.base_name.empty()) {
    out << "The weights come from the data above alone; the licence of that data decides what may "
           "be done with them.\n";
  } else if (card.base_license.empty()) {
    out << "The weights derive from " << card.base_name
        << ", whose card names no licence: find it out before passing them on. The licence of the "
           "data, and the terms of the service that wrote it, hold as well.\n";
  } else {
    out << "The weights derive from " << card.base_name << " and stay under its licence ("
        << card.base_license
        << "). The licence of the data, and the terms of the service that wrote it, hold as "
           "well.\n";
  }
}

}  // namespace

std::string to_markdown(const TrainingCard& card) {
  std::ostringstream out;
  add_front_matter(out, card);
  if (card.base_name.empty()) {
    out << "# A language model trained from scratch\n\n";
  } else {
    out << "# " << (card.is_adapter ? "A LoRA adapter for " : "A fine-tuned ") << card.base_name
        << "\n\n";
  }
  out << "Trained with `caco-lm`; `metrics.jsonl` is its log and `training.svg` its plot.";
  if (!card.is_finished) out << " **The training was not finished when this was written.**";
  out << "\n\n![loss, learning rate and gradient norm](training.svg)\n\n## Results\n\n";
  add_table(out, card.results);
  out << "## Data\n\n";
  add_table(out, data_rows(card));
  out << "## Options\n\n";
  add_table(out, card.options);
  add_license(out, card);
  return out.str();
}

std::string license_of_card(const std::string& markdown) {
  std::istringstream lines(markdown);
  std::string line;
  if (!std::getline(lines, line) || line != "---") return "";
  constexpr std::string_view kKey = "license:";
  while (std::getline(lines, line) && line != "---") {
    if (!line.starts_with(kKey)) continue;
    const size_t begin = line.find_first_not_of(" \t\"'", kKey.size());
    if (begin == std::string::npos) return "";
    return line.substr(begin, line.find_last_not_of(" \t\r\"'") + 1 - begin);
  }
  return "";
}

}  // namespace caco::lm
