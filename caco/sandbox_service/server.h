// SandboxServer: the sandbox as an HTTP service.
//
//   POST /run_code, GET /v1/ping                      SandboxFusion
//   POST /api/v2/execute, GET /api/v2/runtimes        Piston
//   POST /execute                                     NeMo-Skills, without sessions
//   POST /eval                                        snekbox
//   POST /run_batch                                   our own: program rows in, rows out
//   GET  /health, /metrics
//
// A request is run by the thread of its connection, when the queue gives it a turn. When as many
// wait as may, the answer is 429 with Retry-After; while the server stops, 503. A client that goes
// away gives up its place in the queue. What it serves on more than the machine itself needs a
// token. docs/sandbox_service.md describes it for its users.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "caco/base/result.h"
#include "caco/sandbox/sandbox.h"
#include "caco/sandbox_service/run_limits.h"

namespace caco {

struct ServiceOptions {
  std::string host = "127.0.0.1";
  int64_t port = 8080;        // 0: any free port
  int64_t num_workers = 2;    // programs at the same time; those of the sandbox
  int64_t max_waiting = 256;  // programs that wait for a worker
  int64_t max_wait_ms = 0;    // a program that waited longer is answered with 504; 0: no limit
  int64_t max_body_bytes = 64 << 20;
  std::string token;  // empty: none is asked for
  ServiceLimits limits;
};

inline constexpr int64_t kMinTokenBytes = 16;

// Returns whether only this machine reaches the address.
bool is_loopback(const std::string& host);

// Returns InvalidArgument for options that no server starts with: reachable by others and no token,
// or a token that is too short.
Status check_options(const ServiceOptions& options);

class SandboxServer {
 public:
  // Asks the sandbox for its Python version and binds the port. `sandbox` must outlive the server
  // and have `num_workers` workers. InvalidArgument as check_options. Unavailable: the port cannot
  // be bound, or the sandbox does not work.
  static Result<std::unique_ptr<SandboxServer>> create(Sandbox& sandbox, ServiceOptions options);
  ~SandboxServer();
  SandboxServer(const SandboxServer&) = delete;
  SandboxServer& operator=(const SandboxServer&) = delete;

  int64_t port() const;
  const std::string& python_version() const;

  // Answers requests until stop() was called and what it let in is done.
  void run();

  // Ends run(): new programs are refused, those that run or wait are finished, for up to
  // `grace_ms`; then those that still wait are refused too. Thread-safe.
  void stop(int64_t grace_ms);

 private:
  class Implementation;

  explicit SandboxServer(std::unique_ptr<Implementation> implementation);

  std::unique_ptr<Implementation> implementation_;
};

}  // namespace caco
