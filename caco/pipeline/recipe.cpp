#include "caco/pipeline/recipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include <toml++/toml.h>

#include "caco/base/file.h"
#include "caco/base/hash.h"
#include "caco/pipeline/recipe_tables.h"

namespace caco {
namespace {

constexpr int64_t kMaxRecipeBytes = int64_t{16} << 20;

// Reads a TOML document into a Recipe. Every refusal names file and line.
class RecipeReader {
 public:
  RecipeReader(Recipe& recipe) : recipe_(recipe) {}

  Status read(const toml::table& document);

 private:
  Status read_entry(const RecipeTable& table, const toml::node& node);
  Status read_named(const RecipeTable& table, const toml::node& node);
  Status read_list(const RecipeTable& table, const toml::node& node);
  // One table of options; `shown` is its header as written, for messages.
  Status read_options(const OptionFields& fields, const toml::node& node, const std::string& shown);
  Error at(const toml::node& node, const std::string& what) const {
    return at_line(node.source().begin.line, what);
  }
  Error at_line(uint32_t line, const std::string& what) const {
    return {ErrorCode::InvalidArgument, fmt::format("{}:{}: {}", recipe_.path, line, what), ""};
  }

  Recipe& recipe_;
};

std::string did_you_mean(std::string_view word, const std::vector<std::string>& names) {
  const std::string nearest = nearest_name(word, names);
  return nearest.empty() ? "" : "; did you mean \"" + nearest + "\"?";
}

// Dates and times have no use in a recipe; they come back as null, which no option takes.
Json to_json(const toml::node& node) {
  if (const auto* text = node.as_string()) return Json(text->get());
  if (const auto* integer = node.as_integer()) return Json(integer->get());
  if (const auto* real = node.as_floating_point()) return Json(real->get());
  if (const auto* boolean = node.as_boolean()) return Json(boolean->get());
  if (const auto* array = node.as_array()) {
    Json list = Json::array();
    for (const toml::node& item : *array)
      list.push_back(to_json(item));
    return list;
  }
  return Json();
}

Status RecipeReader::read_options(const OptionFields& fields, const toml::node& node,
                                  const std::string& shown) {
  const toml::table* table = node.as_table();
  if (table == nullptr) return at(node, "expected a table " + shown);
  std::vector<std::string> names;
  for (const OptionField& field : fields.all())
    names.push_back(field.name);
  for (const auto& [key, value] : *table) {
    const auto found = std::find(names.begin(), names.end(), key.str());
    if (found == names.end()) {
      return at_line(key.source().begin.line,
                     fmt::format("unknown key \"{}\" in {}{} (allowed: {})", key.str(), shown,
                                 did_you_mean(key.str(), names), fmt::join(names, ", ")));
    }
    const OptionField& field = fields.all()[static_cast<size_t>(found - names.begin())];
    const Status status = set_option(field, to_json(value));
    if (!status.ok()) return at_line(key.source().begin.line, shown + " " + status.error().message);
  }
  return {};
}

Status RecipeReader::read_named(const RecipeTable& table, const toml::node& node) {
  const toml::table* entries = node.as_table();
  if (entries == nullptr) return at(node, "expected tables [" + table.name + ".NAME]");
  // TOML keeps the keys sorted, so the order of the file does not matter.
  for (const auto& [key, value] : *entries) {
    table.add(recipe_, std::string(key.str()));
    const size_t index = table.count(recipe_) - 1;
    TRY(read_options(table.fields(recipe_, index), value,
                     fmt::format("[{}.{}]", table.name, key.str())));
  }
  return {};
}

Status RecipeReader::read_list(const RecipeTable& table, const toml::node& node) {
  const toml::array* entries = node.as_array();
  if (entries == nullptr)
    return at(node, fmt::format("write [[{0}]], not [{0}]: there may be several", table.name));
  for (const toml::node& entry : *entries) {
    table.add(recipe_, "");
    const size_t index = table.count(recipe_) - 1;
    TRY(read_options(table.fields(recipe_, index), entry, "[[" + table.name + "]]"));
  }
  return {};
}

Status RecipeReader::read_entry(const RecipeTable& table, const toml::node& node) {
  switch (table.kind) {
    case TableKind::Single:
      return read_options(table.fields(recipe_, 0), node, "[" + table.name + "]");
    case TableKind::List:
      return read_list(table, node);
    case TableKind::Named:
      return read_named(table, node);
  }
  return {};
}

Status RecipeReader::read(const toml::table& document) {
  std::vector<std::string> names;
  for (const RecipeTable& table : recipe_tables())
    names.push_back(table.name);
  for (const auto& [key, value] : document) {
    const auto found = std::find(names.begin(), names.end(), key.str());
    if (found == names.end()) {
      return at_line(key.source().begin.line,
                     fmt::format("unknown table \"{}\"{} (allowed: {})", key.str(),
                                 did_you_mean(key.str(), names), fmt::join(names, ", ")));
    }
    TRY(read_entry(recipe_tables()[static_cast<size_t>(found - names.begin())], value));
  }
  return {};
}

std::string toml_value(const OptionField& field) {
  // JSON's numbers, booleans, strings and lists of strings are TOML's too.
  const Json value = option_value(field);
  return dump_json(value);
}

void write_options(const OptionFields& fields, std::string& text) {
  for (const OptionField& field : fields.all()) {
    text += fmt::format("# {} ({})\n{} = {}\n", field.description, allowed_values(field),
                        field.name, toml_value(field));
  }
}

void write_description(const std::string& description, std::string& text) {
  text += "\n# ";
  for (const char c : description) {
    text += c;
    if (c == '\n') text += "# ";
  }
  text += '\n';
}

std::string header_of(const RecipeTable& table, const std::string& entry) {
  return table.kind == TableKind::List ? "[[" + table.name + "]]"
                                       : "[" + table.name + "." + entry + "]";
}

// A table that is absent, as comments that show what could stand there.
void write_example(const RecipeTable& table, std::string& text) {
  Recipe example;
  table.add(example, "NAME");
  std::string shown = header_of(table, "NAME") + "\n";
  write_options(table.fields(example, 0), shown);
  for (size_t start = 0; start < shown.size();) {
    const size_t end = shown.find('\n', start) + 1;
    text += (shown[start] == '#' ? "" : "#") + shown.substr(start, end - start);
    start = end;
  }
}

}  // namespace

void describe(OptionFields& fields, RunOptions& options) {
  fields.integer("seed", options.seed, 0, int64_t{1} << 53,
                 "what all random choices are derived from");
  fields.integer("rounds", options.rounds, 1, 20,
                 "how often the loop is gone through; verified programs join the seeds");
  fields.integer("shard_size", options.shard_size, 1, 100'000,
                 "samples in one file: what is lost at most when a step is stopped");
  fields.choice("prompts", options.prompts, {"embedded", "instruct"},
                "forms for the embedded model, or chat prompts for general models");
  fields.text("prompts_folder", options.prompts_folder,
              "folder with ROLE.txt files that replace single prompts; empty = none");
  fields.integer("num_threads", options.num_threads, 0, 4096,
                 "threads of local models and their training; 0 = as many as cores");
  fields.last_is_performance_only();
  fields.integer("model_batch_size", options.model_batch_size, 1, 100'000,
                 "samples in one call of a model");
  fields.last_is_performance_only();
  fields.integer("model_batches", options.model_batches, 1, 1000,
                 "calls of a model at a time, by each step");
  fields.last_is_performance_only();
  fields.text("lm_program", options.lm_program,
              "the program caco-lm; empty = beside caco, else on PATH");
  fields.last_is_performance_only();
}

void describe(OptionFields& fields, RoleOptions& options) {
  fields.text("generator", options.generator,
              "writes new programs; a local checkpoint is fine-tuned on the seeds first");
  fields.text("unifier", options.unifier, "writes programs for seeds that have only words");
  fields.text("reverser", options.reverser, "writes a problem for a program");
  fields.text("solver", options.solver, "solves problems");
  fields.text("judge", options.judge, "says whether solution and program reason alike");
  fields.text("student", options.student, "the checkpoint that students start from");
}

Result<Recipe> parse_recipe(std::string_view text, const std::string& path) {
  Recipe recipe;
  recipe.path = path;
  recipe.text = text;
  try {
    const toml::table document = toml::parse(text, path);
    TRY(RecipeReader(recipe).read(document));
  } catch (const toml::parse_error& problem) {
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("{}:{}: not valid TOML: {}", path, problem.source().begin.line,
                             problem.description()),
                 ""};
  }
  return recipe;
}

Result<Recipe> load_recipe(const std::filesystem::path& path) {
  const Result<std::string> text = read_file(path, kMaxRecipeBytes);
  if (!text.ok()) {
    Error error = text.error();
    if (error.code == ErrorCode::NotFound) error.hint = "`caco init FILE` writes a recipe";
    return error;
  }
  return parse_recipe(text.value(), path.string());
}

Recipe default_recipe() {
  Recipe recipe;
  recipe.seeds.emplace_back().count = 1500;
  recipe.generate.num_samples = 4000;
  for (const char* data : {"seeds", "verified"}) {
    StudentOptions& student = recipe.students.emplace_back();
    student.name = data;
    student.data = data;
  }
  for (const char* split : {"seen", "unseen"}) {
    BenchmarkOptions& benchmark = recipe.benchmarks.emplace_back();
    benchmark.name = split;
    benchmark.split = split;
  }
  return recipe;
}

std::string write_recipe(Recipe recipe) {
  std::string text =
      "# A recipe of caco: everything about a run. `caco plan` shows what it would do, `caco run` "
      "does it.\n# An option that is left out has its default, which `caco init` shows.\n";
  for (const RecipeTable& table : recipe_tables()) {
    write_description(table.description, text);
    if (table.kind == TableKind::Single) {
      text += "[" + table.name + "]\n";
      write_options(table.fields(recipe, 0), text);
    } else if (table.count(recipe) == 0) {
      write_example(table, text);
    }
    for (size_t i = 0; table.kind != TableKind::Single && i < table.count(recipe); ++i) {
      text += (i > 0 ? "\n" : "") + header_of(table, table.entry_name(recipe, i)) + "\n";
      write_options(table.fields(recipe, i), text);
    }
  }
  return text;
}

std::string hash_data_options(Recipe recipe) {
  recipe.roles.student.clear();
  Json options = Json::object();
  for (const RecipeTable& table : recipe_tables()) {
    if (table.name == "student" || table.name == "benchmark" || table.name == "evaluate") continue;
    const size_t count = table.kind == TableKind::Single ? 1 : table.count(recipe);
    for (size_t i = 0; i < count; ++i) {
      const std::string entry = table.kind == TableKind::Single ? "" : table.entry_name(recipe, i);
      options[table.name + " " + entry] =
          options_to_json(table.fields(recipe, i), /*only_affecting=*/true);
    }
  }
  return hash_hex(dump_json(options));
}

Result<ModelBinding> find_model(const Recipe& recipe, const std::string& name,
                                const std::filesystem::path& shipped_models) {
  std::vector<std::string> names(kShippedModels.begin(), kShippedModels.end());
  for (const ModelBinding& binding : recipe.models) {
    if (binding.name == name) return binding;
    names.push_back(binding.name);
  }
  if (is_shipped(name)) {
    ModelBinding binding;
    binding.name = name;
    binding.path = (shipped_models / name).string();
    return binding;
  }
  return Error{
      ErrorCode::NotFound,
      fmt::format("{}: no model \"{}\"{}", recipe.path, name, did_you_mean(name, names)),
      fmt::format("add a table [models.{}], or take one of: {}", name, fmt::join(names, ", "))};
}

}  // namespace caco
