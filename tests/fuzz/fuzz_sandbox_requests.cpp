// Any body of any API of the sandbox service: reading it ends, with a call within the server's
// limits or with a refusal that can be written; the first byte picks the API.
#include <string>
#include <string_view>

#include "caco/sandbox_service/api.h"
#include "caco/sandbox_service/program_row.h"
#include "tests/fuzz/fuzz_target.h"

namespace {

void check_call(const caco::ReadCall& read, const caco::ServiceLimits& limits) {
  if (const caco::ApiReply* const reply = std::get_if<caco::ApiReply>(&read)) {
    caco::require(reply->status == 200 || reply->status == 400 || reply->status == 422,
                  "a refusal has a status of the APIs");
    caco::require(caco::parse_json(caco::dump_json(reply->body)).ok(), "a refusal is JSON");
    return;
  }
  const caco::RunRequest& request = std::get<caco::ApiCall>(read).request;
  caco::require(caco::check_request(request).ok(), "a call is one that a sandbox takes");
  caco::require(request.cpu_limit_ms > 0 && request.cpu_limit_ms <= limits.max_cpu_ms &&
                    request.wall_limit_ms > 0 && request.wall_limit_ms <= limits.max_wall_ms &&
                    request.memory_limit_mb > 0 && request.memory_limit_mb <= limits.max_memory_mb,
                "a call is within the limits");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const caco::ServiceLimits limits;
  if (data[0] % 5 == 4) {
    caco::Json id;
    const caco::Result<caco::ProgramRow> row = caco::read_program_row(text, id);
    const std::string line = row.ok() ? "" : caco::write_bad_row(1, id, row.error());
    caco::require(line.find('\n') == std::string::npos, "an answer is one line");
    return 0;
  }
  const caco::Result<caco::Json> body = caco::parse_json(text);
  if (!body.ok()) return 0;
  switch (data[0] % 5) {
    case 0:
      check_call(caco::read_fusion_call(body.value(), limits), limits);
      break;
    case 1:
      check_call(caco::read_piston_call(body.value(), limits, "3.11.2"), limits);
      break;
    case 2:
      check_call(caco::read_nemo_call(body.value(), limits), limits);
      break;
    default:
      check_call(caco::read_snekbox_call(body.value(), limits), limits);
      break;
  }
  return 0;
}
