// caco-lm serve: the OpenAI-style HTTP server over a checkpoint.
//
// SIGTERM and SIGINT stop it gracefully: new requests are refused and those under way finish, up to
// the grace time. So does the end of the process named by --parent-pid, so that a server never
// outlives the engine that started it.
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
#include "caco/lm/chat_template.h"
#include "caco/lm/commands.h"
#include "caco/lm/decode_engine.h"
#include "caco/lm/decode_kernels.h"
#include "caco/lm/decoding_options.h"
#include "caco/lm/server.h"

namespace caco::lm {
namespace {

constexpr const char* kServeExamples = R"(Examples:
  caco-lm serve --model models/embedded --port 8000
  caco-lm serve --model runs/mine/04-train/model --port 0 --port-file port.txt
  caco-lm serve --model models/embedded --generation-config none
  CACO_LM_API_KEY=secret caco-lm serve --model models/embedded --host 0.0.0.0 --port 8000

  curl http://127.0.0.1:8000/v1/completions -H 'Content-Type: application/json' \
    -d '{"prompt": "A farmer has", "max_tokens": 40, "n": 3, "seed": 1}'
  curl http://127.0.0.1:8000/metrics)";

struct ServeArguments {
  std::string model;
  std::string port_file;
  SamplingSource sampling_source = SamplingSource::Model;
  Device device;
  int64_t parent_pid = 0;
  int64_t grace_seconds = 10;
  int64_t max_body_mb = 32;
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

  const DecodeSetup setup =
      TRY(load_for_decoding(arguments.model, arguments.sampling_source,
                            decode_backend(arguments.device, arguments.engine.num_threads)));
  const std::unique_ptr<DecodeEngine> engine = TRY(DecodeEngine::create(
      *setup.model, setup.tokenizer, on_device(arguments.device, arguments.engine)));
  const Result<ChatTemplate> chat_template = ChatTemplate::load(arguments.model);
  if (!chat_template.ok() && chat_template.error().code != ErrorCode::NotFound) {
    return chat_template.error();
  }
  ServerOptions options = arguments.server;
  if (chat_template.ok()) options.chat_template = &chat_template.value();
  options.sampling = setup.sampling;
  options.max_body_bytes = arguments.max_body_mb << 20;
  if (options.model_name.empty()) {
    const std::filesystem::path path = std::filesystem::absolute(arguments.model);
    options.model_name = (path.has_filename() ? path : path.parent_path()).filename().string();
  }
  const bool is_local = options.host == "127.0.0.1" || options.host == "localhost";
  if (!is_local && options.api_key.empty()) {
    std::cerr << "caco-lm: warning: " << options.host
              << " may be reached from elsewhere, and no --api-key is asked for\n";
  }
  const std::unique_ptr<Server> server = TRY(Server::create(*engine, options));
  std::cout << "serving " << options.model_name << " on http://" << options.host << ":"
            << server->port() << " (" << decode_kernels().name << ", context "
            << engine->max_context() << ")" << std::endl;
  const std::string sampling = describe_sampling(setup.sampling);
  if (!sampling.empty()) {
    std::cout << "requests that do not say otherwise, by generation_config.json: " << sampling
              << std::endl;
  }
  if (!arguments.port_file.empty()) {
    TRY(write_file_atomic(arguments.port_file, std::to_string(server->port()) + "\n"));
  }

  std::atomic<bool> is_over{false};
  std::thread ender([&] {
    wait_for_end(arguments.parent_pid, is_over);
    server->stop(arguments.grace_seconds * 1000);
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
  add_generation_config_option(*command, arguments->sampling_source);
  add_device_option(*command, arguments->device);
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
  command->add_option("--max-body-mb", arguments->max_body_mb, "largest body of a request, in MiB")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command
      ->add_option(
          "--api-key", arguments->server.api_key,
          "key that requests must have; better in the environment, which others cannot see")
      ->envname("CACO_LM_API_KEY");
  command
      ->add_option("--grace-seconds", arguments->grace_seconds,
                   "how long requests under way may take when the server is stopped")
      ->check(CLI::Range(0, 86400))
      ->capture_default_str();
  command->add_option("--parent-pid", arguments->parent_pid,
                      "stop when this parent process has ended");
  command->footer(kServeExamples);
  command->callback([=, &exit_code] {
    const Status status = serve(*arguments);
    if (status.ok()) return;
    std::cerr << "caco-lm: " << to_string(status.error()) << '\n';
    exit_code = status.error().code == ErrorCode::InvalidArgument ? 2 : 1;
  });
}

}  // namespace caco::lm
