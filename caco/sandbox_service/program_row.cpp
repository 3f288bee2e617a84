#include "caco/sandbox_service/program_row.h"

#include "caco/sandbox/base64.h"
#include "caco/sandbox_service/field_reader.h"
#include "caco/sandbox_service/report_text.h"

namespace caco {
namespace {

constexpr int64_t kMaxLimit = int64_t{1} << 40;

Json row_head(int64_t line, const Json& id) {
  Json row;
  row["line"] = line;
  if (!id.is_null()) row["id"] = id;
  return row;
}

double to_ms(int64_t us) {
  return static_cast<double>(us) / 1000;
}

Json facts_to_json(const ProgramFacts& facts) {
  return {{"effective_lines", facts.effective_lines}, {"input_names", facts.input_names},
          {"unused_inputs", facts.unused_inputs},     {"imports", facts.imports},
          {"normal_form", facts.normal_form},         {"structure", facts.structure}};
}

}  // namespace

Result<ProgramRow> read_program_row(const std::string& line, Json& id) {
  const Json body = TRY(parse_json(line));
  FieldReader fields(body);
  if (body.is_object() && body.contains("id")) id = body["id"];
  ProgramRow row;
  row.id = id;
  RunRequest& request = row.request;
  request.program = fields.has("program") ? fields.required_text("program") : fields.text("code");
  if (!fields.has("program") && !fields.has("code"))
    fields.fault("missing", "program", "Field required");
  request.standard_input = fields.text("stdin");
  request.arguments = fields.texts("arguments");
  request.files = fields.files("files");
  request.wanted_files = fields.texts("fetch_files");
  request.has_scratch = fields.boolean("scratch", false);
  request.wants_facts = fields.boolean("facts", false);
  request.runs_twice = fields.boolean("run_twice", false);
  if (fields.has("fixed_time_s")) request.fixed_time_s = fields.integer("fixed_time_s", 0);
  const std::string semantics = fields.text("semantics", "caco");
  if (semantics == "paper") request.semantics = Semantics::PaperChecker;
  if (semantics != "caco" && semantics != "paper")
    fields.fault("enum", "semantics", "Input should be caco or paper");
  for (const auto& [name, target] :
       {std::pair{"cpu_limit_ms", &request.cpu_limit_ms},
        std::pair{"wall_limit_ms", &request.wall_limit_ms},
        std::pair{"memory_limit_mb", &request.memory_limit_mb},
        std::pair{"stdout_limit_bytes", &request.stdout_limit_bytes}}) {
    *target = fields.integer(name, 0);
    if (*target < 0 || *target > kMaxLimit || (*target == 0 && fields.has(name)))
      fields.fault("value_error", name, "Input should be greater than 0");
  }
  if (!fields.faults().empty()) return Error{ErrorCode::InvalidArgument, fields.faults_text(), ""};
  TRY(check_request(request));
  return row;
}

Json report_to_json(const RunReport& report) {
  const Execution& execution = report.execution;
  Json json;
  json["verdict"] = std::string(to_string(execution.verdict));
  if (execution.verdict == ExecutionVerdict::Ok) {
    json["output"] = execution.output_repr;
    json["output_value"] = execution.output_value;
  }
  if (!execution.input_value.is_null()) json["input_value"] = execution.input_value;
  if (!execution.error_type.empty() || !execution.error_message.empty()) {
    json["error"] = {{"type", execution.error_type},
                     {"message", execution.error_message},
                     {"line", execution.error_line}};
  }
  json["stdout"] = execution.stdout_text;
  if (!is_utf8(execution.stdout_text)) json["stdout_b64"] = base64_encode(execution.stdout_text);
  json["stderr"] = report.stderr_text;
  json["stdout_truncated"] = report.is_stdout_truncated;
  json["stderr_truncated"] = report.is_stderr_truncated;
  json["exit_code"] = report.signal > 0 ? Json() : Json(report.exit_code);
  json["signal"] = report.signal > 0 ? Json(signal_name(report.signal)) : Json();
  json["cpu_ms"] = to_ms(report.cpu_us);
  json["wall_ms"] = to_ms(report.wall_us);
  json["peak_kib"] = report.peak_kib;
  if (!execution.is_deterministic) json["is_deterministic"] = false;
  if (!execution.facts.normal_form.empty()) json["facts"] = facts_to_json(execution.facts);
  if (!report.files.empty()) {
    for (const ScratchFile& file : report.files)
      json["files"][file.path] = base64_encode(file.content);
  }
  return json;
}

std::string write_report_row(int64_t line, const Json& id, const RunReport& report) {
  Json row = row_head(line, id);
  row.update(report_to_json(report));
  return dump_json(row);
}

std::string write_bad_row(int64_t line, const Json& id, const Error& error) {
  Json row = row_head(line, id);
  row["bad_row"] = to_string(error);
  return dump_json(row);
}

std::string write_failed_row(int64_t line, const Json& id, const Error& error) {
  Json row = row_head(line, id);
  row["sandbox_error"] = to_string(error);
  return dump_json(row);
}

}  // namespace caco
