// caco-lm tokenizer: trains a vocabulary, shows what a tokenizer makes of a text, and what a chat
// template makes of messages.
#include <charconv>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "caco/base/json.h"
#include "caco/base/result.h"
#include "caco/lm/bpe_trainer.h"
#include "caco/lm/chat_template.h"
#include "caco/lm/commands.h"
#include "caco/lm/tokenizer.h"
#include "caco/lm/tokenizer_config.h"

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
  bool adds_special_tokens = false;
  bool ignores_special_tokens = false;
};

struct RenderArguments {
  std::string model;
  std::string family;
  std::string messages;
  std::string tools;
  std::string variables;
  bool is_closed = false;
  bool shows_ids = false;
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
  std::vector<int32_t> ids = tokenizer.encode(
      text, arguments.ignores_special_tokens ? SpecialTokens::Ignore : SpecialTokens::Parse);
  if (arguments.adds_special_tokens) ids = tokenizer.with_special_tokens(std::move(ids));
  for (int32_t id : ids) {
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

std::string listed(const std::vector<int32_t>& ids, const Tokenizer& tokenizer) {
  std::string text;
  for (int32_t id : ids)
    text += " " + std::to_string(id) + " " + std::string(tokenizer.token_bytes(id));
  return text.empty() ? " nothing" : text;
}

// Prints what a tokenizer is made of.
Status inspect(const ConvertArguments& arguments) {
  const Tokenizer tokenizer = TRY(Tokenizer::load(arguments.model));
  const TokenizerConfig config = TRY(TokenizerConfig::load(arguments.model));
  const PreTokenizer& pre_tokenizer = tokenizer.pre_tokenizer();
  std::cout << "tokens         " << tokenizer.vocab_size() << ", "
            << tokenizer.bpe().merges().size() << " merges"
            << (tokenizer.bpe().ignore_merges() ? ", whole words first" : "") << '\n'
            << "normalizer     " << dump_json(tokenizer.normalizer().to_json()) << '\n'
            << "pre_tokenizer  " << dump_json(pre_tokenizer.to_json()) << '\n'
            << "               " << pre_tokenizer.num_scanners() << " of "
            << pre_tokenizer.num_expressions() << " expressions have a fast scanner\n"
            << "puts before   " << listed(tokenizer.prefix_ids(), tokenizer) << '\n'
            << "puts behind   " << listed(tokenizer.suffix_ids(), tokenizer) << '\n';
  for (const auto& [name, text] : config.special_tokens) {
    const std::optional<int32_t> id = tokenizer.special_id(text);
    std::cout << name << "  " << text << "  " << (id ? std::to_string(*id) : "no added token")
              << '\n';
  }
  for (const AddedToken& added : tokenizer.added_tokens()) {
    std::cout << "added " << added.id << '\t' << dump_json(Json(added.content))
              << (added.is_special ? " special" : "") << (added.single_word ? " single_word" : "")
              << (added.strips_left ? " lstrip" : "") << (added.strips_right ? " rstrip" : "")
              << (added.normalized ? " normalized" : "") << '\n';
  }
  for (const auto& [name, source] : config.chat_templates) {
    const Result<ChatTemplate> chat = ChatTemplate::from_jinja(source, {});
    std::cout << "chat template " << name << ", " << source.size()
              << " bytes: " << (chat.ok() ? "understood" : to_string(chat.error())) << '\n';
  }
  return {};
}

Result<ChatTemplate> find_template(const RenderArguments& arguments) {
  if (!arguments.family.empty()) return ChatTemplate::named(arguments.family);
  if (!arguments.model.empty()) return ChatTemplate::load(arguments.model);
  return Error{ErrorCode::InvalidArgument, "no template: give --model or --family", ""};
}

// Prints the prompt that a chat becomes. A text that is no JSON is one message of the user.
Status render(const RenderArguments& arguments) {
  const ChatTemplate chat = TRY(find_template(arguments));
  const std::string text = arguments.messages.empty() ? read_standard_input() : arguments.messages;
  const bool is_json = text.find_first_not_of(" \t\r\n") != std::string::npos &&
                       text[text.find_first_not_of(" \t\r\n")] == '[';
  const Json messages = is_json ? TRY(parse_json(text)) : to_json({{"user", text}});
  ChatOptions options;
  options.add_generation_prompt = !arguments.is_closed;
  if (!arguments.tools.empty()) options.tools = TRY(parse_json(arguments.tools));
  if (!arguments.variables.empty()) options.variables = TRY(parse_json(arguments.variables));
  const MarkedText prompt = TRY(chat.render(messages, options));
  if (!arguments.shows_ids) {
    std::cout << prompt.bytes;
    return {};
  }
  if (arguments.model.empty()) {
    return Error{ErrorCode::InvalidArgument, "--ids needs a tokenizer: give --model", ""};
  }
  const Tokenizer tokenizer = TRY(Tokenizer::load(arguments.model));
  for (int32_t id : encode_marked_text(tokenizer, prompt))
    std::cout << id << ' ';
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

void add_train(CLI::App& command, int& exit_code) {
  // The arguments live as long as the callbacks that read them.
  auto arguments = std::make_shared<TrainArguments>();
  CLI::App* train_command = command.add_subcommand("train", "Learn a byte-level BPE vocabulary");
  train_command->add_option("--data", arguments->data, "JSON Lines files with a text field")
      ->required();
  train_command->add_option("--output", arguments->output, "directory to write")->required();
  train_command->add_option("--vocab-size", arguments->vocab_size, "number of ids")
      ->capture_default_str();
  train_command
      ->add_option("--min-frequency", arguments->min_frequency,
                   "fewest occurrences of a merged pair")
      ->capture_default_str();
  train_command->footer(
      "Example:\n  caco-lm tokenizer train --data texts.jsonl --vocab-size 4096 --output "
      "tokenizer");
  train_command->callback([=, &exit_code] { exit_code = exit_code_of(train(*arguments)); });
}

void add_convert(CLI::App& command, int& exit_code) {
  auto arguments = std::make_shared<ConvertArguments>();
  CLI::App* encode_command = command.add_subcommand("encode", "Print the ids of a text");
  CLI::App* decode_command = command.add_subcommand("decode", "Print the text of ids");
  CLI::App* inspect_command =
      command.add_subcommand("inspect", "Print what a tokenizer is made of");
  for (CLI::App* each : {encode_command, decode_command, inspect_command}) {
    each->add_option("--model", arguments->model,
                     "directory with tokenizer.json, or vocab.json and merges.txt")
        ->required();
  }
  for (CLI::App* each : {encode_command, decode_command}) {
    each->add_option("input", arguments->text, "the text or the ids; standard input without it");
  }
  encode_command->add_flag("--pieces", arguments->shows_pieces, "one token a line, with its text");
  encode_command->add_flag("--add-special-tokens", arguments->adds_special_tokens,
                           "put begin-of-text and the like around it");
  encode_command->add_flag("--ignore-special-tokens", arguments->ignores_special_tokens,
                           "the text is not trusted: <|im_end|> in it is text");
  encode_command->footer(
      "Examples:\n  caco-lm tokenizer encode --model model 'Hello, world'\n"
      "  caco-lm tokenizer encode --model model --pieces < page.txt");
  decode_command->footer("Example:\n  caco-lm tokenizer decode --model model '9707 11 1879'");
  inspect_command->footer("Example:\n  caco-lm tokenizer inspect --model model");
  encode_command->callback([=, &exit_code] { exit_code = exit_code_of(encode(*arguments)); });
  decode_command->callback([=, &exit_code] { exit_code = exit_code_of(decode(*arguments)); });
  inspect_command->callback([=, &exit_code] { exit_code = exit_code_of(inspect(*arguments)); });
}

void add_render(CLI::App& command, int& exit_code) {
  auto arguments = std::make_shared<RenderArguments>();
  CLI::App* render_command = command.add_subcommand("render", "Print the prompt of a chat");
  std::string families;
  for (const std::string& name : chat_template_names())
    families += (families.empty() ? "" : ", ") + name;
  render_command->add_option(
      "--model", arguments->model,
      "directory whose tokenizer_config.json or chat_template.jinja is used");
  render_command->add_option("--family", arguments->family, "a known template: " + families);
  render_command->add_option("messages", arguments->messages,
                             "a JSON list of messages, or the text of one message of the user; "
                             "standard input without it");
  render_command->add_option("--tools", arguments->tools, "a JSON list of tools");
  render_command->add_option("--variables", arguments->variables,
                             "a JSON object of more variables of the template");
  render_command->add_flag("--closed", arguments->is_closed, "do not open the assistant's turn");
  render_command->add_flag("--ids", arguments->shows_ids, "print token ids; needs --model");
  render_command->footer(
      "Examples:\n  caco-lm tokenizer render --family chatml 'What is 2+2?'\n"
      "  caco-lm tokenizer render --model model --ids '[{\"role\": \"user\", \"content\": "
      "\"Hi\"}]'\n"
      "  caco-lm tokenizer render --model model --variables '{\"enable_thinking\": false}' Hi");
  render_command->callback([=, &exit_code] { exit_code = exit_code_of(render(*arguments)); });
}

}  // namespace

void add_tokenizer_command(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("tokenizer", "Train a tokenizer, encode, decode, render chats");
  command->require_subcommand(1);
  add_train(*command, exit_code);
  add_convert(*command, exit_code);
  add_render(*command, exit_code);
}

}  // namespace caco::lm
