// What no single option can say: whether the options of a recipe go together.
#pragma once

#include <filesystem>
#include <string>

#include "caco/base/result.h"
#include "caco/pipeline/recipe.h"

namespace caco {

// Returns an InvalidArgument with file, line (when the key is written there), table and key.
Error recipe_error(const Recipe& recipe, const std::string& table, const std::string& key,
                   const std::string& what);

// InvalidArgument or NotFound for the first combination that cannot work.
Status check_recipe(const Recipe& recipe, const PromptSet& prompts,
                    const std::filesystem::path& shipped_models);

}  // namespace caco
