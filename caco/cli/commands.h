// The commands of `caco`, one function each: it adds the command with its options to `app`. CLI11
// runs the command's callback while it parses; the callback writes the exit code. `exit_code` must
// outlive `app`.
#pragma once

namespace CLI {
class App;
}

namespace caco {

void add_init_command(CLI::App& app, int& exit_code);
void add_plan_command(CLI::App& app, int& exit_code);
void add_run_command(CLI::App& app, int& exit_code);
void add_status_command(CLI::App& app, int& exit_code);
void add_show_command(CLI::App& app, int& exit_code);
void add_why_command(CLI::App& app, int& exit_code);
void add_export_command(CLI::App& app, int& exit_code);
void add_grade_command(CLI::App& app, int& exit_code);
void add_exec_command(CLI::App& app, int& exit_code);
void add_sandbox_command(CLI::App& app, int& exit_code);
void add_seeds_command(CLI::App& app, int& exit_code);
void add_families_command(CLI::App& app, int& exit_code);
void add_doctor_command(CLI::App& app, int& exit_code);

}  // namespace caco
