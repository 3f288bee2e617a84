// `caco seeds import` and `caco families sample`: single parts of the engine.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "caco/cli/commands.h"
#include "caco/cli/face.h"
#include "caco/sandbox/sandbox.h"
#include "caco/seeds/families.h"
#include "caco/seeds/import_seeds.h"

namespace caco {
namespace {

constexpr int64_t kFamilyBatch = 50;  // problems of one program run

struct ImportArguments {
  std::string input;
  std::string output;
  std::string preset = "plain";
  FieldMap fields;
};

Status import_file(const ImportArguments& arguments) {
  FieldMap map = TRY(field_map_preset(arguments.preset));
  FieldMap given = arguments.fields;
  OptionFields into;
  OptionFields from;
  describe(into, map);
  describe(from, given);
  for (size_t i = 0; i < into.all().size(); ++i) {
    const Json value = option_value(from.all()[i]);
    if (!value.get<std::string>().empty()) TRY(set_option(into.all()[i], value));
  }
  const ImportReport report = TRY(import_seeds(arguments.input, map, arguments.output));
  for (const std::string& reject : report.rejects)
    fmt::print(stderr, "caco: {}\n", reject);
  fmt::print("read {} lines, wrote {} seeds to {}\n", report.num_read, report.num_kept,
             arguments.output);
  for (const auto& [reason, count] : report.num_rejected)
    fmt::print("  {} {}\n", reason, count);
  return {};
}

struct FamiliesArguments {
  std::string split = "unseen";
  int64_t count = 10;
  int64_t seed = 1;
};

Status sample_families(const FamiliesArguments& arguments) {
  const SeedFamilies families = TRY(SeedFamilies::load(find_installation().families_folder));
  const std::unique_ptr<Sandbox> sandbox =
      TRY(Sandbox::create(SeedFamilies::sandbox_options(SandboxOptions())));
  for (int64_t first = 0; first < arguments.count; first += kFamilyBatch) {
    const int64_t count = std::min(kFamilyBatch, arguments.count - first);
    const std::vector<FamilyProblem> problems = TRY(families.make_problems(
        *sandbox, arguments.split, static_cast<uint64_t>(arguments.seed), first, count));
    for (const FamilyProblem& problem : problems) {
      const Json row = {{"id", problem.id},
                        {"area", problem.area},
                        {"structure", problem.structure},
                        {"question", problem.question},
                        {"solution", problem.solution},
                        {"program", problem.program},
                        {"answer", problem.answer}};
      fmt::print("{}\n", dump_json(row));
    }
  }
  return {};
}

void finish(const Status& status, int& exit_code) {
  exit_code = status.ok() ? static_cast<int>(kExitDone) : report_error(status.error());
}

}  // namespace

void add_seeds_command(CLI::App& app, int& exit_code) {
  CLI::App* const command = app.add_subcommand("seeds", "work with seed files");
  command->require_subcommand(1);
  CLI::App* const import =
      command->add_subcommand("import", "turn a file of seeds into the plain layout");
  static ImportArguments arguments{"", "", "plain", {"", "", "", "", "", ""}};
  import->add_option("INPUT", arguments.input, "JSON Lines; plain, .gz or .zst")->required();
  import->add_option("OUTPUT", arguments.output, "file to write")->required();
  import->add_option("--preset", arguments.preset, "layout: plain, gsm8k, alpaca, mbpp")
      ->capture_default_str();
  import->add_option("--question", arguments.fields.question, "field path of the question");
  import->add_option("--solution", arguments.fields.solution, "of the worked solution");
  import->add_option("--program", arguments.fields.program, "of the program");
  import->add_option("--answer", arguments.fields.answer, "of the gold answer");
  import->add_option("--id", arguments.fields.id, "of the id");
  import->add_option("--test", arguments.fields.test, "of a test of the program");
  import->footer(
      "A field path is a.b.0.c; alternatives are parted by |, and + joins texts.\n"
      "Example:\n"
      "  caco seeds import train.jsonl.gz seeds.jsonl --preset gsm8k\n"
      "  caco seeds import my.jsonl seeds.jsonl --question prompt --answer meta.gold");
  import->callback([&exit_code] { finish(import_file(arguments), exit_code);
});
}  // namespace caco

void add_families_command(CLI::App& app, int& exit_code) {
  CLI::App* const command = app.add_subcommand("families", "work with the seed families");
  command->require_subcommand(1);
  CLI::App* const sample = command->add_subcommand("sample", "print problems as JSON Lines");
  static FamiliesArguments arguments;
  sample->add_option("--split", arguments.split, "base, seed, seen or unseen")
      ->check(CLI::IsMember({"base", "seed", "seen", "unseen"}))
      ->capture_default_str();
  sample->add_option("--count,-n", arguments.count, "how many")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  sample->add_option("--seed", arguments.seed, "of the random choices")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  sample->callback([&exit_code] { finish(sample_families(arguments), exit_code); });
}

}  // namespace caco
