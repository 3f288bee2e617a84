// The POST /eval of snekbox: a program or arguments and files in, one text and a code out.
#include <signal.h>

#include "caco/sandbox/base64.h"
#include "caco/sandbox_service/api.h"
#include "caco/sandbox_service/field_reader.h"
#include "caco/sandbox_service/report_text.h"

namespace caco {
namespace {

constexpr double kSeconds = 6;
constexpr int64_t kSignalBase = 128;  // as shells name deaths by signal

ApiReply snekbox_refusal(const std::string& message) {
  return {400, {{"title", "Request data failed validation"}, {"description", message}}};
}

std::string read_snekbox_files(const Json& body, RunRequest& request) {
  const auto found = body.find("files");
  if (found == body.end()) return "";
  if (!found->is_array()) return "files is no list";
  for (const Json& item : *found) {
    FieldReader fields(item);
    std::string path = fields.required_text("path");
    std::optional<std::string> content = base64_decode(fields.text("content"));
    if (!fields.faults().empty()) return fields.faults_text();
    if (!content) return "content is not base64: " + path;
    request.files.push_back({std::move(path), std::move(*content)});
  }
  return "";
}

// Finds the program that the interpreter's arguments name: ["-c", TEXT, ...] or [FILE, ...].
bool find_program(std::vector<std::string> arguments, RunRequest& request) {
  if (arguments.size() >= 2 && arguments[0] == "-c") {
    request.program = arguments[1];
    request.arguments.assign(arguments.begin() + 2, arguments.end());
    return true;
  }
  for (const ScratchFile& file : request.files) {
    if (arguments.empty() || file.path != arguments[0]) continue;
    request.program = file.content;
    request.arguments.assign(arguments.begin() + 1, arguments.end());
    return true;
  }
  return false;
}

}  // namespace

ReadCall read_snekbox_call(const Json& body, const ServiceLimits& limits) {
  FieldReader fields(body);
  ApiCall call;
  RunRequest& request = call.request;
  const bool has_input = fields.has("input");
  request.program = fields.text("input");
  const std::vector<std::string> arguments = fields.texts("args");
  request.has_scratch = true;
  if (!fields.faults().empty()) return snekbox_refusal(fields.faults_text());
  const std::string bad_files = read_snekbox_files(body, request);
  if (!bad_files.empty()) return snekbox_refusal(bad_files);
  if (!has_input && !find_program(arguments, request)) {
    return snekbox_refusal(
        "needs input, or args that are -c and a program or begin with one of the files");
  }
  const Status checked = check_request(request);
  if (!checked.ok()) return snekbox_refusal(checked.error().message);
  set_time_limit(request, kSeconds, limits);
  call.is_capped = cap_request(request, limits);
  return call;
}

ApiReply write_snekbox_reply(const ApiCall& call, const Result<RunReport>& outcome) {
  if (!outcome.ok()) {
    return {500, {{"title", "Sandbox error"}, {"description", to_string(outcome.error())}}};
  }
  const RunReport& report = outcome.value();
  const int64_t code = return_code_of(report).value_or(-SIGKILL);
  return {200,
          {{"stdout",
            report.execution.stdout_text + stderr_with_traceback(report, call.request.program)},
           {"returncode", code < 0 ? kSignalBase - code : code},
           {"files", Json::array()},
           {"verdict", std::string(to_string(report.execution.verdict))}}};
}

}  // namespace caco
