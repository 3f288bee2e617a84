// caco-lm: trains, samples and serves local checkpoints of small decoder-only models.
// Here is only the list of its commands; each lives in its own command_*.cpp.
#include <CLI/CLI.hpp>

#include "caco/lm/commands.h"
#include "caco/lm/cpu_environment.h"

int main(int argc, char** argv) {
  // From here on the numeric libraries run with the settings that fit this processor.
  caco::lm::prepare_cpu_environment(argv);

  CLI::App app{"caco-lm: trains, samples and serves local checkpoints"};
  app.require_subcommand(1);
  int exit_code = 0;
  caco::lm::add_pretrain_command(app, exit_code);
  caco::lm::add_train_command(app, exit_code);
  caco::lm::add_recipe_command(app, exit_code);
  caco::lm::add_merge_command(app, exit_code);
  caco::lm::add_tokenizer_command(app, exit_code);
  caco::lm::add_sample_command(app, exit_code);
  caco::lm::add_serve_command(app, exit_code);
  caco::lm::add_doctor_command(app, exit_code);
  CLI11_PARSE(app, argc, argv);
  return exit_code;
}
