// SandboxFusion's POST /run_code.
//
// Its clients have closed enumerations: `status` and `run_result.status` never take another value,
// and what else is known goes into fields of our own, which they ignore. They send a program again
// when the answer is SandboxError: that is said of failures of the sandbox alone, never of a
// program.
#include "caco/sandbox/base64.h"
#include "caco/sandbox_service/api.h"
#include "caco/sandbox_service/field_reader.h"
#include "caco/sandbox_service/languages.h"
#include "caco/sandbox_service/report_text.h"

namespace caco {
namespace {

constexpr double kFusionSeconds = 10;
constexpr int64_t kNotFoundCode = 127;  // of a shell that finds no such command

// As a SandboxFusion server without that toolchain: the step that needs it fails.
Json missing_language_body(const std::string& language, FusionLanguage kind) {
  const Json step = {{"status", "Finished"},
                     {"execution_time", 0.0},
                     {"return_code", kNotFoundCode},
                     {"stdout", ""},
                     {"stderr", language + ": not installed: this server runs python only\n"}};
  const bool is_compiled = kind == FusionLanguage::Compiled;
  return {{"status", "Failed"},
          {"message", ""},
          {"compile_result", is_compiled ? step : Json()},
          {"run_result", is_compiled ? Json() : step},
          {"executor_pod_name", nullptr},
          {"files", Json::object()}};
}

Json encode_files(const std::vector<ScratchFile>& files) {
  Json object = Json::object();
  for (const ScratchFile& file : files)
    object[file.path] = base64_encode(file.content);
  return object;
}

void add_typed_result(Json& body, const Execution& execution) {
  if (execution.verdict != ExecutionVerdict::Ok) return;
  body["result"] = {{"input", execution.input_value},
                    {"output", execution.output_value},
                    {"output_repr", execution.output_repr}};
}

}  // namespace

ReadCall read_fusion_call(const Json& body, const ServiceLimits& limits) {
  FieldReader fields(body);
  ApiCall call;
  RunRequest& request = call.request;
  request.program = fields.required_text("code");
  call.language = fields.text("language", "python");
  request.standard_input = fields.text("stdin");
  const double seconds = fields.positive_number("run_timeout", kFusionSeconds);
  fields.positive_number("compile_timeout", kFusionSeconds);
  request.memory_limit_mb = fields.integer("memory_limit_MB", -1);
  request.files = fields.files("files");
  request.wanted_files = fields.texts("fetch_files");
  request.has_scratch = true;
  const std::optional<FusionLanguage> language = fusion_language(call.language);
  if (!language) fields.fault("enum", "language", "Input is no language: " + call.language);
  if (fields.faults().empty()) {
    const Status checked = check_request(request);
    if (!checked.ok()) fields.fault("value_error", "files", checked.error().message);
  }
  if (!fields.faults().empty()) return ApiReply{422, validation_body(fields.faults())};
  if (*language != FusionLanguage::Python)
    return ApiReply{200, missing_language_body(call.language, *language)};
  set_time_limit(request, seconds, limits);
  call.is_capped = cap_request(request, limits);
  return call;
}

ApiReply write_fusion_reply(const ApiCall& call, const Result<RunReport>& outcome) {
  if (!outcome.ok()) {
    return {200,
            {{"status", "SandboxError"},
             {"message", to_string(outcome.error())},
             {"compile_result", nullptr},
             {"run_result", nullptr},
             {"executor_pod_name", nullptr},
             {"files", Json::object()}}};
  }
  const RunReport& report = outcome.value();
  const std::optional<int64_t> code = return_code_of(report);
  const std::string& output = report.execution.stdout_text;
  Json run = {{"status", is_timeout(report) ? "TimeLimitExceeded" : "Finished"},
              {"execution_time", static_cast<double>(report.wall_us) / 1e6},
              {"return_code", code ? Json(*code) : Json()},
              {"stdout", output},
              {"stderr", stderr_with_traceback(report, call.request.program)},
              {"verdict", std::string(to_string(report.execution.verdict))},
              {"cpu_time", static_cast<double>(report.cpu_us) / 1e6},
              {"wall_time", static_cast<double>(report.wall_us) / 1e6},
              {"max_rss_kb", report.peak_kib},
              {"exit_signal", report.signal > 0 ? Json(report.signal) : Json()},
              {"stdout_truncated", report.is_stdout_truncated},
              {"stderr_truncated", report.is_stderr_truncated}};
  if (!is_utf8(output)) run["stdout_b64"] = base64_encode(output);
  Json body = {{"status", code && *code == 0 ? "Success" : "Failed"},
               {"message", ""},
               {"compile_result", nullptr},
               {"run_result", std::move(run)},
               {"executor_pod_name", nullptr},
               {"files", encode_files(report.files)}};
  if (call.is_capped) body["limits_capped"] = true;
  add_typed_result(body, report.execution);
  return {200, std::move(body)};
}

}  // namespace caco
