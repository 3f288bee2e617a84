// caco-lm sample: completes prompts of the command line or of a file, without a server.
//
// Bulk mode reads records {"prompt": ...} and writes each back with "completions" (texts) and
// "finish_reasons", in the order of the input; all other members are kept. With --logprobs also
// "logprobs": for every completion, the logprob of each token of its text.
#include <cstdlib>
#include <deque>
#include <fstream>
#include <iostream>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "caco/base/file.h"
#include "caco/base/json.h"
#include "caco/base/result.h"
#include "caco/lm/commands.h"
#include "caco/lm/decode_engine.h"
#include "caco/lm/decoding_options.h"

namespace caco::lm {
namespace {

// Most records under way at a time: enough to keep every slot busy.
constexpr size_t kMaxPending = 512;

constexpr const char* kSampleExamples = R"(Examples:
  caco-lm sample --model models/embedded --prompt 'A farmer has' --max-tokens 60 --n 3
  caco-lm sample --model models/embedded --prompt 'A farmer has' --temperature 0 --stop '####'
  caco-lm sample --model models/embedded --input prompts.jsonl --output replies.jsonl \
    --top-p 0.95 --min-p 0.02 --repetition-penalty 1.1 --seed 7 --calculator

The steps are taken in this order: least length, logit bias, repetition penalty, frequency and
presence penalty, temperature, min-p, top-k, top-p, draw. Where neither an option nor the model's
generation_config.json names a value: temperature 1, the others off.)";

struct SampleArguments {
  std::string model;
  std::vector<std::string> prompts;
  std::string input;
  std::string output;
  DecodeEngineOptions engine;
  SamplingSource sampling_source = SamplingSource::Model;
  Device device;
  GenerationConfig chosen;    // the sampling that the options name
  GenerationRequest request;  // all else
  std::vector<std::string> biases;
};

Result<std::unique_ptr<Generation>> start(DecodeEngine& engine, const SampleArguments& arguments,
                                          const std::string& prompt, int64_t index) {
  GenerationRequest request = arguments.request;
  request.prompts = {engine.tokenizer().encode(prompt, SpecialTokens::Parse)};
  // Each record draws for itself; the same record at the same place draws the same.
  request.sampling.seed += static_cast<uint64_t>(index);
  return engine.start(std::move(request));
}

Status sample_prompts(DecodeEngine& engine, const SampleArguments& arguments) {
  for (size_t i = 0; i < arguments.prompts.size(); ++i) {
    const std::string& prompt = arguments.prompts[i];
    const std::unique_ptr<Generation> generation =
        TRY(start(engine, arguments, prompt, static_cast<int64_t>(i)));
    generation->wait_until_finished();
    for (const Choice& choice : generation->choices()) {
      std::cout << "--- " << finish_reason_name(choice.finish_reason) << ", " << choice.num_tokens
                << " tokens\n"
                << prompt << choice.text << '\n';
    }
  }
  return {};
}

// A record under way.
struct Pending {
  Json record;
  std::unique_ptr<Generation> generation;
};

std::string finished_line(Pending& pending) {
  pending.generation->wait_until_finished();
  Json texts = Json::array();
  Json reasons = Json::array();
  Json logprobs = Json::array();
  for (const Choice& choice : pending.generation->choices()) {
    texts.push_back(choice.text);
    reasons.push_back(finish_reason_name(choice.finish_reason));
    Json of_tokens = Json::array();
    for (const SampledToken& token : choice.tokens)
      of_tokens.push_back(token.chosen.logprob);
    logprobs.push_back(std::move(of_tokens));
  }
  pending.record["completions"] = std::move(texts);
  pending.record["finish_reasons"] = std::move(reasons);
  if (pending.generation->request().sampling.wants_logprobs) {
    pending.record["logprobs"] = std::move(logprobs);
  }
  return dump_json(pending.record) + "\n";
}

// Finishes records, oldest first, until at most `most` are under way.
void finish_down_to(size_t most, std::deque<Pending>& pending, std::string& output) {
  while (pending.size() > most) {
    output += finished_line(pending.front());
    pending.pop_front();
  }
}

Result<Pending> begin_record(DecodeEngine& engine, const SampleArguments& arguments,
                             const std::string& line, int64_t index) {
  Pending pending;
  pending.record = TRY(parse_json(line));
  if (!pending.record.is_object() || !pending.record.contains("prompt")) {
    return Error{ErrorCode::InvalidArgument, "record has no prompt", ""};
  }
  const std::string prompt = TRY(read_string(pending.record, "prompt"));
  pending.generation = TRY(start(engine, arguments, prompt, index));
  return pending;
}

Status sample_file(DecodeEngine& engine, const SampleArguments& arguments) {
  std::ifstream input(arguments.input);
  if (!input) return Error{ErrorCode::NotFound, "cannot open: " + arguments.input, ""};
  std::deque<Pending> pending;
  std::string output;
  std::string line;
  Status status;
  for (int64_t index = 0; status.ok() && std::getline(input, line); ++index) {
    if (line.empty()) continue;
    Result<Pending> begun = begin_record(engine, arguments, line, index);
    if (begun.ok()) {
      pending.push_back(std::move(begun).value());
      finish_down_to(kMaxPending, pending, output);
    } else {
      Error error = begun.error();
      error.message += ": " + arguments.input + ":" + std::to_string(index + 1);
      status = error;
    }
  }
  finish_down_to(0, pending, output);  // also after an error: the engine writes into them
  TRY(status);
  if (arguments.output.empty()) {
    std::cout << output;
    return {};
  }
  return write_file_atomic(arguments.output, output);
}

// Reads "ID:BIAS".
Result<LogitBias> read_bias(const std::string& text) {
  const size_t colon = text.find(':');
  char* end = nullptr;
  LogitBias entry;
  if (colon != std::string::npos && colon > 0 && colon + 1 < text.size()) {
    const std::string id = text.substr(0, colon);
    const long value = std::strtol(id.c_str(), &end, 10);
    const bool is_id = *end == '\0' && value >= 0 && value <= std::numeric_limits<int32_t>::max();
    entry.id = static_cast<int32_t>(value);
    entry.bias = std::strtof(text.c_str() + colon + 1, &end);
    if (is_id && *end == '\0') return entry;
  }
  return Error{ErrorCode::InvalidArgument, "--logit-bias is not ID:BIAS: " + text, ""};
}

// The model's recommendation, and over it what the options name.
void use_sampling_of(const DecodeSetup& setup, SampleArguments& arguments) {
  SamplingParams& sampling = arguments.request.sampling;
  sampling.temperature = setup.sampling.temperature;
  sampling.top_p = setup.sampling.top_p;
  sampling.top_k = setup.sampling.top_k;
  sampling.min_p = setup.sampling.min_p;
  sampling.repetition_penalty = setup.sampling.repetition_penalty;
  apply_generation_config(arguments.chosen, sampling);
}

Status sample(SampleArguments arguments) {
  for (const std::string& bias : arguments.biases)
    arguments.request.sampling.logit_bias.push_back(TRY(read_bias(bias)));
  const DecodeSetup setup =
      TRY(load_for_decoding(arguments.model, arguments.sampling_source,
                            decode_backend(arguments.device, arguments.engine.num_threads)));
  use_sampling_of(setup, arguments);
  const std::string recommended = describe_sampling(setup.sampling);
  if (!recommended.empty()) {
    std::cerr << "where no option says otherwise, by generation_config.json: " << recommended
              << '\n';
  }
  DecodeEngineOptions options = on_device(arguments.device, arguments.engine);
  options.max_queue = static_cast<int64_t>(kMaxPending + 1) * arguments.request.num_replies;
  const std::unique_ptr<DecodeEngine> engine =
      TRY(DecodeEngine::create(*setup.model, setup.tokenizer, options));
  if (!arguments.input.empty()) return sample_file(*engine, arguments);
  return sample_prompts(*engine, arguments);
}

void add_penalty_options(CLI::App& command, SampleArguments& arguments) {
  SamplingParams& sampling = arguments.request.sampling;
  command
      .add_option("--presence-penalty", sampling.presence_penalty,
                  "taken from the logit of tokens that the reply has")
      ->check(CLI::Range(-2.0, 2.0))
      ->capture_default_str();
  command
      .add_option("--frequency-penalty", sampling.frequency_penalty,
                  "the same, as often as the reply has the token")
      ->check(CLI::Range(-2.0, 2.0))
      ->capture_default_str();
  command.add_option("--repetition-penalty", arguments.chosen.repetition_penalty,
                     "divides the logit of tokens in prompt and reply; 1: off");
  command.add_option("--logit-bias", arguments.biases, "ID:BIAS, from -100 to 100");
}

void add_end_options(CLI::App& command, GenerationRequest& request) {
  command.add_option("--stop", request.stop, "texts that end a reply");
  command.add_option("--stop-token-id", request.stop_token_ids, "tokens that end a reply");
  command.add_flag("--include-stop", request.includes_stop, "keep the stop text or token");
  command.add_option("--min-tokens", request.min_tokens, "before them nothing ends a reply")
      ->capture_default_str();
  command.add_flag("--ignore-eos", request.ignores_end, "special tokens do not end a reply");
  command.add_flag("!--no-repetition-stop", request.stops_repetition,
                   "go on when a reply goes round in circles");
}

void add_sampling_options(CLI::App& command, GenerationConfig& chosen, GenerationRequest& request) {
  command.add_option("--n", request.num_replies, "replies to each prompt")
      ->check(CLI::Range(1, 100000))
      ->capture_default_str();
  command.add_option("--max-tokens", request.max_tokens, "tokens of a reply")
      ->capture_default_str();
  command.add_option("--temperature", chosen.temperature, "0: the most likely token");
  command.add_option("--top-p", chosen.top_p, "share of the best tokens; 1: off");
  command.add_option("--top-k", chosen.top_k, "0: off");
  command.add_option("--min-p", chosen.min_p, "least share of the best token; 0: off");
  command.add_option("--seed", request.sampling.seed, "record i draws with seed + i")
      ->capture_default_str();
  command.add_flag("--logprobs", request.sampling.wants_logprobs,
                   "with --input: write the logprob of every token");
  command.add_flag("--calculator", request.uses_calculator, "fill in results after <<EXPR=");
}

}  // namespace

void add_sample_command(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("sample", "Complete prompts with a checkpoint");
  auto arguments = std::make_shared<SampleArguments>();
  arguments->request.max_tokens = 512;
  command->add_option("--model", arguments->model, "directory of the checkpoint")->required();
  CLI::Option* prompt =
      command->add_option("--prompt", arguments->prompts, "prompts; special tokens are parsed");
  CLI::Option* input =
      command->add_option("--input", arguments->input, "JSON Lines with a prompt field");
  command->add_option("--output", arguments->output, "file to write; standard output without it")
      ->needs(input);
  prompt->excludes(input);
  add_generation_config_option(*command, arguments->sampling_source);
  add_device_option(*command, arguments->device);
  add_sampling_options(*command, arguments->chosen, arguments->request);
  add_penalty_options(*command, *arguments);
  add_end_options(*command, arguments->request);
  command->footer(kSampleExamples);
  command->add_option("--threads", arguments->engine.num_threads, "engine threads")
      ->capture_default_str();
  command->add_option("--max-batch", arguments->engine.max_batch, "replies that grow at a time")
      ->capture_default_str();
  command->callback([=, &exit_code] {
    if (arguments->prompts.empty() && arguments->input.empty()) {
      throw CLI::RequiredError("--prompt or --input");  // CLI11's own way out of a callback
    }
    const Status status = sample(*arguments);
    if (status.ok()) return;
    std::cerr << "caco-lm: " << to_string(status.error()) << '\n';
    exit_code = status.error().code == ErrorCode::InvalidArgument ? 2 : 1;
  });
}

}  // namespace caco::lm
