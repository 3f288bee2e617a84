// The program `caco`: its list of commands.
#include <CLI/CLI.hpp>

#include "caco/cli/commands.h"
#include "caco/cli/face.h"

namespace {

constexpr const char* kDescription =
    "caco makes verified reasoning data: it turns problems with solutions into programs, samples\n"
    "new programs, runs them, writes problems for them, solves these, and keeps what agrees.";

constexpr const char* kFooter =
    "Examples:\n"
    "  caco init my.toml                 write a recipe with every option explained\n"
    "  caco plan my.toml                 what it would do, and how much work that is\n"
    "  caco run my.toml                  do it, into runs/my; run it again to go on or to redo\n"
    "                                    what a changed option touches\n"
    "  caco status runs/my               how far it is, and what was rejected where\n"
    "  caco show runs/my 12-verify       samples of a step\n"
    "  caco why runs/my 3f2a91           where a sample came from and what became of it\n"
    "  caco export runs/my -o data.jsonl --format messages\n"
    "\n"
    "Exit codes: 0 done; 1 something outside failed (the message says what to do);\n"
    "            2 wrong command line or recipe; 130 interrupted.";

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(kDescription, "caco");
  app.footer(kFooter);
  app.set_version_flag("--version", std::string("caco ") + CACO_VERSION);
  int exit_code = caco::kExitDone;
  caco::add_init_command(app, exit_code);
  caco::add_plan_command(app, exit_code);
  caco::add_run_command(app, exit_code);
  caco::add_status_command(app, exit_code);
  caco::add_show_command(app, exit_code);
  caco::add_why_command(app, exit_code);
  caco::add_export_command(app, exit_code);
  caco::add_grade_command(app, exit_code);
  caco::add_exec_command(app, exit_code);
  caco::add_sandbox_command(app, exit_code);
  caco::add_seeds_command(app, exit_code);
  caco::add_families_command(app, exit_code);
  caco::add_doctor_command(app, exit_code);
  try {
    app.parse(argc, argv);
    // Asked for only now, so that a misspelt command is named by its own message.
    if (app.get_subcommands().empty()) throw CLI::CallForHelp();
  } catch (const CLI::ParseError& problem) {
    if (app.exit(problem) == 0) return caco::kExitDone;
    return app.got_subcommand("grade") ? caco::kExitGradeUsage : caco::kExitUsage;
  }
  return exit_code;
}
