#include "caco/model/local_server.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <stop_token>
#include <system_error>
#include <thread>
#include <vector>

#include "caco/base/file.h"
#include "caco/base/hash.h"
#include "caco/base/log.h"
#include "caco/model/child_process.h"
#include "caco/model/http_model.h"

namespace caco {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr int64_t kStartPollMs = 20;
constexpr int64_t kHealthTimeoutMs = 2'000;
constexpr int64_t kMaxPortFileBytes = 64;
constexpr size_t kHashChunkBytes = size_t{16} << 20;
// A server on this machine is either there or dead: long waiting does not bring it back.
constexpr int64_t kLocalRetries = 2;
constexpr int64_t kLocalRetryDelayMs = 100;

std::vector<fs::path> files_of_checkpoint(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code problem;
  for (fs::directory_iterator next(folder, problem), end; !problem && next != end;
       next.increment(problem)) {
    const std::string name = next->path().filename().string();
    if (name == "config.json" || name == "tokenizer.json" || name.ends_with(".safetensors") ||
        name.ends_with(".safetensors.index.json")) {
      files.push_back(next->path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

// Sizes and times of the files: cheap, and different when one was replaced.
std::string stamp_of(const fs::path& folder) {
  std::string stamp;
  for (const fs::path& file : files_of_checkpoint(folder)) {
    std::error_code problem;
    stamp += file.filename().string() + ":" + std::to_string(fs::file_size(file, problem)) + ":" +
             std::to_string(fs::last_write_time(file, problem).time_since_epoch().count()) + "\n";
  }
  return stamp;
}

// Returns the hash of a file of any size; empty when it cannot be read.
std::string hash_file(const fs::path& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"),
                                                             &std::fclose);
  if (!file) return "";
  std::string chunk(kHashChunkBytes, '\0');
  std::string hashes;
  while (true) {
    const size_t count = std::fread(chunk.data(), 1, chunk.size(), file.get());
    if (count == 0) break;
    hashes += hash_hex({chunk.data(), count});
  }
  return hash_hex(hashes);
}

// A folder of our own under the system's temporary folder, removed with this object.
class TemporaryFolder {
 public:
  static Result<std::unique_ptr<TemporaryFolder>> create() {
    std::error_code problem;
    const fs::path parent = fs::temp_directory_path(problem);
    std::string name = (problem ? fs::path("/tmp") : parent) / "caco-serve-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) {
      return Error{ErrorCode::ResourceExhausted, "cannot create a temporary folder: " + name,
                   "set TMPDIR to a writable folder"};
    }
    return std::unique_ptr<TemporaryFolder>(new TemporaryFolder(name));
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  explicit TemporaryFolder(fs::path path) : path_(std::move(path)) {}
  fs::path path_;
};

// One running `caco-lm serve` and the client of it.
struct RunningServer {
  std::unique_ptr<TemporaryFolder> folder;
  std::unique_ptr<ChildProcess> process;
  std::unique_ptr<LanguageModel> client;  // declared last: it is closed before the server ends
  std::string stamp;                      // of the checkpoint that it serves
};

// Returns the port that the server wrote, or 0 when it has not yet.
int64_t read_port(const fs::path& port_file) {
  const Result<std::string> text = read_file(port_file, kMaxPortFileBytes);
  if (!text.ok() || !text.value().ends_with('\n')) return 0;
  int64_t port = 0;
  for (const char c : text.value().substr(0, text.value().size() - 1)) {
    if (c < '0' || c > '9' || port > 65535) return 0;
    port = port * 10 + (c - '0');
  }
  return port <= 65535 ? port : 0;
}

Error server_error(const std::string& what, const LocalServerOptions& options,
                   const ChildProcess& process) {
  std::string tail = process.tail();
  while (tail.ends_with('\n'))
    tail.pop_back();
  return {ErrorCode::Unavailable,
          what + ": " + options.program.string() + " serve --model " + options.checkpoint.string() +
              (tail.empty() ? "" : "; its last lines:\n" + tail),
          "run this command by hand to see more; finished work is kept"};
}

class LocalModel final : public LanguageModel {
 public:
  explicit LocalModel(const LocalServerOptions& options) : options_(options) {
    if (options_.stop_when_idle_ms > 0) {
      idle_watch_ = std::jthread([this](const std::stop_token& stop) { watch_idle(stop); });
    }
  }

  ~LocalModel() override {
    idle_watch_ = std::jthread();  // stops and joins it before the rest goes
  }

  Result<std::vector<ModelReply>> complete(std::span<const ModelRequest> requests) override {
    return complete_observed(requests, [](size_t, const ModelReply&) {});
  }

  Result<std::vector<ModelReply>> complete_observed(std::span<const ModelRequest> requests,
                                                    const ReplyObserver& observer) override {
    if (requests.empty()) return std::vector<ModelReply>();
    RunningServer* const server = TRY(begin_use());
    Result<std::vector<ModelReply>> replies = server->client->complete_observed(requests, observer);
    if (!replies.ok() && server->process->wait_for_end(kEndNoticeMs)) {
      replies = server_error("local model server " + to_string(server->process->end()), options_,
                             *server->process);
    }
    end_use();
    return replies;
  }

  std::string identity() const override {
    const std::lock_guard lock(identity_mutex_);
    const std::string stamp = stamp_of(options_.checkpoint);
    if (stamp != identity_stamp_ || identity_.empty()) {
      identity_ = checkpoint_identity(options_.checkpoint);
      identity_stamp_ = stamp;
    }
    return identity_;
  }

 private:
  // A server that crashes breaks its connections a moment before the kernel reports its end.
  static constexpr int64_t kEndNoticeMs = 500;

  // Returns the server of the checkpoint as it is now, started when there is none. Until end_use()
  // nobody takes it away.
  Result<RunningServer*> begin_use() {
    std::unique_lock lock(mutex_);
    const std::string stamp = stamp_of(options_.checkpoint);
    const auto is_good = [&] {
      return server_ && server_->process->is_running() && server_->stamp == stamp;
    };
    use_ended_.wait(lock, [&] { return num_users_ == 0 || is_good(); });
    if (!is_good()) {
      server_.reset();
      server_ = TRY(start(stamp));
    }
    ++num_users_;
    return server_.get();
  }

  void end_use() {
    const std::lock_guard lock(mutex_);
    --num_users_;
    last_use_ = Clock::now();
    use_ended_.notify_all();
  }

  Result<std::unique_ptr<RunningServer>> start(const std::string& stamp) const {
    std::error_code problem;
    if (!fs::exists(options_.checkpoint / "config.json", problem)) {
      return Error{ErrorCode::NotFound, "no checkpoint in folder: " + options_.checkpoint.string(),
                   "a checkpoint folder holds config.json, model.safetensors and tokenizer.json"};
    }
    std::unique_ptr<RunningServer> server = std::make_unique<RunningServer>();
    server->stamp = stamp;
    server->folder = TRY(TemporaryFolder::create());
    const fs::path port_file = server->folder->path() / "port";
    server->process = TRY(ChildProcess::start(
        {{options_.program.string(), "serve", "--model", options_.checkpoint.string(), "--host",
          "127.0.0.1", "--port", "0", "--port-file", port_file.string(), "--threads",
          std::to_string(options_.num_threads)},
         [](std::string_view line) {
           log_message(LogLevel::Debug, line);
         }}));
    const std::string base = TRY(wait_until_ready(*server->process, port_file));
    HttpModelOptions http;
    http.url = base + "/v1";
    http.style.model = options_.checkpoint.filename().string();
    http.max_in_flight = options_.max_in_flight;
    http.max_retries = kLocalRetries;
    http.retry_delay_ms = kLocalRetryDelayMs;
    http.request_timeout_ms = options_.request_timeout_ms;
    server->client = TRY(make_http_model(http));
    return server;
  }

  // Returns the server's address when it answers /health.
  Result<std::string> wait_until_ready(const ChildProcess& process,
                                       const fs::path& port_file) const {
    const Clock::time_point deadline =
        Clock::now() + std::chrono::milliseconds(options_.start_timeout_ms);
    while (Clock::now() < deadline) {
      if (process.wait_for_end(kStartPollMs)) {
        return server_error("local model server did not start; it " + to_string(process.end()),
                            options_, process);
      }
      const int64_t port = read_port(port_file);
      if (port == 0) continue;
      const std::string base = "http://127.0.0.1:" + std::to_string(port);
      const Result<HttpResponse> health = http_get(base + "/health", kHealthTimeoutMs);
      if (health.ok() && health.value().status == 200) return base;
    }
    return server_error("local model server was not ready within " +
                            std::to_string(options_.start_timeout_ms) + " ms",
                        options_, process);
  }

  void watch_idle(const std::stop_token& stop) {
    const std::chrono::milliseconds limit(options_.stop_when_idle_ms);
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
      use_ended_.wait_for(lock, stop, limit / 2, [] { return false; });
      if (num_users_ == 0 && Clock::now() - last_use_ >= limit) server_.reset();
    }
  }

  const LocalServerOptions options_;

  std::mutex mutex_;
  std::condition_variable_any use_ended_;
  std::unique_ptr<RunningServer> server_;
  int64_t num_users_ = 0;  // calls that hold server_ right now
  Clock::time_point last_use_;

  mutable std::mutex identity_mutex_;
  mutable std::string identity_;
  mutable std::string identity_stamp_;

  std::jthread idle_watch_;
};

}  // namespace

std::unique_ptr<LanguageModel> make_local_model(const LocalServerOptions& options) {
  return std::make_unique<LocalModel>(options);
}

std::string checkpoint_identity(const fs::path& folder) {
  std::error_code problem;
  if (!fs::exists(folder / "config.json", problem)) return "absent";
  std::string parts;
  for (const fs::path& file : files_of_checkpoint(folder)) {
    parts += file.filename().string() + ":" + hash_file(file) + "\n";
  }
  return hash_hex(parts);
}

}  // namespace caco
