// The files of a tokenizer: which of them a folder has, and how they are written. What they mean is
// in tokenizer_json.cpp and tokenizer_config.cpp.
#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "caco/base/file.h"
#include "caco/base/json.h"
#include "caco/lm/byte_level.h"
#include "caco/lm/tokenizer.h"
#include "caco/lm/tokenizer_config.h"

namespace caco::lm {
namespace {

// ChatML: each message is a block, and the reply is the block of the assistant.
constexpr const char* kChatMlTemplate =
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + "
    "message['content'] + '<|im_end|>' + '\n' }}{% endfor %}{% if add_generation_prompt %}"
    "{{ '<|im_start|>assistant\n' }}{% endif %}";

Error in_folder(Error error, const std::filesystem::path& directory) {
  error.message += ": " + directory.string();
  return error;
}

// What the class named in tokenizer_config.json does to a text before BPE.
struct ClassRules {
  Json pre_tokenizer;
  Json normalizer;
};

Result<ClassRules> rules_of_class(const TokenizerConfig& config) {
  std::string name = config.tokenizer_class;
  if (name.ends_with("Fast")) name.resize(name.size() - 4);
  if (name == "GPT2Tokenizer") {
    return ClassRules{{{"type", "ByteLevel"},
                       {"add_prefix_space", config.add_prefix_space},
                       {"trim_offsets", true},
                       {"use_regex", true}},
                      nullptr};
  }
  if (name == "Qwen2Tokenizer") {
    const PreTokenizer pre_tokenizer = TRY(PreTokenizer::create({kQwen2SplitPattern}));
    return ClassRules{pre_tokenizer.to_json(), {{"type", "NFC"}}};
  }
  return Error{ErrorCode::InvalidArgument,
               "cannot read vocab.json and merges.txt of the tokenizer class: " +
                   (config.tokenizer_class.empty() ? "not named" : config.tokenizer_class),
               "known: GPT2Tokenizer, Qwen2Tokenizer; others need a tokenizer.json"};
}

// The added tokens of a folder without tokenizer.json: those listed, and the special tokens that
// the vocabulary has.
std::vector<AddedToken> added_tokens_of(const TokenizerConfig& config,
                                        const std::string& vocab_json) {
  std::vector<AddedToken> added_tokens = config.added_tokens;
  const auto is_listed = [&](const std::string& content) {
    return std::any_of(added_tokens.begin(), added_tokens.end(),
                       [&](const AddedToken& added) { return added.content == content; });
  };
  const nlohmann::json vocab = nlohmann::json::parse(vocab_json, nullptr, false);
  std::vector<std::string> special = config.additional_special_tokens;
  for (const auto& [key, content] : config.special_tokens)
    special.push_back(content);
  if (config.tokenizer_class.starts_with("GPT2")) special.emplace_back("<|endoftext|>");
  for (const std::string& content : special) {
    if (is_listed(content) || !vocab.is_object()) continue;
    const auto id = vocab.find(content);
    if (id == vocab.end() || !id->is_number_unsigned() || *id > INT32_MAX) continue;
    AddedToken added;
    added.id = id->get<int32_t>();
    added.content = content;
    added_tokens.push_back(std::move(added));
  }
  return added_tokens;
}

Result<Tokenizer> load_pair(const std::filesystem::path& directory) {
  const std::string vocab = TRY(read_file(directory / "vocab.json", kMaxTokenizerFileBytes));
  const std::string merges = TRY(read_file(directory / "merges.txt", kMaxTokenizerFileBytes));
  const TokenizerConfig config = TRY(TokenizerConfig::load(directory));
  const ClassRules rules = TRY(rules_of_class(config));
  PreTokenizer pre_tokenizer = TRY(PreTokenizer::from_json(rules.pre_tokenizer));
  Normalizer normalizer = TRY(Normalizer::from_json(rules.normalizer));
  return Tokenizer::from_vocab_and_merges(vocab, merges, std::move(pre_tokenizer),
                                          added_tokens_of(config, vocab), std::move(normalizer));
}

}  // namespace

Result<Tokenizer> Tokenizer::load(const std::filesystem::path& directory) {
  const Result<std::string> text = read_file(directory / "tokenizer.json", kMaxTokenizerFileBytes);
  const bool is_pair = !text.ok() && text.error().code == ErrorCode::NotFound &&
                       std::filesystem::exists(directory / "vocab.json");
  if (!text.ok() && !is_pair) return text.error();
  Result<Tokenizer> tokenizer = is_pair ? load_pair(directory) : from_json(text.value());
  if (tokenizer.ok()) return tokenizer;
  return in_folder(tokenizer.error(), directory);
}

std::string Tokenizer::to_json() const {
  std::map<int32_t, std::string> added_of_id;
  Json added = Json::array();
  for (const AddedToken& token : parts_.added_tokens) {
    added_of_id[token.id] = token.content;
    added.push_back({{"id", token.id},
                     {"content", token.content},
                     {"single_word", token.single_word},
                     {"lstrip", token.strips_left},
                     {"rstrip", token.strips_right},
                     {"normalized", token.normalized},
                     {"special", token.is_special}});
  }
  const auto spelling = [&](int32_t id) {
    const auto found = added_of_id.find(id);
    return found != added_of_id.end() ? found->second
                                      : to_byte_level(bpe_.tokens()[static_cast<size_t>(id)]);
  };
  Json vocab = Json::object();
  for (int32_t id = 0; id < static_cast<int32_t>(bpe_.tokens().size()); ++id) {
    vocab.get_ref<Json::object_t&>().emplace_back(spelling(id), id);  // without a search
  }
  Json merges = Json::array();
  for (const MergePair& merge : bpe_.merges()) {
    merges.push_back({spelling(merge.left), spelling(merge.right)});
  }
  const Json byte_level = {{"type", "ByteLevel"},
                           {"add_prefix_space", false},
                           {"trim_offsets", true},
                           {"use_regex", false}};
  const Json& post_processor = parts_.post_processor;
  const Json document = {{"version", "1.0"},
                         {"truncation", nullptr},
                         {"padding", nullptr},
                         {"added_tokens", std::move(added)},
                         {"normalizer", parts_.normalizer.to_json()},
                         {"pre_tokenizer", pre_tokenizer_.to_json()},
                         {"post_processor", post_processor.is_null() ? byte_level : post_processor},
                         {"decoder", parts_.decoder.is_null() ? byte_level : parts_.decoder},
                         {"model",
                          {{"type", "BPE"},
                           {"dropout", nullptr},
                           {"unk_token", nullptr},
                           {"continuing_subword_prefix", nullptr},
                           {"end_of_word_suffix", nullptr},
                           {"fuse_unk", false},
                           {"byte_fallback", false},
                           {"ignore_merges", bpe_.ignore_merges()},
                           {"vocab", std::move(vocab)},
                           {"merges", std::move(merges)}}}};
  return dump_json_pretty(document);
}

Status Tokenizer::save(const std::filesystem::path& directory) const {
  Json config = {{"add_prefix_space", false}, {"bos_token", nullptr}};
  const auto name_if_present = [&](const char* key, const char* content) {
    if (special_id(content)) config[key] = content;
  };
  name_if_present("eos_token", "<|im_end|>");
  name_if_present("pad_token", "<|endoftext|>");
  config["unk_token"] = nullptr;
  config["clean_up_tokenization_spaces"] = false;
  config["model_max_length"] = 1 << 20;
  config["tokenizer_class"] = "PreTrainedTokenizerFast";
  if (special_id("<|im_start|>")) config["chat_template"] = kChatMlTemplate;
  TRY(make_folders(directory));
  TRY(write_file_atomic(directory / "tokenizer.json", to_json()));
  return write_file_atomic(directory / "tokenizer_config.json", dump_json_pretty(config));
}

}  // namespace caco::lm
