// caco-lm serve: the OpenAI-style HTTP server over a checkpoint.
//
// SIGTERM and SIGINT stop it gracefully; so does the end of the process named by --parent-pid, so
// that a server never outlives the engine that started it.
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>

#include "caco/base/file.h"
#include "caco/base/result.h"
#include "caco/lm/commands.h"
#include "caco/lm/decode_engine.h"
#include "caco/lm/decode_kernels.h"
#include "caco/lm/server.h"

namespace caco::lm {
namespace {

constexpr int64_t kGraceMs = 10'000;

struct ServeArguments {
  std::string model;
  std::string port_file;
  int64_t parent_pid = 0;
  ServerOptions server;
  DecodeEngineOptions engine;
};

sigset_t ending_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

// Waits for a signal to end, or for the parent's end. The kernel's own notice of a parent's death
// comes when the *thread* that started us ends, so the process is looked at once a second.
void wait_for_end(int64_t parent_pid, const std::atomic<bool>& is_over) {
  const sigset_t signals = ending_signals();
  const timespec one_second = {.tv_sec = 1, .tv_nsec = 0};
  while (!is_over) {
    if (sigtimedwait(&signals, nullptr, &one_second) > 0) return;
    if (parent_pid > 0 && getppid() != static_cast<pid_t>(parent_pid)) return;
  }
}

Status serve(const ServeArguments& arguments) {
  // Blocked before any thread starts, so that only wait_for_end sees them.
  const sigset_t signals = ending_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  const Tokenizer tokenizer = TRY(Tokenizer::load(arguments.model));
  const Checkpoint checkpoint = TRY(load_checkpoint(arguments.model));
  const DecodeModel model = TRY(DecodeModel::create(checkpoint));
  const std::unique_ptr<DecodeEngine> engine =
      TRY(DecodeEngine::create(model, tokenizer, arguments.engine));
  ServerOptions options = arguments.server;
  if (options.model_name.empty()) {
    const std::filesystem::path path = std::filesystem::absolute(arguments.model);
    options.model_name = (path.has_filename() ? path : path.parent_path()).filename().string();
  }
  const std::unique_ptr<Server> server = TRY(Server::create(*engine, options));
  std::cout << "serving " << options.model_name << " on http://" << options.host << ":"
            << server->port() << " (" << decode_kernels().name << ", context "
            << engine->max_context() << ")" << std::endl;
  if (!arguments.port_file.empty()) {
    TRY(write_file_atomic(arguments.port_file, std::to_string(server->port()) + "\n"));
  }

  std::atomic<bool> is_over{false};
  std::thread ender([&] {
    wait_for_end(arguments.parent_pid, is_over);
    server->stop(kGraceMs);
  });
  server->run();
  is_over = true;
  ender.join();
  return {};
}

}  // namespace

void add_serve_command(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("serve", "Serve a checkpoint over HTTP, OpenAI-style");
  auto arguments = std::make_shared<ServeArguments>();
  command->add_option("--model", arguments->model, "directory of the checkpoint")->required();
  command->add_option("--host", arguments->server.host, "address to listen on")
      ->capture_default_str();
  command->add_option("--port", arguments->server.port, "port; 0 takes any free one")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  command->add_option("--port-file", arguments->port_file, "file to write the port to");
  command->add_option("--name", arguments->server.model_name, "name of the model in replies");
  command->add_option("--threads", arguments->engine.num_threads, "engine threads")
      ->capture_default_str();
  command->add_option("--max-batch", arguments->engine.max_batch, "replies that grow at a time")
      ->capture_default_str();
  command
      ->add_option("--max-context", arguments->engine.max_context,
                   "tokens of prompt and reply; 0: what the model allows")
      ->capture_default_str();
  command->add_option("--max-queue", arguments->engine.max_queue, "unfinished replies in all")
      ->capture_default_str();
  command
      ->add_option("--http-threads", arguments->server.num_http_threads,
                   "requests that wait at the same time")
      ->capture_default_str();
  command->add_option("--parent-pid", arguments->parent_pid,
                      "stop when this parent process has ended");
  command->callback([=, &exit_code] {
    const Status status = serve(*arguments);
    if (status.ok()) return;
    std::cerr << "caco-lm: " << to_string(status.error()) << '\n';
    exit_code = status.error().code == ErrorCode::InvalidArgument ? 2 : 1;
  });
}

}  // namespace caco::lm
