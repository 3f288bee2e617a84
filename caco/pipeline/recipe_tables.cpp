#include "caco/pipeline/recipe_tables.h"

#include <algorithm>

namespace caco {
namespace {

template <typename Options>
RecipeTable single(std::string name, std::string description, Options Recipe::*options) {
  RecipeTable table;
  table.name = std::move(name);
  table.description = std::move(description);
  table.fields = [options](Recipe& recipe, size_t) {
    OptionFields fields;
    describe(fields, recipe.*options);
    return fields;
  };
  return table;
}

template <typename Options>
RecipeTable list(std::string name, TableKind kind, std::string description,
                 std::vector<Options> Recipe::*options) {
  RecipeTable table;
  table.name = std::move(name);
  table.kind = kind;
  table.description = std::move(description);
  table.fields = [options](Recipe& recipe, size_t index) {
    OptionFields fields;
    describe(fields, (recipe.*options)[index]);
    return fields;
  };
  table.count = [options](const Recipe& recipe) {
    return (recipe.*options).size();
  };
  table.add = [options](Recipe& recipe, const std::string& entry) {
    (recipe.*options).emplace_back();
    if (!entry.empty()) (recipe.*options).back().name = entry;
  };
  table.entry_name = [options](const Recipe& recipe, size_t index) {
    return (recipe.*options)[index].name;
  };
  return table;
}

std::vector<RecipeTable> make_tables() {
  return {
      single("run", "The run as a whole.", &Recipe::run),
      single("roles",
             "Which model fills which role: the name of a [models.NAME] table, or \"embedded\" for "
             "the\nmodel that comes with this program. An empty name leaves a role unfilled.",
             &Recipe::roles),
      list("models", TableKind::Named, "A model, by name.", &Recipe::models),
      single("sandbox", "Limits of the programs that are run.", &Recipe::sandbox),
      list("seeds", TableKind::List, "Where the seed problems come from. One or more of these.",
           &Recipe::seeds),
      single("unify", "Brings seeds into the unified program form.", &Recipe::unify),
      single("execute", "Runs programs.", &Recipe::execute),
      single("filter", "The rules that a program must pass after it ran.", &Recipe::filter),
      single("train", "Fine-tunes the generator on the programs of the seeds.", &Recipe::train),
      single("generate", "Samples new programs from the generator.", &Recipe::generate),
      single("dedup", "Lets each program through once.", &Recipe::dedup),
      single("reverse", "Writes a problem in words for each program.", &Recipe::reverse),
      single("solve", "Solves each problem from its words alone.", &Recipe::solve),
      single("verify", "Decides whether program, problem and solutions belong together.",
             &Recipe::verify),
      single("assemble", "Writes the data set.", &Recipe::assemble),
      list("student", TableKind::List,
           "A student to train, to measure what the data is worth. Any number of these.",
           &Recipe::students),
      list("benchmark", TableKind::List,
           "Problems to measure the models on. Any number of these; none = no evaluation.",
           &Recipe::benchmarks),
      single("evaluate", "How the models answer the benchmarks.", &Recipe::evaluate),
  };
}

// Levenshtein's distance with one row (Wagner and Fischer, 1974).
size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j)
    row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

}  // namespace

const std::vector<RecipeTable>& recipe_tables() {
  static const std::vector<RecipeTable> kTables = make_tables();
  return kTables;
}

std::string nearest_name(std::string_view word, const std::vector<std::string>& names) {
  std::string nearest;
  size_t least = word.size() / 3 + 2;  // more changes than that: another word
  for (const std::string& name : names) {
    const size_t distance = edit_distance(word, name);
    if (distance < least) {
      least = distance;
      nearest = name;
    }
  }
  return nearest;
}

}  // namespace caco
