// caco-lm doctor: says which kernels and which BLAS run here and how fast they are.
#include <cstdio>

#include <CLI/CLI.hpp>

#include "caco/lm/commands.h"
#include "caco/lm/cpu_environment.h"

namespace caco::lm {

void add_doctor_command(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("doctor", "Shows and measures what runs on this machine");
  command->callback([&exit_code] {
    for (const CpuFact& fact : examine_cpu()) {
      std::printf("%-22s %s%s\n", fact.name.c_str(), fact.value.c_str(),
                  fact.is_good ? "" : "  <- slow: install libopenblas0-pthread");
      if (!fact.is_good) exit_code = 1;
    }
  });
}

}  // namespace caco::lm
