#include "caco/stages/execute.h"

#include "caco/base/hash.h"
#include "caco/program/embedded_python.h"
#include "caco/stages/model_calls.h"

namespace caco {
namespace {

constexpr size_t kMaxDetailBytes = 300;

// "ZeroDivisionError: division by zero, line 4", as one line.
std::string error_detail(const Execution& execution, const std::string& otherwise) {
  std::string detail = execution.error_type;
  if (!execution.error_message.empty()) {
    detail += (detail.empty() ? "" : ": ") + execution.error_message;
  }
  if (detail.empty()) detail = otherwise;
  for (char& c : detail) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  if (detail.size() > kMaxDetailBytes) {
    size_t end = kMaxDetailBytes;
    while (end > 0 && (static_cast<unsigned char>(detail[end]) & 0xC0U) == 0x80U)
      --end;
    detail = detail.substr(0, end) + "...";
  }
  if (execution.error_line > 0) detail += ", line " + std::to_string(execution.error_line);
  return detail;
}

class ExecuteStage final : public Stage {
 public:
  ExecuteStage(const ExecuteOptions& options, Sandbox& sandbox)
      : options_(options), sandbox_(sandbox) {}

  std::string_view name() const override { return "execute"; }
  StageParts parts() const override { return {{Part::Program}, {Part::Execution}}; }

  std::string fingerprint() const override {
    SandboxOptions sandbox = options_.sandbox;
    OptionFields fields;
    describe(fields, sandbox);
    return make_fingerprint(name(), kVersion, fields,
                            {hash_hex_of({kFactsSource, kInputUseSource, kWrittenFormSource})});
  }

  int64_t batch_size() const override { return options_.batch_size; }
  int64_t num_concurrent_batches() const override { return options_.sandbox.num_workers; }

  Status process(Batch& batch) const override {
    for (Sample& sample : batch) {
      sample.execution = TRY(sandbox_.run(sample.program->text));
      sample.rejection = rejection_of(*sample.execution);
    }
    return {};
  }

 private:
  static constexpr int64_t kVersion = 1;

  const ExecuteOptions options_;
  Sandbox& sandbox_;
};

}  // namespace

void describe(OptionFields& fields, ExecuteOptions& options) {
  fields.integer("batch_size", options.batch_size, 1, 100000,
                 "programs handed to one worker at a time");
  fields.last_is_performance_only();
}

std::unique_ptr<Stage> make_execute_stage(const ExecuteOptions& options, Sandbox& sandbox) {
  return std::make_unique<ExecuteStage>(options, sandbox);
}

std::optional<Rejection> rejection_of(const Execution& execution) {
  const auto with_detail = [&](RejectReason reason, const std::string& otherwise) {
    return Rejection{reason, "", error_detail(execution, otherwise)};
  };
  switch (execution.verdict) {
    case ExecutionVerdict::Ok:
    case ExecutionVerdict::NoOutput:
      return std::nullopt;
    case ExecutionVerdict::ErrorRaised:
      return with_detail(RejectReason::DoesNotRun, "raised an exception");
    case ExecutionVerdict::CompileError:
      return with_detail(RejectReason::DoesNotRun, "is not Python");
    case ExecutionVerdict::Exited:
      return with_detail(RejectReason::DoesNotRun, "left before its end");
    case ExecutionVerdict::Signaled:
      return with_detail(RejectReason::DoesNotRun, "died by a signal");
    case ExecutionVerdict::Protocol:
      return with_detail(RejectReason::DoesNotRun, "disturbed the channel of its result");
    case ExecutionVerdict::CpuTimeLimit:
      return with_detail(RejectReason::TimeLimit, "used up its CPU time");
    case ExecutionVerdict::WallTimeLimit:
      return with_detail(RejectReason::TimeLimit, "took too long without using the CPU");
    case ExecutionVerdict::MemoryLimit:
      return with_detail(RejectReason::MemoryLimit, "used up its memory");
    case ExecutionVerdict::OutputLimit:
      return with_detail(RejectReason::OutputLimit, "printed too much");
    case ExecutionVerdict::Unserializable:
      return with_detail(RejectReason::UnusableValue, "input or output has no data form");
    case ExecutionVerdict::TooLarge:
      return with_detail(RejectReason::UnusableValue, "input or output is too large");
  }
  return with_detail(RejectReason::DoesNotRun, "ended in an unknown way");
}

}  // namespace caco
