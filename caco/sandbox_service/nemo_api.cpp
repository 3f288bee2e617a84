// The POST /execute of NeMo-Skills, for its stateless languages. Its sessions, in which one program
// sees what an earlier one left, are refused: here nothing outlives a program.
#include "caco/sandbox_service/api.h"
#include "caco/sandbox_service/field_reader.h"
#include "caco/sandbox_service/languages.h"
#include "caco/sandbox_service/report_text.h"

namespace caco {
namespace {

constexpr double kNemoSeconds = 10;
constexpr int64_t kDefaultCharacters = 1000;
constexpr std::string_view kCutMark = "<output cut>";

// Cuts at a character of UTF-8, as the client counts in characters.
std::string cut_text(const std::string& text, int64_t max_characters) {
  int64_t count = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool is_first_byte = (static_cast<unsigned char>(text[i]) & 0xc0) != 0x80;
    if (is_first_byte && ++count > max_characters) return text.substr(0, i) + std::string(kCutMark);
  }
  return text;
}

}  // namespace

ReadCall read_nemo_call(const Json& body, const ServiceLimits& limits) {
  FieldReader fields(body);
  ApiCall call;
  RunRequest& request = call.request;
  request.program = fields.required_text("generated_code");
  request.standard_input = fields.text("std_input");
  call.language = fields.text("language", "ipython");
  const double seconds = fields.positive_number("timeout", kNemoSeconds);
  call.max_output_characters = fields.integer("max_output_characters", kDefaultCharacters);
  request.has_scratch = true;
  if (fields.faults().empty() && !is_python_name(call.language)) {
    fields.fault("value_error", "language",
                 call.language == "ipython" ? "sessions are not supported: use the language python"
                                            : "this server runs python only: " + call.language);
  }
  if (fields.faults().empty()) {
    const Status checked = check_request(request);
    if (!checked.ok()) fields.fault("value_error", "std_input", checked.error().message);
  }
  if (!fields.faults().empty()) return ApiReply{400, {{"error", fields.faults_text()}}};
  set_time_limit(request, seconds, limits);
  call.is_capped = cap_request(request, limits);
  return call;
}

ApiReply write_nemo_reply(const ApiCall& call, const Result<RunReport>& outcome) {
  if (!outcome.ok()) {
    return {500, {{"error", to_string(outcome.error())}}};
  }
  const RunReport& report = outcome.value();
  // An exception is a completed process there: what happened is on stderr.
  return {200,
          {{"process_status", is_timeout(report) ? "timeout" : "completed"},
           {"stdout", cut_text(report.execution.stdout_text, call.max_output_characters)},
           {"stderr", cut_text(stderr_with_traceback(report, call.request.program),
                               call.max_output_characters)},
           {"verdict", std::string(to_string(report.execution.verdict))}}};
}

}  // namespace caco
