// The one list of a recipe's tables.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "caco/pipeline/recipe.h"

namespace caco {

enum class TableKind {
  Single,  // [filter]
  List,    // [[student]], any number
  Named,   // [models.NAME], any number
};

struct RecipeTable {
  std::string name;
  TableKind kind = TableKind::Single;
  std::string description;  // one or more lines for the commented recipe
  // Describes the options of the table; of the `index`-th one of a List or Named table.
  std::function<OptionFields(Recipe& recipe, size_t index)> fields;
  std::function<size_t(const Recipe& recipe)> count;  // List and Named
  // Adds one more to a List or Named table.
  std::function<void(Recipe& recipe, const std::string& name)> add;
  std::function<std::string(const Recipe& recipe, size_t index)> entry_name;  // Named
};

// In the order in which a commented recipe has them.
const std::vector<RecipeTable>& recipe_tables();

// Returns the entry of `names` that is nearest to `word` by edit distance, empty when none is near
// enough to be meant.
std::string nearest_name(std::string_view word, const std::vector<std::string>& names);

}  // namespace caco
