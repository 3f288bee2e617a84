// caco-lm tokenizer: trains a vocabulary, and shows what a tokenizer makes of a text.
#include <charconv>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "caco/base/json.h"
#include "caco/base/result.h"
#include "caco/lm/bpe_trainer.h"
#include "caco/lm/commands.h"
#include "caco/lm/tokenizer.h"

namespace caco::lm {
namespace {

struct TrainArguments {
  std::vector<std::string> data;
  std::string output;
  int64_t vocab_size = 2048;
  int64_t min_frequency = 2;
};

struct ConvertArguments {
  std::string model;
  std::string text;
  bool shows_pieces = false;
};

Error at_line(const std::string& path, int64_t line, const std::string& what) {
  return Error{ErrorCode::InvalidArgument, what + ": " + path + ":" + std::to_string(line), ""};
}

// Adds every record of a JSON Lines file: its "text", or its "prompt" and "completion".
Status add_file(const std::string& path, BpeTrainer& trainer, int64_t& num_bytes) {
  std::ifstream file(path);
  if (!file) return Error{ErrorCode::NotFound, "cannot open: " + path, ""};
  std::string line;
  for (int64_t number = 1; std::getline(file, line); ++number) {
    if (line.empty()) continue;
    Result<Json> record = parse_json(line);
    if (!record.ok() || !record.value().is_object()) {
      return at_line(path, number, "record is not a JSON object");
    }
    int64_t num_texts = 0;
    for (const char* key : {"text", "prompt", "completion"}) {
      if (!record.value().contains(key)) continue;
      const std::string text = TRY(read_string(record.value(), key));
      trainer.add_text(text);
      num_bytes += static_cast<int64_t>(text.size());
      ++num_texts;
    }
    if (num_texts == 0) return at_line(path, number, "record has no text, prompt or completion");
  }
  return {};
}

Status train(const TrainArguments& arguments) {
  BpeTrainerOptions options;
  options.vocab_size = arguments.vocab_size;
  options.min_frequency = arguments.min_frequency;
  BpeTrainer trainer = TRY(BpeTrainer::create(std::move(options)));
  int64_t num_bytes = 0;
  for (const std::string& path : arguments.data)
    TRY(add_file(path, trainer, num_bytes));
  if (num_bytes == 0) return Error{ErrorCode::InvalidArgument, "no text to train on", ""};
  const Tokenizer tokenizer = TRY(trainer.train());
  TRY(tokenizer.save(arguments.output));
  std::cout << "read " << num_bytes << " bytes, " << trainer.num_distinct_words()
            << " distinct words\nwrote " << arguments.output << ": " << tokenizer.vocab_size()
            << " tokens, " << tokenizer.bpe().merges().size() << " merges\n";
  return {};
}

std::string read_standard_input() {
  return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
}

Status encode(const ConvertArguments& arguments) {
  const Tokenizer tokenizer = TRY(Tokenizer::load(arguments.model));
  const std::string text = arguments.text.empty() ? read_standard_input() : arguments.text;
  for (int32_t id : tokenizer.encode(text, SpecialTokens::Parse)) {
    std::cout << id;
    if (arguments.shows_pieces) {
      std::cout << '\t' << dump_json(Json(std::string(tokenizer.token_bytes(id)))) << '\n';
    } else {
      std::cout << ' ';
    }
  }
  std::cout << '\n';
  return {};
}

Status decode(const ConvertArguments& arguments) {
  const Tokenizer tokenizer = TRY(Tokenizer::load(arguments.model));
  std::string text = arguments.text.empty() ? read_standard_input() : arguments.text;
  std::vector<int32_t> ids;
  const char* end = text.data() + text.size();
  for (const char* at = text.data(); at != end;) {
    if (*at == ' ' || *at == '\n' || *at == ',') {
      ++at;
      continue;
    }
    int32_t id = 0;
    const auto [next, error] = std::from_chars(at, end, id);
    if (error != std::errc() || id < 0 || id >= tokenizer.vocab_size()) {
      return Error{ErrorCode::InvalidArgument, "not a token id: " + std::string(at, end),
                   "ids from 0 to " + std::to_string(tokenizer.vocab_size() - 1)};
    }
    ids.push_back(id);
    at = next;
  }
  std::cout << tokenizer.decode(ids);
  return {};
}

int exit_code_of(const Status& status) {
  if (status.ok()) return 0;
  std::cerr << "caco-lm: " << to_string(status.error()) << '\n';
  return status.error().code == ErrorCode::InvalidArgument ? 2 : 1;
}

}  // namespace

void add_tokenizer_command(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("tokenizer", "Train a tokenizer, encode and decode");
  command->require_subcommand(1);

  // The arguments live as long as the callbacks that read them.
  auto train_arguments = std::make_shared<TrainArguments>();
  CLI::App* train_command = command->add_subcommand("train", "Learn a byte-level BPE vocabulary");
  train_command->add_option("--data", train_arguments->data, "JSON Lines files with a text field")
      ->required();
  train_command->add_option("--output", train_arguments->output, "directory to write")->required();
  train_command->add_option("--vocab-size", train_arguments->vocab_size, "number of ids")
      ->capture_default_str();
  train_command
      ->add_option("--min-frequency", train_arguments->min_frequency,
                   "fewest occurrences of a merged pair")
      ->capture_default_str();
  train_command->callback([=, &exit_code] { exit_code = exit_code_of(train(*train_arguments)); });

  auto arguments = std::make_shared<ConvertArguments>();
  CLI::App* encode_command = command->add_subcommand("encode", "Print the ids of a text");
  CLI::App* decode_command = command->add_subcommand("decode", "Print the text of ids");
  for (CLI::App* each : {encode_command, decode_command}) {
    each->add_option("--model", arguments->model, "directory with tokenizer.json")->required();
    each->add_option("input", arguments->text, "the text or the ids; standard input without it");
  }
  encode_command->add_flag("--pieces", arguments->shows_pieces, "one token a line, with its text");
  encode_command->callback([=, &exit_code] { exit_code = exit_code_of(encode(*arguments)); });
  decode_command->callback([=, &exit_code] { exit_code = exit_code_of(decode(*arguments)); });
}

}  // namespace caco::lm
