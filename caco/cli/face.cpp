#include "caco/cli/face.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <thread>

#include "caco/base/environment.h"

namespace caco {
namespace {

bool is_program(const std::filesystem::path& path) {
  return ::access(path.c_str(), X_OK) == 0 && !std::filesystem::is_directory(path);
}

std::filesystem::path own_folder() {
  std::error_code problem;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", problem);
  return program.parent_path();
}

std::filesystem::path find_program(const std::string& name, const std::filesystem::path& beside) {
  if (is_program(beside / name)) return beside / name;
  const std::string path = environment_variable("PATH");
  for (size_t start = 0; start <= path.size();) {
    const size_t end = std::min(path.find(':', start), path.size());
    std::filesystem::path candidate = std::filesystem::path(path.substr(start, end - start)) / name;
    if (end > start && is_program(candidate)) return candidate;
    start = end + 1;
  }
  // Not found: what uses it will say so, with this name.
  return beside / name;
}

std::filesystem::path find_folder(const std::filesystem::path& in_source,
                                  const std::filesystem::path& installed) {
  std::error_code ignored;
  return std::filesystem::exists(in_source, ignored) ? in_source : installed;
}

}  // namespace

Installation find_installation() {
  const std::filesystem::path folder = own_folder();
  const std::filesystem::path source = CACO_SOURCE_DIR;
  const std::filesystem::path share = folder.parent_path() / "share" / "caco";
  Installation installation;
  installation.lm_program = find_program("caco-lm", folder);
  installation.families_folder =
      find_folder(source / "caco" / "seeds" / "families", share / "families");
  installation.shipped_models = find_folder(source / "models", share / "models");
  installation.num_cores = std::max<int64_t>(1, std::thread::hardware_concurrency());
  installation.version = CACO_VERSION;
  installation.environment = environment_variable;
  return installation;
}

int report_error(const Error& error) {
  fmt::print(stderr, "caco: {}\n", error.message);
  if (!error.hint.empty()) fmt::print(stderr, "      {}\n", error.hint);
  if (error.code == ErrorCode::Cancelled) return kExitInterrupted;
  return error.code == ErrorCode::InvalidArgument ? kExitUsage : kExitFailed;
}

bool is_terminal(int descriptor) {
  return ::isatty(descriptor) == 1;
}

int64_t terminal_width() {
  struct winsize size {};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40) return size.ws_col;
  return 100;
}

std::string wrap_text(std::string_view text, size_t width, size_t indent) {
  const std::string lead(indent, ' ');
  const size_t room = width > indent + 20 ? width - indent : 20;
  std::string wrapped;
  while (!text.empty()) {
    const size_t line_end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, line_end);
    text.remove_prefix(std::min(line_end + 1, text.size()));
    do {
      size_t end = line.size();
      if (end > room) {
        end = line.rfind(' ', room);
        if (end == std::string_view::npos || end == 0) end = std::min(line.find(' '), line.size());
      }
      wrapped += lead + std::string(line.substr(0, end)) + '\n';
      line.remove_prefix(std::min(end + 1, line.size()));
    } while (!line.empty());
  }
  return wrapped;
}

std::string format_seconds(double seconds) {
  const int64_t whole = std::llround(seconds);
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

std::string format_count(int64_t count) {
  const auto number = static_cast<double>(count);
  if (count < 10'000) return std::to_string(count);
  if (count < 1'000'000) return fmt::format("{:.1f}k", number / 1e3);
  if (count < 1'000'000'000) return fmt::format("{:.2f}M", number / 1e6);
  return fmt::format("{:.2f}G", number / 1e9);
}

}  // namespace caco
