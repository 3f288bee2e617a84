#include "caco/sandbox/protocol.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include <array>
#include <cassert>
#include <optional>
#include <utility>

#include "caco/base/hash.h"
#include "caco/base/json.h"
#include "caco/sandbox/base64.h"

namespace caco {
namespace {

constexpr int64_t kRunOperation = 1;
constexpr int64_t kKillOperation = 2;
constexpr int64_t kWantsFacts = 1, kLikeThePaper = 2, kHasClock = 4;
constexpr size_t kFrameHead = 1 + static_cast<size_t>(kNonceBytes) + 4;

template <size_t N>
std::string to_bytes(const std::array<int64_t, N>& numbers) {
  std::string bytes(sizeof(numbers), '\0');
  memcpy(bytes.data(), numbers.data(), sizeof(numbers));
  return bytes;
}

// The frames of RESULT, or nothing when its bytes are not exactly what an honest child writes.
struct Frames {
  std::optional<std::string_view> facts;
  std::optional<std::string_view> scratch;
  std::optional<std::string_view> result;
};

std::optional<Frames> split_frames(std::string_view bytes, std::string_view nonce) {
  Frames frames;
  while (!bytes.empty()) {
    if (bytes.size() < kFrameHead) return std::nullopt;
    const char kind = bytes[0];
    uint32_t length = 0;
    memcpy(&length, bytes.data() + 1 + kNonceBytes, sizeof(length));
    if (bytes.substr(1, static_cast<size_t>(kNonceBytes)) != nonce) return std::nullopt;
    if (bytes.size() - kFrameHead < length) return std::nullopt;
    const std::string_view payload = bytes.substr(kFrameHead, length);
    bytes.remove_prefix(kFrameHead + length);
    if (kind == 'F' && !frames.facts && !frames.scratch && !frames.result) {
      frames.facts = payload;
    } else if (kind == 'S' && !frames.scratch && !frames.result) {
      frames.scratch = payload;
    } else if (kind == 'R' && !frames.result) {
      frames.result = payload;
    } else {
      return std::nullopt;
    }
  }
  return frames;
}

Result<std::vector<std::string>> read_names(const Json& object, const std::string& key) {
  std::vector<std::string> names;
  const auto found = object.find(key);
  if (found == object.end() || !found->is_array()) {
    return Error{ErrorCode::InvalidArgument, "no list: " + key, ""};
  }
  for (const Json& item : *found) {
    if (!item.is_string()) {
      return Error{ErrorCode::InvalidArgument, "not a list of names: " + key, ""};
    }
    names.push_back(item.get<std::string>());
  }
  return names;
}

Result<ProgramFacts> decode_facts(std::string_view text) {
  const Json json = TRY(parse_json(text));
  ProgramFacts facts;
  facts.effective_lines = TRY(read_int(json, "effective_lines"));
  facts.input_names = TRY(read_names(json, "input_names"));
  facts.unused_inputs = TRY(read_names(json, "unused_inputs"));
  facts.imports = TRY(read_names(json, "imports"));
  facts.normal_form = TRY(read_string(json, "normal_form"));
  const std::string structure = TRY(read_string(json, "structure"));
  if (!structure.empty()) facts.structure = hash_hex(structure);
  return facts;
}

ExecutionVerdict verdict_of_status(std::string_view status) {
  static constexpr std::array<std::pair<std::string_view, ExecutionVerdict>, 8> kVerdicts{{
      {"ok", ExecutionVerdict::Ok},
      {"no_output", ExecutionVerdict::NoOutput},
      {"error", ExecutionVerdict::ErrorRaised},
      {"compile", ExecutionVerdict::CompileError},
      {"exited", ExecutionVerdict::Exited},
      {"memory", ExecutionVerdict::MemoryLimit},
      {"unserializable", ExecutionVerdict::Unserializable},
      {"too_large", ExecutionVerdict::TooLarge},
  }};
  for (const auto& [name, verdict] : kVerdicts) {
    if (name == status) return verdict;
  }
  return ExecutionVerdict::Protocol;
}

// Line and function of each frame of the program. What is not as it should be is left out: a
// traceback is for people to read.
std::vector<std::pair<int64_t, std::string>> decode_traceback(const Json& json) {
  std::vector<std::pair<int64_t, std::string>> frames;
  const auto found = json.find("trace");
  if (found == json.end() || !found->is_array()) return frames;
  for (const Json& frame : *found) {
    if (!frame.is_array() || frame.size() != 2) continue;
    if (!frame[0].is_number_integer() || !frame[1].is_string()) continue;
    frames.emplace_back(frame[0].get<int64_t>(), frame[1].get<std::string>());
  }
  return frames;
}

Status decode_result(std::string_view text, RunReport& report) {
  Execution& execution = report.execution;
  Json json = TRY(parse_json(text));
  const ExecutionVerdict verdict = verdict_of_status(TRY(read_string(json, "status")));
  execution.error_type = TRY(read_string(json, "type"));
  execution.error_message = TRY(read_string(json, "message"));
  execution.error_line = TRY(read_int(json, "line"));
  const bool is_exception = verdict == ExecutionVerdict::ErrorRaised ||
                            verdict == ExecutionVerdict::CompileError ||
                            verdict == ExecutionVerdict::MemoryLimit;
  report.exit_code = TRY(read_int(json, "code", is_exception ? 1 : 0)) & 0xff;
  report.traceback = decode_traceback(json);
  if (verdict == ExecutionVerdict::Ok || verdict == ExecutionVerdict::NoOutput) {
    if (!json.contains("inputs") || !json["inputs"].is_array() || !json.contains("input")) {
      return Error{ErrorCode::InvalidArgument, "result without inputs", ""};
    }
    for (const Json& pair : json["inputs"]) {
      if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_string()) {
        return Error{ErrorCode::InvalidArgument, "inputs are not pairs", ""};
      }
      execution.inputs.emplace_back(pair[0].get<std::string>(), pair[1].get<std::string>());
    }
    execution.input_value = std::move(json["input"]);
  }
  if (verdict == ExecutionVerdict::Ok) {
    if (!json.contains("output")) {
      return Error{ErrorCode::InvalidArgument, "result without output", ""};
    }
    execution.output_value = std::move(json["output"]);
    execution.output_repr = TRY(read_string(json, "repr"));
  }
  execution.verdict = verdict;
  return {};
}

// The scratch files of a frame; nothing from a frame that is not as it should be.
std::vector<ScratchFile> decode_scratch(std::string_view text) {
  const Result<Json> json = parse_json(text);
  if (!json.ok() || !json.value().is_array()) return {};
  std::vector<ScratchFile> files;
  for (const Json& pair : json.value()) {
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_string()) {
      return {};
    }
    std::optional<std::string> content = base64_decode(pair[1].get_ref<const std::string&>());
    if (!content) return {};
    files.push_back({pair[0].get<std::string>(), std::move(*content)});
  }
  return files;
}

void clear_result(Execution& execution, ExecutionVerdict verdict, std::string message) {
  execution.inputs.clear();
  execution.input_value = nullptr;
  execution.output_value = nullptr;
  execution.output_repr.clear();
  execution.error_type.clear();
  execution.error_line = 0;
  execution.verdict = verdict;
  execution.error_message = std::move(message);
}

// The verdict of a child that died without writing a result.
void judge_death(const RawRun& raw, const RunLimits& limits, Execution& execution) {
  const int status = static_cast<int>(raw.wait_status);
  if (raw.killed == KillReason::CpuLimit) {
    clear_result(execution, ExecutionVerdict::CpuTimeLimit, "over the limit of CPU time");
  } else if (raw.killed == KillReason::WallLimit) {
    clear_result(execution, ExecutionVerdict::WallTimeLimit, "over the limit of wall time");
  } else if (WIFEXITED(status)) {
    clear_result(execution, ExecutionVerdict::Exited,
                 "left with code " + std::to_string(WEXITSTATUS(status)));
  } else if (WTERMSIG(status) == SIGXCPU ||
             (WTERMSIG(status) == SIGKILL && raw.cpu_us >= limits.cpu_us)) {
    clear_result(execution, ExecutionVerdict::CpuTimeLimit, "over the limit of CPU time");
  } else if (WTERMSIG(status) == SIGKILL && 2 * 1024 * raw.peak_kib >= limits.memory_bytes) {
    clear_result(execution, ExecutionVerdict::MemoryLimit, "killed by the kernel");
  } else {
    const char* name = sigabbrev_np(WTERMSIG(status));
    clear_result(execution, ExecutionVerdict::Signaled,
                 "died by signal " + std::to_string(WTERMSIG(status)));
    execution.error_type = name == nullptr ? "" : "SIG" + std::string(name);
  }
}

}  // namespace

std::string encode_run_message(int64_t run, int64_t program_bytes, const RunLimits& limits,
                               int64_t address_space_bytes, int64_t order_bytes,
                               const RunRequest& request) {
  const int64_t flags = (request.wants_facts ? kWantsFacts : 0) |
                        (request.semantics == Semantics::PaperChecker ? kLikeThePaper : 0) |
                        (request.fixed_time_s ? kHasClock : 0);
  return to_bytes(std::array<int64_t, 11>{kRunOperation, run, program_bytes, limits.cpu_us,
                                          limits.wall_us, address_space_bytes, limits.value_bytes,
                                          limits.max_int_digits, order_bytes, flags,
                                          request.fixed_time_s.value_or(0)});
}

std::string encode_kill_message(int64_t run) {
  return to_bytes(std::array<int64_t, 11>{kKillOperation, run});
}

std::string encode_scratch_order(const RunRequest& request) {
  if (request.files.empty() && request.wanted_files.empty() && request.arguments.empty()) return "";
  Json files = Json::array();
  for (const ScratchFile& file : request.files) {
    files.push_back(Json::array({file.path, base64_encode(file.content)}));
  }
  return dump_json({{"files", files},
                    {"wanted", request.wanted_files},
                    {"limit", kMaxScratchBytes},
                    {"arguments", request.arguments}});
}

int64_t max_scratch_frame_bytes(const RunRequest& request) {
  if (request.wanted_files.empty()) return 0;
  int64_t bytes = (1 << 10) + 2 * kMaxScratchBytes;
  for (const std::string& path : request.wanted_files)
    bytes += 64 + 6 * static_cast<int64_t>(path.size());
  return bytes;
}

int64_t decode_reply(std::string_view bytes, RawRun& raw) {
  assert(bytes.size() == static_cast<size_t>(kReplyBytes));
  std::array<int64_t, 6> numbers{};
  memcpy(numbers.data(), bytes.data(), sizeof(numbers));
  raw.wait_status = numbers[1];
  raw.killed = static_cast<KillReason>(numbers[2]);
  raw.cpu_us = numbers[3];
  raw.wall_us = numbers[4];
  raw.peak_kib = numbers[5];
  return numbers[0];
}

int64_t max_result_bytes(int64_t program_bytes, const RunLimits& limits) {
  // Facts hold the program about three times, its literals escaped; a result holds `input` and its
  // entries, and `output`, each as data and as an escaped repr.
  return (1 << 16) + 24 * program_bytes + 32 * limits.value_bytes;
}

RunReport report_run(const RawRun& raw, std::string_view nonce, const RunLimits& limits) {
  RunReport report;
  Execution& execution = report.execution;
  execution.stdout_text = raw.stdout_text;
  report.stderr_text = raw.stderr_text;
  report.is_stdout_truncated = raw.is_stdout_over;
  report.is_stderr_truncated = raw.is_stderr_over;
  report.cpu_us = raw.cpu_us;
  report.wall_us = raw.wall_us;
  report.peak_kib = raw.peak_kib;
  const int status = static_cast<int>(raw.wait_status);
  report.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
  report.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  const std::optional<Frames> frames = split_frames(raw.result_bytes, nonce);
  if (frames && frames->facts) {
    Result<ProgramFacts> facts = decode_facts(*frames->facts);
    if (facts.ok()) execution.facts = std::move(facts).value();
  }
  if (raw.is_result_over) {
    clear_result(execution, ExecutionVerdict::Protocol, "too many bytes on the result channel");
  } else if (raw.is_stdout_over) {
    clear_result(execution, ExecutionVerdict::OutputLimit, "printed too much");
  } else if (frames && frames->result) {
    // A result that is whole counts, also when the child was killed right after it.
    report.signal = 0;
    const Status decoded = decode_result(*frames->result, report);
    if (frames->scratch) report.files = decode_scratch(*frames->scratch);
    if (!decoded.ok() || execution.verdict == ExecutionVerdict::Protocol) {
      clear_result(execution, ExecutionVerdict::Protocol, "a result that cannot be read");
    }
  } else if (!frames && raw.killed == KillReason::None) {
    clear_result(execution, ExecutionVerdict::Protocol, "foreign bytes on the result channel");
  } else {
    judge_death(raw, limits, execution);
  }
  return report;
}

Execution interpret_run(const RawRun& raw, std::string_view nonce, const RunLimits& limits) {
  return report_run(raw, nonce, limits).execution;
}

}  // namespace caco
