// Speed of decoding: sampled tokens a second of the engine that `caco-lm serve` runs.
//
//   lm_decode_bench [--model DIR] [--threads 2] [--prompt 100] [--reply 200] [batch ...]
//
// Without a model, random weights of the embedded model's shape. Each case keeps `batch` replies
// growing at a time, each after a prompt of its own, until four rounds are done; greedy, and every
// reply as long as asked. --sampled draws instead, with fixed seeds. bench/lm_decode_peer.py does
// the same in plain PyTorch. Wall time suffers from whatever else the machine does, so the tokens a
// second of processor time are printed beside it.
#include <time.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "caco/base/result.h"
#include "caco/lm/decode_engine.h"
#include "caco/lm/decode_kernels.h"
#include "caco/lm/decode_model.h"
#include "caco/lm/small_config.h"
#include "caco/lm/small_model.h"

namespace caco::lm {
namespace {

constexpr int64_t kRounds = 4;
constexpr int64_t kShownTokens = 12;

struct Arguments {
  std::string model;
  int64_t num_threads = 2;
  int64_t prompt_tokens = 100;
  int64_t reply_tokens = 200;
  bool is_sampled = false;
  std::vector<int64_t> batches = {1, 8, 32, 128};
};

ModelConfig embedded_config() {
  ModelConfig config = small_config(2048, 192, 512, 6, 6, 32);
  config.num_hidden_layers = 6;
  config.max_position_embeddings = 1024;
  return config;
}

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

GenerationRequest make_request(const Arguments& arguments, int64_t vocab_size, int64_t index) {
  GenerationRequest request;
  std::vector<int32_t> prompt;
  for (int64_t i = 0; i < arguments.prompt_tokens; ++i) {
    prompt.push_back(static_cast<int32_t>(3 + (index * 31 + i * 17) % (vocab_size - 3)));
  }
  request.prompts = {std::move(prompt)};
  request.max_tokens = arguments.reply_tokens;
  request.ignores_end = true;
  request.stops_repetition = false;
  request.sampling.temperature = arguments.is_sampled ? 1.0 : 0.0;
  request.sampling.seed = static_cast<uint64_t>(index);
  return request;
}

// Shows the beginning of the first reply, to be compared with that of the peer.
Status show_first_reply(const DecodeModel& model, const Tokenizer& tokenizer,
                        const Arguments& arguments) {
  const std::unique_ptr<DecodeEngine> engine =
      TRY(DecodeEngine::create(model, tokenizer, {.num_threads = 1, .max_batch = 1}));
  GenerationRequest request = make_request(arguments, tokenizer.vocab_size(), 0);
  request.max_tokens = kShownTokens;
  request.sampling.wants_logprobs = true;
  const std::unique_ptr<Generation> generation = TRY(engine->start(request));
  generation->wait_until_finished();
  std::printf("first reply:");
  for (const SampledToken& token : generation->choices()[0].tokens)
    std::printf(" %d", token.chosen.id);
  std::printf("\n");
  return {};
}

Status run_case(const DecodeModel& model, const Tokenizer& tokenizer, const Arguments& arguments,
                int64_t batch) {
  DecodeEngineOptions options;
  options.num_threads = arguments.num_threads;
  options.max_batch = batch;
  const std::unique_ptr<DecodeEngine> engine = TRY(DecodeEngine::create(model, tokenizer, options));
  const double cpu_before = processor_seconds();
  const auto before = std::chrono::steady_clock::now();
  std::vector<std::unique_ptr<Generation>> generations;
  for (int64_t i = 0; i < batch * kRounds; ++i) {
    generations.push_back(TRY(engine->start(make_request(arguments, tokenizer.vocab_size(), i))));
  }
  int64_t num_tokens = 0;
  for (const std::unique_ptr<Generation>& generation : generations) {
    generation->wait_until_finished();
    num_tokens += generation->choices()[0].num_tokens;
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();
  const double cpu_seconds = processor_seconds() - cpu_before;
  const double tokens = static_cast<double>(num_tokens);
  std::printf("batch %4lld  %9.0f tokens/s  %9.0f tokens/s of processor time  (%lld tokens)\n",
              static_cast<long long>(batch), tokens / seconds, tokens / cpu_seconds,
              static_cast<long long>(num_tokens));
  return {};
}

Status run(const Arguments& arguments) {
  const bool has_model = !arguments.model.empty();
  const Checkpoint checkpoint = has_model ? TRY(load_checkpoint(arguments.model))
                                          : random_checkpoint(embedded_config(), 1, 1.0);
  const Tokenizer tokenizer = has_model ? TRY(Tokenizer::load(arguments.model)) : small_tokenizer();
  const DecodeModel model = TRY(DecodeModel::create(checkpoint));
  std::printf("kernels %s, %lld parameters, %lld engine threads, prompt %lld, reply %lld\n",
              decode_kernels().name, static_cast<long long>(checkpoint.config.num_parameters()),
              static_cast<long long>(arguments.num_threads),
              static_cast<long long>(arguments.prompt_tokens),
              static_cast<long long>(arguments.reply_tokens));
  TRY(show_first_reply(model, tokenizer, arguments));
  for (int64_t batch : arguments.batches)
    TRY(run_case(model, tokenizer, arguments, batch));
  return {};
}

}  // namespace
}  // namespace caco::lm

int main(int argc, char** argv) {
  caco::lm::Arguments arguments;
  CLI::App app{"Speed of decoding"};
  app.add_option("--model", arguments.model, "directory of a checkpoint");
  app.add_option("--threads", arguments.num_threads)->capture_default_str();
  app.add_option("--prompt", arguments.prompt_tokens, "tokens")->capture_default_str();
  app.add_option("--reply", arguments.reply_tokens, "tokens")->capture_default_str();
  app.add_flag("--sampled", arguments.is_sampled, "draw at temperature 1");
  app.add_option("batches", arguments.batches)->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  const caco::Status status = caco::lm::run(arguments);
  if (status.ok()) return 0;
  std::fprintf(stderr, "lm_decode_bench: %s\n", to_string(status.error()).c_str());
  return 1;
}
