#include "caco/pipeline/recipe_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include <toml++/toml.h>

namespace caco {
namespace {

// The line of `key` in the table, of the table's header when the key is not written, 0 when neither
// is.
uint32_t line_of(const Recipe& recipe, const std::string& table, const std::string& key) {
  try {
    const toml::table document = toml::parse(recipe.text);
    const auto found = document.find(table);
    if (found == document.end()) return 0;
    if (const toml::table* options = found->second.as_table()) {
      const auto option = options->find(key);
      if (option != options->end()) return option->first.source().begin.line;
    }
    return found->first.source().begin.line;
  } catch (const toml::parse_error&) {
    // A recipe that was put together in memory and has no text: there is no line to name.
    return 0;
  }
}

Status check_roles(const Recipe& recipe, const PromptSet& prompts,
                   const std::filesystem::path& shipped_models) {
  const RoleOptions& roles = recipe.roles;
  struct Role {
    const char* key;
    const std::string& model;
    bool is_needed;
  };
  const Role all[] = {{"generator", roles.generator, true}, {"unifier", roles.unifier, false},
                      {"reverser", roles.reverser, true},   {"solver", roles.solver, true},
                      {"judge", roles.judge, false},        {"student", roles.student, false}};
  for (const Role& role : all) {
    if (role.model.empty() && role.is_needed)
      return recipe_error(recipe, "roles", role.key, "this role must be filled");
    if (role.model.empty()) continue;
    const Result<ModelBinding> binding = find_model(recipe, role.model, shipped_models);
    if (!binding.ok()) {
      Error error = recipe_error(recipe, "roles", role.key, "no model \"" + role.model + "\"");
      error.hint = binding.error().hint;
      return error;
    }
  }
  if (!roles.judge.empty() && !prompts.has_judge) {
    return recipe_error(recipe, "roles", "judge",
                        "the prompts \"" + prompts.name +
                            "\" have none for a judge; leave it empty, or set [run] prompts = "
                            "\"instruct\"");
  }
  return {};
}

Status check_models(const Recipe& recipe, const std::filesystem::path& shipped_models) {
  for (const ModelBinding& binding : recipe.models) {
    if (is_shipped(binding.name)) {
      return recipe_error(recipe, "models", binding.name,
                          "this name belongs to a model that is shipped; take another");
    }
  }
  if (recipe.students.empty()) return {};
  if (recipe.roles.student.empty()) {
    return recipe_error(recipe, "roles", "student",
                        "there are [[student]] tables, so this role must be filled");
  }
  const ModelBinding student = TRY(find_model(recipe, recipe.roles.student, shipped_models));
  if (student.kind == "local") return {};
  return recipe_error(recipe, "roles", "student",
                      "students can only be trained from a local checkpoint, and model \"" +
                          student.name + "\" is of kind \"" + student.kind + "\"");
}

bool is_folder_word(const std::string& name) {
  if (name.empty() || name.front() == '-' || name.back() == '-') return false;
  return name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == std::string::npos;
}

Status check_seeds(const Recipe& recipe) {
  if (recipe.seeds.empty())
    return recipe_error(recipe, "seeds", "kind", "there is no [[seeds]] table, so no seeds");
  std::set<std::string> names;
  for (const SeedSourceOptions& source : recipe.seeds) {
    if (!names.insert(source.name).second) {
      return recipe_error(recipe, "seeds", "name",
                          "two sources are called \"" + source.name + "\"");
    }
    if (source.kind == "file" && source.path.empty()) {
      return recipe_error(recipe, "seeds", "path",
                          "source \"" + source.name + "\" of kind \"file\" has no path");
    }
    const Result<FieldMap> map = field_map_of(source);
    if (!map.ok()) return recipe_error(recipe, "seeds", "preset", to_string(map.error()));
  }
  return {};
}

Status check_names(const Recipe& recipe) {
  std::set<std::string> students = {"base"};
  for (const StudentOptions& student : recipe.students) {
    if (!is_folder_word(student.name)) {
      return recipe_error(recipe, "student", "name",
                          "a name of lower-case letters, digits, - and _ is needed, found \"" +
                              student.name + "\"");
    }
    if (!students.insert(student.name).second) {
      return recipe_error(recipe, "student", "name",
                          "two models would be called \"" + student.name + "\"");
    }
    if (student.rounds > recipe.run.rounds) {
      return recipe_error(recipe, "student", "rounds",
                          "student \"" + student.name + "\" asks for " +
                              std::to_string(student.rounds) + " rounds, and [run] rounds is " +
                              std::to_string(recipe.run.rounds));
    }
  }
  std::set<std::string> benchmarks;
  for (const BenchmarkOptions& benchmark : recipe.benchmarks) {
    if (!benchmarks.insert(benchmark.name).second) {
      return recipe_error(recipe, "benchmark", "name",
                          "two benchmarks are called \"" + benchmark.name + "\"");
    }
    if (benchmark.kind == "file" && benchmark.path.empty()) {
      return recipe_error(recipe, "benchmark", "path",
                          "benchmark \"" + benchmark.name + "\" of kind \"file\" has no path");
    }
  }
  return {};
}

}  // namespace

Error recipe_error(const Recipe& recipe, const std::string& table, const std::string& key,
                   const std::string& what) {
  const uint32_t line = line_of(recipe, table, key);
  const std::string place = line > 0 ? fmt::format("{}:{}", recipe.path, line) : recipe.path;
  return {ErrorCode::InvalidArgument, fmt::format("{}: [{}] {}: {}", place, table, key, what), ""};
}

Status check_recipe(const Recipe& recipe, const PromptSet& prompts,
                    const std::filesystem::path& shipped_models) {
  TRY(check_seeds(recipe));
  TRY(check_roles(recipe, prompts, shipped_models));
  TRY(check_models(recipe, shipped_models));
  return check_names(recipe);
}

}  // namespace caco
