// What the APIs of the service have in common: a call is read into a RunRequest, or refused in the
// API's own manner, or answered at once; what came of the run is written in the API's own shape.
//
// Each API is two functions, one file each: read_X and write_X. They are pure, and may be called
// from several threads.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "caco/base/json.h"
#include "caco/base/result.h"
#include "caco/sandbox/run_request.h"
#include "caco/sandbox_service/run_limits.h"

namespace caco {

// A whole answer: HTTP status and body.
struct ApiReply {
  int status = 200;
  Json body;
};

// A call that is to be run.
struct ApiCall {
  // None of these APIs tells its clients facts about the text of a program.
  ApiCall() { request.wants_facts = false; }

  RunRequest request;
  bool is_capped = false;  // it asked for more than the server gives
  std::string language;    // as the client named it, where its answer repeats it
  int64_t max_output_characters = 0;
};

// A call, or the answer to one that is not to be run.
using ReadCall = std::variant<ApiCall, ApiReply>;

// SandboxFusion: POST /run_code.
ReadCall read_fusion_call(const Json& body, const ServiceLimits& limits);
ApiReply write_fusion_reply(const ApiCall& call, const Result<RunReport>& outcome);

// Piston: POST /api/v2/execute, GET /api/v2/runtimes. `version` of Python, as "3.11.2".
ReadCall read_piston_call(const Json& body, const ServiceLimits& limits,
                          const std::string& version);
ApiReply write_piston_reply(const ApiCall& call, const Result<RunReport>& outcome,
                            const std::string& version);
Json piston_runtimes(const std::string& version);

// NeMo-Skills: POST /execute, without sessions.
ReadCall read_nemo_call(const Json& body, const ServiceLimits& limits);
ApiReply write_nemo_reply(const ApiCall& call, const Result<RunReport>& outcome);

// snekbox: POST /eval.
ReadCall read_snekbox_call(const Json& body, const ServiceLimits& limits);
ApiReply write_snekbox_reply(const ApiCall& call, const Result<RunReport>& outcome);

}  // namespace caco
