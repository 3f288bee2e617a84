#include "caco/stages/generate.h"

#include "caco/program/program_text.h"
#include "caco/stages/rejection.h"

namespace caco {
namespace {

class GenerateSource final : public Source {
 public:
  GenerateSource(const GenerateOptions& options, LanguageModel& generator, const PromptSet& prompts,
                 int64_t round)
      : options_(options), generator_(generator), prompts_(prompts), round_(round) {}

  std::string_view name() const override { return "generate"; }
  StageParts parts() const override { return {{}, {Part::Program}}; }

  // num_samples is left out: it decides how many programs there are, not what they are, so that a
  // larger number keeps the shards that are there.
  std::string fingerprint() const override {
    Sampling sampling = options_.sampling;
    OptionFields fields;
    describe(fields, sampling);
    return make_fingerprint(name(), kVersion, fields,
                            {prompt_fingerprint(prompts_), generator_.identity(),
                             std::to_string(options_.calls.seed), std::to_string(round_)});
  }

  Result<int64_t> total() const override { return options_.num_samples; }
  int64_t batch_size() const override { return options_.calls.batch_size; }
  int64_t num_concurrent_batches() const override { return options_.calls.num_concurrent_batches; }

  Result<Batch> make(int64_t first, int64_t count) const override {
    Batch batch(static_cast<size_t>(count));
    std::vector<ModelRequest> requests;
    for (size_t i = 0; i < batch.size(); ++i) {
      Sample& sample = batch[i];
      sample.origin = Origin::Generated;
      sample.round = round_;
      sample.id =
          make_sample_id("", "generate/" + std::to_string(round_), first + static_cast<int64_t>(i));
      requests.push_back(make_generate_request(prompts_, options_.sampling,
                                               request_seed(options_.calls, sample.id, name())));
    }
    const std::vector<ModelReply> replies = TRY(generator_.complete(requests));
    for (size_t i = 0; i < batch.size(); ++i) {
      take_reply(replies[i], batch[i]);
    }
    return batch;
  }

 private:
  static constexpr int64_t kVersion = 1;

  static void take_reply(const ModelReply& reply, Sample& sample) {
    if (reply.choices.empty()) {
      sample.rejection = reject(RejectReason::NoProgram, "the generator refused the request");
      return;
    }
    const ModelChoice& choice = reply.choices.front();
    const std::string text = extract_program(choice.text);
    if (text.empty()) {
      sample.rejection = reject(RejectReason::NoProgram, "the reply is empty");
      return;
    }
    sample.program = Program{text, "generator"};  // a cut one too, so that people can look at it
    if (is_truncated(choice)) {
      sample.rejection = reject(RejectReason::ReplyTruncated, "the program is not complete");
    }
  }

  const GenerateOptions options_;
  LanguageModel& generator_;
  const PromptSet& prompts_;
  const int64_t round_;
};

}  // namespace

void describe(OptionFields& fields, GenerateOptions& options) {
  fields.integer("num_samples", options.num_samples, 0, 1'000'000'000,
                 "programs to sample in each round");
  describe(fields, options.sampling);
}

std::unique_ptr<Source> make_generate_source(const GenerateOptions& options,
                                             LanguageModel& generator, const PromptSet& prompts,
                                             int64_t round) {
  return std::make_unique<GenerateSource>(options, generator, prompts, round);
}

}  // namespace caco
