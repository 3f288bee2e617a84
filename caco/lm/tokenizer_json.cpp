// Reads tokenizer.json, and the vocabularies of the older file pair. Reading is strict: a
// component that this tokenizer does not have is an error that names it, because a tokenizer that
// is only nearly right ruins a model without a sound. The file is input from outside: any text ends
// in a tokenizer or an error.
#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "caco/base/file.h"
#include "caco/base/json.h"
#include "caco/lm/byte_level.h"
#include "caco/lm/tokenizer.h"
#include "caco/lm/tokenizer_config.h"
#include "caco/lm/tokenizer_error.h"

namespace caco::lm {
namespace {

constexpr int kMaxDepth = 32;
constexpr int64_t kMaxTokenId = int64_t{1} << 24;
constexpr size_t kMaxPrefix = 64;

Error unsupported(const std::string& what) {
  return invalid_tokenizer("tokenizer.json: not supported: " + what);
}

// Large objects are parsed into a sorted map: the project's Json keeps the order of keys in a list,
// whose look-ups are linear, and a vocabulary has up to 200,000 keys.
using LargeJson = nlohmann::json;

Result<LargeJson> parse_large_json(std::string_view text) {
  const auto is_shallow = [](int depth, LargeJson::parse_event_t, LargeJson&) {
    return depth < kMaxDepth;
  };
  LargeJson json = LargeJson::parse(text, is_shallow, /*allow_exceptions=*/false);
  if (json.is_discarded()) return invalid_tokenizer("not a JSON text, or nested too deeply");
  return json;
}

// A vocabulary as it is spelled.
struct Vocabulary {
  std::unordered_map<std::string, int32_t> id_of_spelling;
  std::vector<std::string> spelling_of_id;
  std::vector<MergePair> merges;
};

// Reads {"spelling": id}, ids from 0 without a gap.
Result<Vocabulary> read_vocabulary(const LargeJson& json) {
  if (!json.is_object()) return invalid_tokenizer("vocabulary is not a JSON object");
  Vocabulary vocabulary;
  vocabulary.spelling_of_id.resize(json.size());
  vocabulary.id_of_spelling.reserve(json.size());
  for (const auto& [spelling, value] : json.items()) {
    const bool is_id = value.is_number_integer() && value >= 0 && value < kMaxTokenId;
    if (!is_id) return invalid_tokenizer("token has no valid id: " + spelling);
    if (spelling.empty()) return invalid_tokenizer("token is empty: id " + value.dump());
    const size_t id = value.get<size_t>();
    if (id >= json.size()) {
      return invalid_tokenizer("vocabulary leaves a gap of ids below: " + std::to_string(id));
    }
    if (!vocabulary.spelling_of_id[id].empty()) {
      return invalid_tokenizer("two tokens have the id: " + std::to_string(id));
    }
    vocabulary.spelling_of_id[id] = spelling;
    vocabulary.id_of_spelling[spelling] = static_cast<int32_t>(id);
  }
  return vocabulary;
}

Status add_merge(Vocabulary& vocabulary, const std::string& left, const std::string& right) {
  const auto left_id = vocabulary.id_of_spelling.find(left);
  const auto right_id = vocabulary.id_of_spelling.find(right);
  if (left_id == vocabulary.id_of_spelling.end() || right_id == vocabulary.id_of_spelling.end()) {
    return invalid_tokenizer("merge of a token that the vocabulary lacks: " + left + " " + right);
  }
  vocabulary.merges.push_back({left_id->second, right_id->second});
  return {};
}

Status add_merge_line(Vocabulary& vocabulary, std::string_view line) {
  const size_t space = line.find(' ');
  if (space == std::string_view::npos || line.find(' ', space + 1) != std::string_view::npos) {
    return invalid_tokenizer("merge is not two tokens: " + std::string(line));
  }
  return add_merge(vocabulary, std::string(line.substr(0, space)),
                   std::string(line.substr(space + 1)));
}

// Both spellings of a merge occur: "a b", and ["a", "b"] since tokenizers 0.20.
Status read_merges(Vocabulary& vocabulary, const LargeJson& json) {
  if (!json.is_array()) return invalid_tokenizer("tokenizer.json: merges is not a list");
  vocabulary.merges.reserve(json.size());
  for (const LargeJson& item : json) {
    const bool is_pair =
        item.is_array() && item.size() == 2 && item[0].is_string() && item[1].is_string();
    if (is_pair) {
      TRY(add_merge(vocabulary, item[0].get<std::string>(), item[1].get<std::string>()));
    } else if (item.is_string()) {
      TRY(add_merge_line(vocabulary, item.get<std::string>()));
    } else {
      return invalid_tokenizer("tokenizer.json: merge is neither a text nor a pair: " +
                               dump_json(Json(item)));
    }
  }
  return {};
}

// Returns the tokens' bytes. A special token of the vocabulary that no merge touches gets none:
// words must not produce it.
Result<std::vector<std::string>> bytes_of(const Vocabulary& vocabulary,
                                          const std::vector<AddedToken>& added_tokens) {
  std::unordered_map<int32_t, const AddedToken*> added_of_id;
  for (const AddedToken& added : added_tokens) {
    const auto found = vocabulary.id_of_spelling.find(added.content);
    if (found != vocabulary.id_of_spelling.end() && found->second == added.id) {
      added_of_id[added.id] = &added;
    }
  }
  std::unordered_set<int32_t> merged_ids;
  for (const MergePair& merge : vocabulary.merges) {
    if (added_of_id.empty()) break;
    const std::string result = vocabulary.spelling_of_id[static_cast<size_t>(merge.left)] +
                               vocabulary.spelling_of_id[static_cast<size_t>(merge.right)];
    const auto found = vocabulary.id_of_spelling.find(result);
    if (found != vocabulary.id_of_spelling.end()) merged_ids.insert(found->second);
    merged_ids.insert(merge.left);
    merged_ids.insert(merge.right);
  }
  std::vector<std::string> bytes_of_id(vocabulary.spelling_of_id.size());
  for (size_t id = 0; id < bytes_of_id.size(); ++id) {
    const std::string& spelling = vocabulary.spelling_of_id[id];
    std::optional<std::string> bytes = from_byte_level(spelling);
    const auto added = added_of_id.find(static_cast<int32_t>(id));
    if (added != added_of_id.end()) {
      const bool is_used = merged_ids.contains(static_cast<int32_t>(id));
      const bool is_byte = bytes && bytes->size() == 1;
      if (!bytes || (added->second->is_special && !is_used && !is_byte)) continue;
    }
    if (!bytes) return invalid_tokenizer("token is not spelled in the byte alphabet: " + spelling);
    bytes_of_id[id] = std::move(*bytes);
  }
  return bytes_of_id;
}

Result<std::vector<AddedToken>> read_added_tokens(const Json& document) {
  std::vector<AddedToken> added_tokens;
  const auto list = document.find("added_tokens");
  if (list == document.end() || list->is_null()) return added_tokens;
  if (!list->is_array()) return invalid_tokenizer("tokenizer.json: added_tokens is not a list");
  for (const Json& item : *list) {
    if (!item.is_object()) return invalid_tokenizer("tokenizer.json: added token is not an object");
    AddedToken added;
    added.content = TRY(read_string(item, "content"));
    const int64_t id = TRY(read_int(item, "id", -1));
    if (id < 0 || id >= kMaxTokenId) {
      return invalid_tokenizer("tokenizer.json: added token has no valid id: " + added.content);
    }
    added.id = static_cast<int32_t>(id);
    added.is_special = TRY(read_bool(item, "special"));
    added.single_word = TRY(read_bool(item, "single_word"));
    added.strips_left = TRY(read_bool(item, "lstrip"));
    added.strips_right = TRY(read_bool(item, "rstrip"));
    added.normalized = TRY(read_bool(item, "normalized"));
    added_tokens.push_back(std::move(added));
  }
  return added_tokens;
}

bool is_null(const Json& document, const std::string& key) {
  const auto member = document.find(key);
  return member == document.end() || member->is_null();
}

// Walks over a component that may be a Sequence of others, whose list is named `list_key`.
template <typename Take>
Status for_each_component(const Json& component, const std::string& name,
                          const std::string& list_key, const Take& take) {
  if (!component.is_object()) return unsupported(name + " of no type");
  const std::string type = TRY(read_string(component, "type"));
  if (type != "Sequence") return take(type, component);
  const auto list = component.find(list_key);
  if (list == component.end() || !list->is_array()) {
    return invalid_tokenizer("tokenizer.json: " + name + " Sequence has no list: " + list_key);
  }
  for (const Json& each : *list) {
    if (!each.is_object()) return unsupported(name + " of no type");
    const std::string each_type = TRY(read_string(each, "type"));
    if (each_type == "Sequence") return unsupported(name + " Sequence in a Sequence");
    TRY(take(each_type, each));
  }
  return {};
}

// Appends the ids that a template writes for a special token.
Status read_template_token(const Json& special_tokens, const std::string& name,
                           std::vector<int32_t>& ids) {
  const auto token = special_tokens.find(name);
  const bool has_ids = token != special_tokens.end() && token->is_object() &&
                       token->contains("ids") && (*token)["ids"].is_array();
  if (!has_ids)
    return invalid_tokenizer("tokenizer.json: TemplateProcessing has no ids for: " + name);
  for (const Json& id : (*token)["ids"]) {
    if (!id.is_number_integer() || id < 0 || id >= kMaxTokenId || ids.size() >= kMaxPrefix) {
      return invalid_tokenizer("tokenizer.json: TemplateProcessing has no valid ids for: " + name);
    }
    ids.push_back(id.get<int32_t>());
  }
  return {};
}

// A template for one text: special tokens around the sequence A, which occurs once.
Status read_template(const Json& component, TokenizerParts& parts) {
  const Json single = component.value("single", Json());
  const Json special_tokens = component.value("special_tokens", Json::object());
  if (!single.is_array() || !special_tokens.is_object()) {
    return invalid_tokenizer("tokenizer.json: TemplateProcessing has no list: single");
  }
  std::vector<int32_t> before;
  std::vector<int32_t> after;
  int64_t num_texts = 0;
  for (const Json& piece : single) {
    const bool is_named = piece.is_object() && piece.size() == 1 && piece.begin()->is_object();
    const std::string kind = is_named ? piece.begin().key() : "";
    const std::string name = is_named ? TRY(read_string(*piece.begin(), "id")) : "";
    if (kind == "Sequence" && name == "A") {
      ++num_texts;
    } else if (kind == "SpecialToken") {
      TRY(read_template_token(special_tokens, name, num_texts == 0 ? before : after));
    } else {
      return unsupported("TemplateProcessing piece " + dump_json(piece));
    }
  }
  if (num_texts != 1) return unsupported("TemplateProcessing without one sequence A");
  parts.prefix_ids.insert(parts.prefix_ids.begin(), before.begin(), before.end());
  parts.suffix_ids.insert(parts.suffix_ids.end(), after.begin(), after.end());
  return {};
}

Status read_components(const Json& document, TokenizerParts& parts) {
  parts.normalizer = TRY(Normalizer::from_json(document.value("normalizer", Json())));
  if (!is_null(document, "post_processor")) {
    parts.post_processor = document["post_processor"];
    TRY(for_each_component(parts.post_processor, "post_processor", "processors",
                           [&](const std::string& type, const Json& component) -> Status {
                             if (type == "ByteLevel") return {};  // concerns offsets alone
                             if (type == "TemplateProcessing") {
                               return read_template(component, parts);
                             }
                             return unsupported("post_processor " + type);
                           }));
  }
  if (!is_null(document, "decoder")) {
    parts.decoder = document["decoder"];
    TRY(for_each_component(parts.decoder, "decoder", "decoders",
                           [](const std::string& type, const Json&) -> Status {
                             // Fuse joins texts, which decoding here has done.
                             if (type == "ByteLevel" || type == "Fuse") return {};
                             return unsupported("decoder " + type);
                           }));
  }
  for (const char* key : {"truncation", "padding"}) {
    if (is_null(document, key) || document[key].is_object()) continue;
    return invalid_tokenizer(std::string("tokenizer.json: not an object: ") + key);
  }
  return {};
}

// "unk_token", "fuse_unk" and "byte_fallback" say what becomes of characters without a token.
// There are none: a vocabulary that lacks one of the bytes is refused.
Status check_model(const Json& model) {
  const std::string type = TRY(read_string(model, "type", "BPE"));
  if (type != "BPE") return unsupported("model " + type);
  for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    if (!TRY(read_string(model, key)).empty())
      return unsupported(std::string("model option ") + key);
  }
  TRY(read_string(model, "unk_token"));
  TRY(read_bool(model, "fuse_unk"));
  TRY(read_bool(model, "byte_fallback"));
  if (TRY(read_double(model, "dropout")) != 0) return unsupported("model option dropout");
  return {};
}

// Takes a member out of a large object, so that the rest can be copied into a Json.
LargeJson take_member(LargeJson& object, const char* key) {
  const auto member = object.find(key);
  return member == object.end() ? LargeJson() : std::exchange(*member, LargeJson());
}

}  // namespace

Result<Tokenizer> Tokenizer::from_json(std::string_view tokenizer_json) {
  LargeJson large = TRY(parse_large_json(tokenizer_json));
  if (!large.is_object()) return invalid_tokenizer("tokenizer.json is not an object");
  if (!large.contains("model") || !large["model"].is_object()) {
    return invalid_tokenizer("tokenizer.json has no model");
  }
  const LargeJson vocab = take_member(large["model"], "vocab");
  const LargeJson merges = take_member(large["model"], "merges");
  const Json document = large;
  const Json& model = document["model"];
  TRY(check_model(model));
  TokenizerParts parts;
  TRY(read_components(document, parts));
  parts.added_tokens = TRY(read_added_tokens(document));
  if (is_null(document, "pre_tokenizer")) return unsupported("no pre_tokenizer");
  PreTokenizer pre_tokenizer = TRY(PreTokenizer::from_json(document["pre_tokenizer"]));
  if (vocab.is_null() || merges.is_null()) {
    return invalid_tokenizer("tokenizer.json: model has no vocab or no merges");
  }
  Vocabulary vocabulary = TRY(read_vocabulary(vocab));
  TRY(read_merges(vocabulary, merges));
  const bool ignore_merges = TRY(read_bool(model, "ignore_merges"));
  std::vector<std::string> tokens = TRY(bytes_of(vocabulary, parts.added_tokens));
  Bpe bpe = TRY(Bpe::create(std::move(tokens), std::move(vocabulary.merges), ignore_merges));
  return create(std::move(bpe), std::move(pre_tokenizer), std::move(parts));
}

Result<std::vector<AddedToken>> load_added_tokens(const std::filesystem::path& directory) {
  const std::string text = TRY(read_file(directory / "tokenizer.json", kMaxTokenizerFileBytes));
  LargeJson large = TRY(parse_large_json(text));
  if (!large.is_object()) return invalid_tokenizer("tokenizer.json is not an object");
  Json document = Json::object();
  document["added_tokens"] = take_member(large, "added_tokens");
  return read_added_tokens(document);
}

Result<Tokenizer> Tokenizer::from_vocab_and_merges(std::string_view vocab_json,
                                                   std::string_view merges_txt,
                                                   PreTokenizer pre_tokenizer,
                                                   std::vector<AddedToken> added_tokens,
                                                   Normalizer normalizer) {
  const LargeJson vocab = TRY(parse_large_json(vocab_json));
  Vocabulary vocabulary = TRY(read_vocabulary(vocab));
  bool is_first = true;
  while (!merges_txt.empty()) {
    const size_t end = merges_txt.find('\n');
    std::string_view line = merges_txt.substr(0, end);
    merges_txt.remove_prefix(end == std::string_view::npos ? merges_txt.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    // Only the first line can be a comment: "#" also begins real merges.
    const bool is_comment = is_first && line.starts_with("#version");
    is_first = false;
    if (!line.empty() && !is_comment) TRY(add_merge_line(vocabulary, line));
  }
  std::vector<std::string> tokens = TRY(bytes_of(vocabulary, added_tokens));
  Bpe bpe = TRY(Bpe::create(std::move(tokens), std::move(vocabulary.merges),
                            /*ignore_merges=*/false));
  TokenizerParts parts;
  parts.added_tokens = std::move(added_tokens);
  parts.normalizer = std::move(normalizer);
  return create(std::move(bpe), std::move(pre_tokenizer), std::move(parts));
}

}  // namespace caco::lm
