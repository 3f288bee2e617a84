// Decoding on LibTorch's processor device: the native decoder's replies, whatever the chunks of the
// prompts and the neighbours.
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "caco/lm/decode_engine.h"
#include "caco/lm/decode_model.h"
#include "caco/lm/small_model.h"
#include "caco/lm/torch/backend.h"

namespace caco::lm {
namespace {

constexpr Device kTorchCpu = {DeviceKind::TorchCpu, 0};

std::vector<Choice> replies(const DecodeBackend& model, double temperature, int64_t max_batch,
                            int64_t prefill_chunk) {
  const Tokenizer tokenizer = small_tokenizer();
  DecodeEngineOptions options;
  options.num_threads = 1;
  options.max_batch = max_batch;
  options.prefill_chunk = prefill_chunk;
  options.cache_precision = CachePrecision::Float32;
  const std::unique_ptr<DecodeEngine> engine =
      DecodeEngine::create(model, tokenizer, options).value();
  GenerationRequest request;
  for (const char* prompt : {"the cat and the dog and the other cat", "t", "the total of"}) {
    request.prompts.push_back(tokenizer.encode(prompt, SpecialTokens::Parse));
  }
  request.num_replies = 3;
  request.max_tokens = 80;  // beyond the first block of the cache
  request.stops_repetition = false;
  request.sampling.temperature = temperature;
  request.sampling.top_p = 0.95;
  request.sampling.seed = 11;
  request.sampling.wants_logprobs = true;
  const std::unique_ptr<Generation> generation = engine->start(std::move(request)).value();
  generation->wait_until_finished();
  return generation->choices();
}

void expect_same(const std::vector<Choice>& found, const std::vector<Choice>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].text, expected[i].text);
    EXPECT_EQ(found[i].finish_reason, expected[i].finish_reason);
    ASSERT_EQ(found[i].tokens.size(), expected[i].tokens.size());
    for (size_t t = 0; t < found[i].tokens.size(); ++t) {
      EXPECT_EQ(found[i].tokens[t].chosen.id, expected[i].tokens[t].chosen.id);
      EXPECT_NEAR(found[i].tokens[t].chosen.logprob, expected[i].tokens[t].chosen.logprob, 2e-4);
    }
  }
}

TEST(TorchDecoder, RepliesAreThoseOfTheNativeDecoder) {
  for (const ModelFamily family : {ModelFamily::Llama, ModelFamily::Qwen2, ModelFamily::Qwen3}) {
    SCOPED_TRACE(family_name(family));
    const Checkpoint checkpoint = random_checkpoint(small_config_of(family), 21, 6.0);
    const DecodeModel native = DecodeModel::create(checkpoint).value();
    const std::unique_ptr<DecodeBackend> torch =
        make_torch_decoder(kTorchCpu, checkpoint, 1).value();
    for (const double temperature : {0.0, 1.0}) {
      const std::vector<Choice> expected = replies(native, temperature, 9, 128);
      expect_same(replies(*torch, temperature, 9, 128), expected);
      expect_same(replies(*torch, temperature, 2, 5), expected);
    }
  }
}

}  // namespace
}  // namespace caco::lm
