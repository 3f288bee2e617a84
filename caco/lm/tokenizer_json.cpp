// The file formats of a tokenizer: tokenizer.json, tokenizer_config.json, and the older pair of
// vocab.json and merges.txt. Reading is strict: whatever is not implemented is an error that names
// it, because a tokenizer that is only nearly right ruins a model without a sound.
#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <utility>

#include "caco/base/file.h"
#include "caco/base/json.h"
#include "caco/lm/byte_level.h"
#include "caco/lm/tokenizer.h"

namespace caco::lm {
namespace {

using nlohmann::literals::operator""_json_pointer;

constexpr int64_t kMaxTokenizerFileBytes = int64_t{256} << 20;
constexpr int kMaxDepth = 32;
constexpr int64_t kMaxTokenId = int64_t{1} << 24;

// ChatML: each message is a block, and the reply is the block of the assistant.
constexpr const char* kChatMlTemplate =
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + "
    "message['content'] + '<|im_end|>' + '\n' }}{% endfor %}{% if add_generation_prompt %}"
    "{{ '<|im_start|>assistant\n' }}{% endif %}";

Error invalid(std::string message) {
  return Error{ErrorCode::InvalidArgument, std::move(message), ""};
}

Error unsupported(const std::string& what) {
  return invalid("tokenizer.json: not supported: " + what);
}

// Large objects are parsed into a sorted map: the project's Json keeps the order of keys in a list,
// whose look-ups are linear, and a vocabulary has up to 200,000 keys.
using LargeJson = nlohmann::json;

Result<LargeJson> parse_large_json(std::string_view text) {
  const auto is_shallow = [](int depth, LargeJson::parse_event_t, LargeJson&) {
    return depth < kMaxDepth;
  };
  LargeJson json = LargeJson::parse(text, is_shallow, /*allow_exceptions=*/false);
  if (json.is_discarded()) return invalid("not a JSON text, or nested too deeply");
  return json;
}

// A vocabulary while it is read: token spellings to ids, and the bytes by id.
struct Vocabulary {
  std::unordered_map<std::string, int32_t> id_of_spelling;
  std::vector<std::string> bytes_of_id;
};

bool is_added(const std::vector<AddedToken>& added_tokens, int64_t id) {
  return std::any_of(added_tokens.begin(), added_tokens.end(),
                     [&](const AddedToken& added) { return added.id == id; });
}

// Reads {"spelling": id}. The ids of added tokens stay empty: words never produce them.
Result<Vocabulary> read_vocabulary(const LargeJson& json,
                                   const std::vector<AddedToken>& added_tokens) {
  if (!json.is_object()) return invalid("vocabulary is not a JSON object");
  Vocabulary vocabulary;
  for (const auto& [spelling, value] : json.items()) {
    const bool is_id = value.is_number_integer() && value >= 0 && value < kMaxTokenId;
    if (!is_id) return invalid("token has no valid id: " + spelling);
    const size_t id = value.get<size_t>();
    if (id >= vocabulary.bytes_of_id.size()) vocabulary.bytes_of_id.resize(id + 1);
    vocabulary.id_of_spelling[spelling] = static_cast<int32_t>(id);
    if (is_added(added_tokens, static_cast<int64_t>(id))) continue;
    if (!vocabulary.bytes_of_id[id].empty()) {
      return invalid("two tokens have the id: " + std::to_string(id));
    }
    std::optional<std::string> bytes = from_byte_level(spelling);
    if (!bytes || bytes->empty()) {
      return invalid("token is not spelled in the byte alphabet: " + spelling);
    }
    vocabulary.bytes_of_id[id] = std::move(*bytes);
  }
  for (size_t id = 0; id < vocabulary.bytes_of_id.size(); ++id) {
    const bool is_gap = vocabulary.bytes_of_id[id].empty();
    if (is_gap && !is_added(added_tokens, static_cast<int64_t>(id))) {
      return invalid("vocabulary has no token with the id: " + std::to_string(id));
    }
  }
  return vocabulary;
}

Result<MergePair> read_merge(const Vocabulary& vocabulary, const std::string& left,
                             const std::string& right) {
  const auto left_id = vocabulary.id_of_spelling.find(left);
  const auto right_id = vocabulary.id_of_spelling.find(right);
  if (left_id == vocabulary.id_of_spelling.end() || right_id == vocabulary.id_of_spelling.end()) {
    return invalid("merge of a token that the vocabulary lacks: " + left + " " + right);
  }
  return MergePair{left_id->second, right_id->second};
}

Result<MergePair> read_merge_line(const Vocabulary& vocabulary, std::string_view line) {
  const size_t space = line.find(' ');
  if (space == std::string_view::npos || line.find(' ', space + 1) != std::string_view::npos) {
    return invalid("merge is not two tokens: " + std::string(line));
  }
  return read_merge(vocabulary, std::string(line.substr(0, space)),
                    std::string(line.substr(space + 1)));
}

// Both spellings of a merge occur: "a b", and ["a", "b"] since tokenizers 0.20.
Result<std::vector<MergePair>> read_merges(const Vocabulary& vocabulary, const Json& json) {
  if (!json.is_array()) return invalid("tokenizer.json: merges is not a list");
  std::vector<MergePair> merges;
  merges.reserve(json.size());
  for (const Json& item : json) {
    const bool is_pair =
        item.is_array() && item.size() == 2 && item[0].is_string() && item[1].is_string();
    if (is_pair) {
      merges.push_back(
          TRY(read_merge(vocabulary, item[0].get<std::string>(), item[1].get<std::string>())));
    } else if (item.is_string()) {
      merges.push_back(TRY(read_merge_line(vocabulary, item.get<std::string>())));
    } else {
      return invalid("tokenizer.json: merge is neither a text nor a pair: " + dump_json(item));
    }
  }
  return merges;
}

Result<std::vector<AddedToken>> read_added_tokens(const Json& document) {
  std::vector<AddedToken> added_tokens;
  const auto list = document.find("added_tokens");
  if (list == document.end() || list->is_null()) return added_tokens;
  if (!list->is_array()) return invalid("tokenizer.json: added_tokens is not a list");
  for (const Json& item : *list) {
    if (!item.is_object()) return invalid("tokenizer.json: added token is not an object");
    AddedToken added;
    added.content = TRY(read_string(item, "content"));
    const int64_t id = TRY(read_int(item, "id", -1));
    if (id < 0 || id >= kMaxTokenId) {
      return invalid("tokenizer.json: added token has no valid id: " + added.content);
    }
    added.id = static_cast<int32_t>(id);
    added.is_special = TRY(read_bool(item, "special", false));
    for (const char* flag : {"single_word", "lstrip", "rstrip"}) {
      if (TRY(read_bool(item, flag, false))) {
        return unsupported(std::string(flag) + " of added token " + added.content);
      }
    }
    added_tokens.push_back(std::move(added));
  }
  return added_tokens;
}

bool is_null(const Json& document, const std::string& key) {
  const auto member = document.find(key);
  return member == document.end() || member->is_null();
}

// Everything around the model that would change ids or text must be absent or of no effect.
Status check_components(const Json& document) {
  if (!is_null(document, "normalizer")) {
    const Json& normalizer = document["normalizer"];
    return unsupported("normalizer " +
                       (normalizer.is_object() ? normalizer.value("type", "") : "of no type"));
  }
  // "truncation" and "padding" concern batches, not a text: they are ignored.
  for (const char* key : {"post_processor", "decoder"}) {
    if (is_null(document, key)) continue;
    const Json& component = document[key];
    if (!component.is_object()) return unsupported(std::string(key) + " of no type");
    const std::string type = TRY(read_string(component, "type"));
    if (type != "ByteLevel") return unsupported(std::string(key) + " " + type);
  }
  return {};
}

Status check_model(const Json& model) {
  const std::string type = TRY(read_string(model, "type", "BPE"));
  if (type != "BPE") return unsupported("model " + type);
  for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix", "unk_token"}) {
    if (!TRY(read_string(model, key)).empty())
      return unsupported(std::string("model option ") + key);
  }
  if (TRY(read_bool(model, "byte_fallback"))) return unsupported("model option byte_fallback");
  if (TRY(read_double(model, "dropout")) != 0) return unsupported("model option dropout");
  return {};
}

}  // namespace

Result<Tokenizer> Tokenizer::load(const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / "tokenizer.json";
  const std::string text = TRY(read_file(path, kMaxTokenizerFileBytes));
  Result<Tokenizer> tokenizer = from_json(text);
  if (tokenizer.ok()) return tokenizer;
  Error error = tokenizer.error();
  error.message += ": " + path.string();
  return error;
}

Result<Tokenizer> Tokenizer::from_json(std::string_view tokenizer_json) {
  LargeJson large = TRY(parse_large_json(tokenizer_json));
  if (!large.is_object()) return invalid("tokenizer.json is not an object");
  const bool has_vocab = large.contains("/model/vocab"_json_pointer);
  const LargeJson vocab =
      has_vocab ? std::exchange(large["/model/vocab"_json_pointer], nullptr) : nullptr;
  const Json document = large;
  TRY(check_components(document));
  std::vector<AddedToken> added_tokens = TRY(read_added_tokens(document));
  if (is_null(document, "pre_tokenizer")) return unsupported("no pre_tokenizer");
  PreTokenizer pre_tokenizer = TRY(PreTokenizer::from_json(document["pre_tokenizer"]));
  if (is_null(document, "model") || !document["model"].is_object()) {
    return invalid("tokenizer.json has no model");
  }
  const Json& model = document["model"];
  TRY(check_model(model));
  if (vocab.is_null() || is_null(model, "merges")) {
    return invalid("tokenizer.json: model has no vocab or no merges");
  }
  Vocabulary vocabulary = TRY(read_vocabulary(vocab, added_tokens));
  std::vector<MergePair> merges = TRY(read_merges(vocabulary, model["merges"]));
  const bool ignore_merges = TRY(read_bool(model, "ignore_merges"));
  Bpe bpe = TRY(Bpe::create(std::move(vocabulary.bytes_of_id), std::move(merges), ignore_merges));
  return create(std::move(bpe), std::move(pre_tokenizer), std::move(added_tokens));
}

Result<Tokenizer> Tokenizer::from_vocab_and_merges(std::string_view vocab_json,
                                                   std::string_view merges_txt,
                                                   PreTokenizer pre_tokenizer,
                                                   std::vector<AddedToken> added_tokens) {
  const LargeJson vocab = TRY(parse_large_json(vocab_json));
  Vocabulary vocabulary = TRY(read_vocabulary(vocab, added_tokens));
  std::vector<MergePair> merges;
  bool is_first = true;
  while (!merges_txt.empty()) {
    const size_t end = merges_txt.find('\n');
    std::string_view line = merges_txt.substr(0, end);
    merges_txt.remove_prefix(end == std::string_view::npos ? merges_txt.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    // Only the first line can be a comment: "#" also begins real merges.
    const bool is_comment = is_first && line.starts_with("#version");
    is_first = false;
    if (!line.empty() && !is_comment) merges.push_back(TRY(read_merge_line(vocabulary, line)));
  }
  Bpe bpe = TRY(Bpe::create(std::move(vocabulary.bytes_of_id), std::move(merges),
                            /*ignore_merges=*/false));
  return create(std::move(bpe), std::move(pre_tokenizer), std::move(added_tokens));
}

std::string Tokenizer::to_json() const {
  const auto spelling = [&](int32_t id) {
    return is_added(added_tokens_, id) ? std::string(token_bytes(id))
                                       : to_byte_level(token_bytes(id));
  };
  std::vector<AddedToken> by_id = added_tokens_;
  std::sort(by_id.begin(), by_id.end(),
            [](const AddedToken& a, const AddedToken& b) { return a.id < b.id; });
  Json added = Json::array();
  for (const AddedToken& token : by_id) {
    added.push_back({{"id", token.id},
                     {"content", token.content},
                     {"single_word", false},
                     {"lstrip", false},
                     {"rstrip", false},
                     {"normalized", false},
                     {"special", token.is_special}});
  }
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
  const Json document = {{"version", "1.0"},
                         {"truncation", nullptr},
                         {"padding", nullptr},
                         {"added_tokens", std::move(added)},
                         {"normalizer", nullptr},
                         {"pre_tokenizer", pre_tokenizer_.to_json()},
                         {"post_processor", byte_level},
                         {"decoder", byte_level},
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
