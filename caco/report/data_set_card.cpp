#include "caco/report/data_set_card.h"

#include <fmt/format.h>

#include <string_view>

namespace caco {
namespace {

// The size classes of the hub.
std::string_view size_category(int64_t num_rows) {
  if (num_rows < 1'000) return "n<1K";
  if (num_rows < 10'000) return "1K<n<10K";
  if (num_rows < 100'000) return "10K<n<100K";
  if (num_rows < 1'000'000) return "100K<n<1M";
  if (num_rows < 10'000'000) return "1M<n<10M";
  return "10M<n<100M";
}

// A YAML string in double quotes, whose escapes are those of JSON.
std::string quoted(const std::string& text) {
  return dump_json(Json(text));
}

// Cell text of a Markdown table.
std::string cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|') escaped += '\\';
    escaped += c == '\n' ? ' ' : c;
  }
  return escaped;
}

std::string render_head(const DataSetCard& card) {
  std::string text = "---\n";
  text += fmt::format("pretty_name: {}\nlanguage:\n- {}\n", quoted(card.name), card.language);
  if (!card.licence.empty()) text += fmt::format("license: {}\n", card.licence);
  text += fmt::format("task_categories:\n- text-generation\nsize_categories:\n- {}\n",
                      size_category(card.num_rows));
  text += "tags:\n- synthetic\n- reasoning\n- code-verified\n";
  text += fmt::format(
      "configs:\n- config_name: default\n  data_files:\n  - split: train\n    path: {}\n",
      quoted(card.file));
  text += "dataset_info:\n  features:\n";
  for (const CardField& field : card.fields) {
    text += fmt::format("  - name: {}\n    dtype: {}\n", field.name, field.type);
  }
  text += fmt::format("  splits:\n  - name: train\n    num_examples: {}\n---\n\n", card.num_rows);
  return text;
}

std::string render_making(const DataSetCard& card) {
  std::string text =
      "## How it was made\n\n"
      "Seed problems were rewritten as programs and run; a generator trained on the programs that "
      "gave the known answers wrote new programs; those that run and pass structural rules were "
      "turned into problems in words, solved from the words alone, and kept where the solution's "
      "final answer equals what the program printed.\n\n";
  if (!card.recipe_hash.empty() || !card.version.empty()) {
    text += fmt::format("Made by caco {}, recipe `{}`.\n\n",
                        card.version.empty() ? "(version not recorded)" : card.version,
                        card.recipe_hash.empty() ? "not recorded" : card.recipe_hash);
  }
  if (!card.models.empty()) {
    text += "| role | model |\n|---|---|\n";
    for (const CardModel& model : card.models) {
      text += fmt::format("| {} | {} |\n", cell(model.role), cell(model.model));
    }
    text += "\n";
  }
  return text;
}

std::string render_licence(const DataSetCard& card) {
  std::string text = "## Licence and sources\n\n";
  text += card.licence.empty() ? "No licence was chosen for this data set. "
                               : fmt::format("This data set is offered under {}. ", card.licence);
  text +=
      "Rows derive from the seed problems below and from the models above: their terms apply as "
      "well.\n\n";
  if (card.sources.empty()) return text;
  text += "| seeds | licence |\n|---|---|\n";
  for (const CardSource& source : card.sources) {
    text += fmt::format("| {} | {} |\n", cell(source.name),
                        source.licence.empty() ? "not stated" : cell(source.licence));
  }
  return text + "\n";
}

}  // namespace

std::vector<CardField> standard_fields() {
  return {
      {"id", "string", "identifies the row; equal runs give equal ids"},
      {"instruction", "string", "the problem in words"},
      {"output", "string", "a worked solution"},
      {"answer", "string", "its final answer"},
      {"code", "string", "the program that the answer was checked against"},
      {"origin", "string", "`seed` for a problem that was given, `generated` for a new one"},
      {"parent", "string", "id of the sample it was made from"},
      {"round", "int64", "the round of the loop that made it"},
      {"source", "string", "the seed source, for rows from seeds"},
      {"seed_id", "string", "the seed's id within its source"},
      {"structure", "string", "hash of the program's steps without names and numbers"},
      {"num_solutions", "int64", "solutions that were sampled"},
      {"num_agree", "int64", "how many of them end in the program's output"},
      {"consistency", "string", "which check found that solution and program reason alike"},
  };
}

std::vector<std::string> standard_limitations() {
  return {
      "Problems and solutions were written by language models; no person has read them all.",
      "A solution whose answer is right may still contain a wrong step.",
      "What solvers cannot solve is missing, so that the data leans to easier problems.",
      "The kinds of problems follow the seeds; they are no sample of what people ask.",
  };
}

std::string render_data_set_card(const DataSetCard& card) {
  std::string text = render_head(card);
  text += fmt::format(
      "# {}\n\n{} problems with worked solutions. Each answer equals what a program printed that "
      "was run in a sandbox.\n\n",
      card.name, group_digits(card.num_rows));
  for (const auto& [what, value] : card.counts)
    text += fmt::format("- {}: {}\n", what, value);
  if (!card.counts.empty()) text += "\n";

  text += "## Fields\n\n| field | type | meaning |\n|---|---|---|\n";
  for (const CardField& field : card.fields) {
    text += fmt::format("| `{}` | {} | {} |\n", field.name, field.type, cell(field.description));
  }
  text += "\n" + render_making(card);
  if (!card.funnel.empty()) {
    text += "## Where every sample went\n\n" + funnel_markdown(card.funnel) + "\n";
  }
  text += render_licence(card);
  if (!card.limitations.empty()) {
    text += "## Limitations\n\n";
    for (const std::string& sentence : card.limitations)
      text += "- " + sentence + "\n";
  }
  if (!card.example_rows.empty()) text += "\n## Rows\n";
  for (const Json& row : card.example_rows) {
    text += "\n```json\n" + dump_json_pretty(row) + "```\n";
  }
  return text;
}

}  // namespace caco
