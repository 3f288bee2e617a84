#include "caco/model/local_trainer.h"

#include <charconv>
#include <cstdlib>
#include <memory>
#include <system_error>

#include "caco/base/log.h"
#include "caco/model/child_process.h"

namespace caco {
namespace {

constexpr int64_t kCancelPollMs = 200;
// A cancelled trainer may write down where it is before it ends.
constexpr int64_t kCancelGraceMs = 10'000;

// Returns the words of a line; spaces, tabs, `=`, `,` after a number, and `|` part them.
std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : line) {
    if (c == ' ' || c == '\t' || c == '=' || c == '|' || c == ',') {
      if (!word.empty()) words.push_back(std::move(word));
      word.clear();
    } else {
      word.push_back(c);
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

int64_t to_int(std::string_view text) {
  int64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  return problem == std::errc() && end == text.data() + text.size() ? value : 0;
}

std::string number_text(double value) {
  char buffer[32];
  const auto [end, problem] = std::to_chars(buffer, buffer + sizeof(buffer), value);
  assert(problem == std::errc());
  return std::string(buffer, end);
}

Status check_exists(const std::filesystem::path& path, const std::string& what) {
  std::error_code problem;
  if (std::filesystem::exists(path, problem)) return {};
  return Error{ErrorCode::NotFound, "no " + what + ": " + path.string(), ""};
}

}  // namespace

TrainProgress parse_train_line(std::string_view line) {
  TrainProgress progress;
  progress.line = line;
  const std::vector<std::string> words = words_of(line);
  if (words.empty() || words[0] != "step") return progress;
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    const std::string& value = words[i + 1];
    const std::string_view fraction = value;
    const size_t slash = value.find('/');
    if (words[i] == "step" && slash != std::string::npos) {
      progress.step = to_int(fraction.substr(0, slash));
      progress.num_steps = to_int(fraction.substr(slash + 1));
    } else if (words[i] == "loss") {
      progress.loss = std::strtod(value.c_str(), nullptr);
    } else if (value == "tokens/s") {
      progress.tokens_per_second = std::strtod(words[i].c_str(), nullptr);
    }
  }
  return progress;
}

std::vector<std::string> LocalTrainer::command(const TrainRequest& request) const {
  std::vector<std::string> arguments = {program.string(), "train",
                                        "--base",         request.base.string(),
                                        "--data",         request.data.string(),
                                        "--output",       request.output.string(),
                                        "--epochs",       number_text(request.epochs),
                                        "--lr",           number_text(request.learning_rate),
                                        "--batch-tokens", std::to_string(request.batch_tokens),
                                        "--max-length",   std::to_string(request.max_length),
                                        "--seed",         std::to_string(request.seed),
                                        "--threads",      std::to_string(num_threads)};
  if (request.is_resuming) arguments.emplace_back("--resume");
  return arguments;
}

Status LocalTrainer::train(const TrainRequest& request, const TrainObserver& observer,
                           const std::function<bool()>& is_cancelled) const {
  TRY(check_exists(request.base / "config.json", "checkpoint to train from"));
  TRY(check_exists(request.data, "training data"));
  const auto relay = [&](std::string_view line) {
    log_message(LogLevel::Debug, line);
    const TrainProgress progress = parse_train_line(line);
    if (observer && progress.num_steps > 0) observer(progress);
  };
  const std::unique_ptr<ChildProcess> child = TRY(ChildProcess::start({command(request), relay}));
  while (!child->wait_for_end(kCancelPollMs)) {
    if (is_cancelled && is_cancelled()) {
      child->stop(kCancelGraceMs);
      return Error{ErrorCode::Cancelled, "training was stopped", ""};
    }
  }
  if (child->end().is_success()) return check_exists(request.output / "config.json", "checkpoint");
  std::string tail = child->tail();
  while (tail.ends_with('\n'))
    tail.pop_back();
  return Error{ErrorCode::Unavailable,
               "training " + to_string(child->end()) + ": " + request.output.string() +
                   (tail.empty() ? "" : "; its last lines:\n" + tail),
               "finished work is kept; run again when the cause is gone"};
}

}  // namespace caco
