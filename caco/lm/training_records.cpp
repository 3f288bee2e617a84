#include "caco/lm/training_records.h"

#include <zlib.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "caco/base/json.h"
#include "caco/lm/tokenizer.h"

namespace caco::lm {
namespace {

constexpr int64_t kMaxLineBytes = int64_t{1} << 26;
constexpr const char* kEndOfBlock = "<|im_end|>";

struct GzipClose {
  void operator()(gzFile_s* file) const { ::gzclose(file); }
};
using GzipFile = std::unique_ptr<gzFile_s, GzipClose>;

Error invalid(const std::string& problem, const std::string& hint = "") {
  return Error{ErrorCode::InvalidArgument, problem, hint};
}

// Reads the next line without its end into `line`; false at the end of the file.
Result<bool> read_line(gzFile_s* file, const std::string& path, std::string& line) {
  line.clear();
  char buffer[1 << 16];
  while (::gzgets(file, buffer, sizeof(buffer)) != nullptr) {
    line += buffer;
    if (!line.empty() && line.back() == '\n') {
      line.pop_back();
      return true;
    }
    if (static_cast<int64_t>(line.size()) > kMaxLineBytes) {
      return invalid("line over 64 MB: " + path);
    }
  }
  int code = Z_OK;
  const char* message = ::gzerror(file, &code);
  if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
    return Error{ErrorCode::DataLoss, "cannot read: " + path + ": " + message, ""};
  }
  if (code == Z_BUF_ERROR) {
    return Error{ErrorCode::DataLoss, "the compressed file is cut short: " + path, ""};
  }
  return !line.empty();
}

// The text of a message: a string, or a list of {"type": "text", "text": ...} parts.
Result<std::string> read_content(const Json& message) {
  const auto found = message.find("content");
  if (found == message.end() || !found->is_array()) {
    if (found == message.end()) return invalid("a message without \"content\"");
    return read_string(message, "content");
  }
  std::string text;
  for (const Json& part : *found) {
    if (!part.is_object() || TRY(read_string(part, "type", "text")) != "text") {
      return invalid("a message has a part that is no text", "only text can be learned");
    }
    text += TRY(read_string(part, "text"));
  }
  return text;
}

class RecordReader {
 public:
  RecordReader(const Tokenizer& tokenizer, const RecordOptions& options)
      : tokenizer_(tokenizer), options_(options) {
    const std::optional<int32_t> end = tokenizer.special_id(kEndOfBlock);
    end_id_ = end.value_or(options.eos_id);
  }

  Result<void> add(const std::string& line, TrainingSet& set) const {
    const Json json = TRY(parse_json(line));
    if (!json.is_object()) return invalid("the record is not an object");
    if (json.contains("text")) {
      LabelledTokens record = leading_tokens(TRY(read_string(json, "text")));
      std::fill(record.is_target.begin(), record.is_target.end(), 1);
      set.add(record, /*is_whole=*/false, options_.lengths);
      return {};
    }
    LabelledTokens record;
    if (json.contains("messages")) {
      record = TRY(read_messages(json["messages"]));
    } else if (json.contains("prompt") && json.contains("completion")) {
      record = TRY(read_completion(json));
    } else {
      return invalid("the record has neither \"text\" nor \"prompt\" and \"completion\"",
                     "nor \"messages\"; rename its fields");
    }
    set.add(record, /*is_whole=*/true, options_.lengths);
    return {};
  }

 private:
  // Special tokens are parsed, and what the tokenizer puts before every text precedes it once.
  LabelledTokens leading_tokens(const std::string& text) const {
    const std::vector<int32_t> ids = tokenizer_.encode(text, SpecialTokens::Parse);
    const std::vector<int32_t>& prefix = tokenizer_.prefix_ids();
    LabelledTokens record;
    const bool is_there =
        ids.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), ids.begin());
    if (!is_there) record.add(prefix, false);
    record.add(ids, false);
    return record;
  }

  Result<LabelledTokens> read_completion(const Json& json) const {
    const std::string prompt = TRY(read_string(json, "prompt"));
    const std::string completion = TRY(read_string(json, "completion"));
    if (options_.turn_template.has_value()) {
      std::vector<Turn> turns;
      const std::string system = TRY(read_string(json, "system"));
      if (!system.empty()) turns.push_back({"system", system, false});
      turns.push_back({"user", prompt, false});
      turns.push_back({"assistant", completion, true});
      return render_turns(tokenizer_, *options_.turn_template, turns, options_.eos_id);
    }
    if (end_id_ < 0) {
      return invalid(std::string("nothing ends a completion: the tokenizer has no ") + kEndOfBlock +
                         " and the model no eos_token_id",
                     "give --template, or the model's config an eos_token_id");
    }
    LabelledTokens record = leading_tokens(prompt);
    record.add(tokenizer_.encode(completion, SpecialTokens::Ignore), true);
    record.add({end_id_}, true);
    return record;
  }

  Result<LabelledTokens> read_messages(const Json& messages) const {
    if (!messages.is_array() || messages.empty()) {
      return invalid("\"messages\" is not a list of messages",
                     "it should be [{\"role\": \"user\", \"content\": \"...\"}, ...]");
    }
    std::vector<Turn> turns;
    for (const Json& message : messages) {
      if (!message.is_object()) return invalid("a message is not an object");
      Turn turn;
      turn.role = TRY(read_string(message, "role"));
      turn.content = TRY(read_content(message));
      turn.is_learned = turn.role == "assistant" && TRY(read_double(message, "weight", 1.0)) != 0.0;
      turns.push_back(std::move(turn));
    }
    if (options_.turn_template.has_value()) {
      return render_turns(tokenizer_, *options_.turn_template, turns, options_.eos_id);
    }
    if (!tokenizer_.special_id("<|im_start|>") || !tokenizer_.special_id(kEndOfBlock)) {
      return invalid("messages need a template: the tokenizer has no <|im_start|>",
                     "give --template (" + turn_template_names() + ", or a .json file)");
    }
    return render_turns(tokenizer_, TRY(find_turn_template("chatml")), turns, options_.eos_id);
  }

  const Tokenizer& tokenizer_;
  const RecordOptions& options_;
  int32_t end_id_ = -1;
};

}  // namespace

Result<TrainingSet> read_training_set(const std::vector<std::string>& paths,
                                      const Tokenizer& tokenizer, const RecordOptions& options) {
  TrainingSet set;
  const RecordReader reader(tokenizer, options);
  for (const std::string& path : paths) {
    const GzipFile file(::gzopen(path.c_str(), "rb"));
    if (file == nullptr) {
      return Error{ErrorCode::NotFound, "cannot open: " + path, "check the path after --data"};
    }
    ::gzbuffer(file.get(), 1 << 18);
    std::string line;
    for (int64_t number = 1; TRY(read_line(file.get(), path, line)); ++number) {
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      const Result<void> added = reader.add(line, set);
      if (!added.ok()) {
        return Error{added.error().code,
                     path + ":" + std::to_string(number) + ": " + added.error().message,
                     added.error().hint};
      }
    }
  }
  if (set.num_targets() == 0) {
    const TrainingDataCounts& counts = set.counts();
    return invalid("no record has a token to learn from (dropped: " +
                       std::to_string(counts.num_dropped + counts.num_unlabelled) + ")",
                   "check the records and --max-length");
  }
  return set;
}

}  // namespace caco::lm
