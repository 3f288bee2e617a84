// Piston's POST /api/v2/execute and GET /api/v2/runtimes.
//
// Times are in milliseconds, memory in bytes; what is above the server's maximum is refused, not
// lowered, as Piston does. A client of this API takes certain words on stderr for a sign of an
// overloaded server and runs the program again: they are not passed on.
#include <signal.h>

#include "caco/sandbox/base64.h"
#include "caco/sandbox_service/api.h"
#include "caco/sandbox_service/field_reader.h"
#include "caco/sandbox_service/languages.h"
#include "caco/sandbox_service/report_text.h"

namespace caco {
namespace {

constexpr int64_t kDefaultRunMs = 3000;
constexpr int64_t kMiB = 1 << 20;
constexpr std::string_view kOverloadWords = "Resource temporarily unavailable";
constexpr std::string_view kOtherWords = "Resource not available";

ApiReply piston_refusal(const std::string& message) {
  return {400, {{"message", message}}};
}

std::optional<std::string> decode_hex(const std::string& text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (size_t i = 0; i < text.size(); i += 2) {
    int value = 0;
    for (const char digit : {text[i], text[i + 1]}) {
      const bool is_decimal = digit >= '0' && digit <= '9';
      const char lower = static_cast<char>(digit | 0x20);
      if (!is_decimal && (lower < 'a' || lower > 'f')) return std::nullopt;
      value = value * 16 + (is_decimal ? digit - '0' : lower - 'a' + 10);
    }
    bytes += static_cast<char>(value);
  }
  return bytes;
}

// Reads `files`: the first that is text is the program, under its own name or "main.py". Returns
// what is wrong, empty when nothing is.
std::string read_piston_files(const Json& body, RunRequest& request) {
  const auto found = body.find("files");
  if (found == body.end() || !found->is_array()) return "files is required as an array";
  bool has_program = false;
  for (size_t i = 0; i < found->size(); ++i) {
    FieldReader fields((*found)[i]);
    std::string name = fields.text("name", i == 0 ? "main.py" : "file" + std::to_string(i));
    const std::string content = fields.required_text("content");
    const std::string encoding = fields.text("encoding", "utf8");
    if (!fields.faults().empty()) {
      return "files[" + std::to_string(i) + "]." + fields.faults_text();
    }
    std::optional<std::string> bytes = content;
    if (encoding == "base64") {
      bytes = base64_decode(content);
    } else if (encoding == "hex") {
      bytes = decode_hex(content);
    } else if (encoding != "utf8") {
      return "files[" + std::to_string(i) + "].encoding must be utf8, base64 or hex";
    }
    if (!bytes) return "files[" + std::to_string(i) + "].content is not " + encoding;
    if (!has_program && encoding == "utf8") {
      has_program = true;
      request.program = *bytes;
    }
    request.files.push_back({std::move(name), std::move(*bytes)});
  }
  return has_program ? "" : "files must include at least one utf8 encoded file";
}

// Returns what is wrong with the limits, empty when nothing is.
std::string read_limits(FieldReader& fields, const ServiceLimits& limits, RunRequest& request) {
  const int64_t run_ms = fields.integer("run_timeout", kDefaultRunMs);
  const int64_t cpu_ms = fields.integer("run_cpu_time", run_ms);
  const int64_t memory = fields.integer("run_memory_limit", -1);
  for (const auto& [name, value] :
       {std::pair<std::string, int64_t>{"run_timeout", run_ms}, {"run_cpu_time", cpu_ms}}) {
    if (value <= 0) return name + " must be positive";
    if (value > limits.max_cpu_ms) {
      return name + " cannot exceed the configured limit of " + std::to_string(limits.max_cpu_ms);
    }
  }
  if (memory > limits.max_memory_mb * kMiB) {
    return "run_memory_limit cannot exceed the configured limit of " +
           std::to_string(limits.max_memory_mb * kMiB);
  }
  set_time_limit(request, static_cast<double>(run_ms) / 1000, limits);
  request.cpu_limit_ms = std::min(run_ms, cpu_ms);
  if (memory > 0) request.memory_limit_mb = std::max<int64_t>(1, memory / kMiB);
  return "";
}

std::string without_overload_words(std::string text) {
  for (size_t at = text.find(kOverloadWords); at != std::string::npos;
       at = text.find(kOverloadWords, at)) {
    text.replace(at, kOverloadWords.size(), kOtherWords);
  }
  return text;
}

// Piston's status and message of a run.
std::pair<Json, Json> piston_status(const RunReport& report) {
  if (is_timeout(report)) return {"TO", "Time limit exceeded"};
  if (report.execution.verdict == ExecutionVerdict::OutputLimit)
    return {"OL", "stdout length exceeded"};
  if (report.signal > 0) return {"SG", "Caught fatal signal " + std::to_string(report.signal)};
  if (return_code_of(report).value_or(0) != 0)
    return {"RE", "Exited with error status " + std::to_string(return_code_of(report).value_or(0))};
  return {nullptr, nullptr};
}

Json run_of(const ApiCall& call, const RunReport& report) {
  const std::string errors =
      without_overload_words(stderr_with_traceback(report, call.request.program));
  const bool is_killed =
      is_timeout(report) || report.execution.verdict == ExecutionVerdict::OutputLimit;
  const int64_t signal = is_killed ? SIGKILL : report.signal;
  const auto [status, message] = piston_status(report);
  return {{"stdout", report.execution.stdout_text},
          {"stderr", errors},
          {"output", report.execution.stdout_text + errors},
          {"code", signal > 0 ? Json() : Json(return_code_of(report).value_or(0))},
          {"signal", signal > 0 ? Json(signal_name(signal)) : Json()},
          {"message", message},
          {"status", status},
          {"cpu_time", report.cpu_us / 1000},
          {"wall_time", report.wall_us / 1000},
          {"memory", report.peak_kib * 1024},
          {"verdict", std::string(to_string(report.execution.verdict))}};
}

}  // namespace

ReadCall read_piston_call(const Json& body, const ServiceLimits& limits,
                          const std::string& version) {
  FieldReader fields(body);
  ApiCall call;
  RunRequest& request = call.request;
  call.language = fields.required_text("language");
  const std::string selector = fields.required_text("version");
  request.standard_input = fields.text("stdin");
  request.arguments = fields.texts("args");
  request.has_scratch = true;
  if (!fields.faults().empty()) return piston_refusal(fields.faults_text());
  const std::string bad_files = read_piston_files(body, request);
  if (!bad_files.empty()) return piston_refusal(bad_files);
  if (!is_python_name(call.language) || !selects_version(selector, version)) {
    return piston_refusal(call.language + "-" + selector + " runtime is unknown");
  }
  const std::string bad_limits = read_limits(fields, limits, request);
  if (!fields.faults().empty()) return piston_refusal(fields.faults_text());
  if (!bad_limits.empty()) return piston_refusal(bad_limits);
  const Status checked = check_request(request);
  if (!checked.ok()) return piston_refusal(checked.error().message);
  if (!request.standard_input.empty() && request.standard_input.back() != '\n')
    request.standard_input += '\n';
  cap_request(request, limits);
  return call;
}

ApiReply write_piston_reply(const ApiCall& call, const Result<RunReport>& outcome,
                            const std::string& version) {
  Json body = {{"language", "python"}, {"version", version}};
  if (outcome.ok()) {
    body["run"] = run_of(call, outcome.value());
    return {200, std::move(body)};
  }
  body["run"] = {{"stdout", ""},     {"stderr", ""},        {"output", ""},
                 {"code", nullptr},  {"signal", nullptr},   {"message", to_string(outcome.error())},
                 {"status", "XX"},   {"cpu_time", nullptr}, {"wall_time", nullptr},
                 {"memory", nullptr}};
  return {200, std::move(body)};
}

Json piston_runtimes(const std::string& version) {
  return Json::array({{{"language", "python"},
                       {"version", version},
                       {"aliases", {"py", "py3", "python3", "python3.11"}}}});
}

}  // namespace caco
