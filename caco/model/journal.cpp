#include "caco/model/journal.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>
#include <optional>
#include <system_error>
#include <unordered_map>

#include "caco/base/file.h"
#include "caco/base/hash.h"
#include "caco/base/json.h"
#include "caco/base/log.h"

namespace caco {
namespace {

constexpr int64_t kJournalVersion = 1;
// Longest line that is read; a reply cannot be larger than an HTTP response.
constexpr int64_t kMaxLineBytes = int64_t{128} << 20;
constexpr size_t kReadBytes = 1 << 20;
// Characters of the prompt's end that an error text shows.
constexpr size_t kShownPromptBytes = 120;

Json request_to_json(const ModelRequest& request) {
  Json messages = Json::array();
  for (const Message& message : request.messages) {
    messages.push_back({{"role", message.role}, {"content", message.content}});
  }
  return {{"prompt", request.prompt},
          {"messages", std::move(messages)},
          {"n", request.num_choices},
          {"max_tokens", request.max_tokens},
          {"temperature", request.temperature},
          {"top_p", request.top_p},
          {"top_k", request.top_k},
          {"min_p", request.min_p},
          {"stop", request.stop},
          {"seed", request.seed},
          {"calculator", request.calculator}};
}

std::string encode_line(const std::string& key, const ModelReply& reply) {
  Json choices = Json::array();
  for (const ModelChoice& choice : reply.choices) {
    choices.push_back({{"text", choice.text}, {"finish_reason", choice.finish_reason}});
  }
  const Json line = {{"key", key},
                     {"reply",
                      {{"choices", std::move(choices)},
                       {"prompt_tokens", reply.prompt_tokens},
                       {"completion_tokens", reply.completion_tokens}}}};
  return dump_json(line) + "\n";
}

Result<ModelReply> decode_reply(const Json& object) {
  ModelReply reply;
  reply.prompt_tokens = TRY(read_int(object, "prompt_tokens"));
  reply.completion_tokens = TRY(read_int(object, "completion_tokens"));
  const auto choices = object.find("choices");
  if (choices == object.end() || !choices->is_array()) {
    return Error{ErrorCode::DataLoss, "a reply has no `choices`", ""};
  }
  for (const Json& choice : *choices) {
    if (!choice.is_object()) return Error{ErrorCode::DataLoss, "a choice is not an object", ""};
    reply.choices.push_back(
        {TRY(read_string(choice, "text")), TRY(read_string(choice, "finish_reason"))});
  }
  return reply;
}

Error file_error(const std::string& what, const std::filesystem::path& path, int number) {
  Error error{ErrorCode::Internal,
              what + ": " + path.string() + ": " + std::generic_category().message(number), ""};
  if (number == ENOENT) error.code = ErrorCode::NotFound;
  if (number == ENOSPC || number == EDQUOT) {
    error.code = ErrorCode::ResourceExhausted;
    error.hint = "free some disk space and run the same command again; finished work is kept";
  }
  return error;
}

// The file and the places of its replies. Not thread-safe; JournaledModel locks.
class JournalFile {
 public:
  static Result<std::unique_ptr<JournalFile>> open(const std::filesystem::path& path,
                                                   bool is_writable) {
    if (is_writable && path.has_parent_path()) TRY(make_folders(path.parent_path()));
    const int flags = is_writable ? O_RDWR | O_CREAT : O_RDONLY;
    const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
    if (descriptor < 0) return file_error("cannot open journal", path, errno);
    std::unique_ptr<JournalFile> file(new JournalFile(descriptor, path));
    if (is_writable && ::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
      return Error{ErrorCode::Unavailable,
                   "another process writes to this journal: " + path.string(),
                   "wait until it has ended, or give this run a journal of its own"};
    }
    TRY(file->scan());
    if (is_writable) TRY(file->cut_torn_line());
    return file;
  }

  ~JournalFile() { ::close(descriptor_); }
  JournalFile(const JournalFile&) = delete;
  JournalFile& operator=(const JournalFile&) = delete;

  const std::string& identity() const { return identity_; }

  // Returns the reply of a key, or nothing when it is not there or its line is damaged.
  std::optional<ModelReply> find(const std::string& key) const {
    const auto found = places_.find(hash_64(key));
    if (found == places_.end()) return std::nullopt;
    std::string line(found->second.length, '\0');
    size_t filled = 0;
    while (filled < line.size()) {
      const ssize_t count = ::pread(descriptor_, line.data() + filled, line.size() - filled,
                                    found->second.offset + static_cast<off_t>(filled));
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return std::nullopt;
      filled += static_cast<size_t>(count);
    }
    const Result<Json> parsed = parse_json(line);
    if (!parsed.ok() || !parsed.value().is_object()) return std::nullopt;
    const Result<std::string> found_key = read_string(parsed.value(), "key");
    const auto reply = parsed.value().find("reply");
    if (!found_key.ok() || found_key.value() != key || reply == parsed.value().end() ||
        !reply->is_object()) {
      return std::nullopt;
    }
    Result<ModelReply> decoded = decode_reply(*reply);
    if (!decoded.ok()) return std::nullopt;
    return std::move(decoded).value();
  }

  Status append_reply(const std::string& key, const ModelReply& reply) {
    const std::string line = encode_line(key, reply);
    const off_t offset = size_;
    TRY(append(line));
    places_.insert_or_assign(hash_64(key), Place{offset, line.size()});
    return {};
  }

  Status append_identity(const std::string& identity) {
    TRY(append(dump_json(Json{{"v", kJournalVersion}, {"identity", identity}}) + "\n"));
    identity_ = identity;
    return {};
  }

  Status sync() {
    if (::fdatasync(descriptor_) != 0) return file_error("cannot sync journal", path_, errno);
    return {};
  }

 private:
  struct Place {
    off_t offset = 0;
    size_t length = 0;  // with the line end
  };

  JournalFile(int descriptor, std::filesystem::path path)
      : descriptor_(descriptor), path_(std::move(path)) {}

  // Reads all complete lines; size_ is then the end of the last one.
  Status scan() {
    std::string buffer;
    off_t buffer_offset = 0;  // of buffer's first byte in the file
    int64_t num_damaged = 0;
    std::string chunk(kReadBytes, '\0');
    while (true) {
      const off_t offset = buffer_offset + static_cast<off_t>(buffer.size());
      const ssize_t count = ::pread(descriptor_, chunk.data(), chunk.size(), offset);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return file_error("cannot read journal", path_, errno);
      if (count == 0) break;
      buffer.append(chunk, 0, static_cast<size_t>(count));
      size_t start = 0;
      for (size_t end = buffer.find('\n'); end != std::string::npos;
           end = buffer.find('\n', start)) {
        const std::string_view lines = buffer;
        if (!take_line(lines.substr(start, end - start), buffer_offset + static_cast<off_t>(start)))
          ++num_damaged;
        start = end + 1;
      }
      buffer.erase(0, start);
      buffer_offset += static_cast<off_t>(start);
      if (std::ssize(buffer) > kMaxLineBytes) {
        return Error{ErrorCode::DataLoss, "journal has a line without an end: " + path_.string(),
                     "move this file away"};
      }
    }
    size_ = buffer_offset;
    if (num_damaged > 0) {
      log_message(LogLevel::Warning, "skipped " + std::to_string(num_damaged) +
                                         " damaged lines of the journal: " + path_.string());
    }
    return {};
  }

  // Returns whether the line could be read. Looks at its beginning alone: the reply is parsed when
  // it is asked for.
  bool take_line(std::string_view line, off_t offset) {
    constexpr std::string_view kStart = "{\"key\":\"";
    constexpr size_t kKeyBytes = 32;
    if (line.starts_with(kStart) && line.size() > kStart.size() + kKeyBytes && line.back() == '}') {
      const std::string_view key = line.substr(kStart.size(), kKeyBytes);
      places_.insert_or_assign(hash_64(key), Place{offset, line.size() + 1});
      return true;
    }
    const Result<Json> parsed = parse_json(line);
    if (!parsed.ok() || !parsed.value().is_object()) return false;
    const Result<int64_t> version = read_int(parsed.value(), "v");
    Result<std::string> identity = read_string(parsed.value(), "identity");
    if (!version.ok() || version.value() != kJournalVersion || !identity.ok()) return false;
    identity_ = std::move(identity).value();
    return true;
  }

  Status cut_torn_line() {
    if (::ftruncate(descriptor_, size_) != 0) return file_error("cannot cut journal", path_, errno);
    return {};
  }

  // Appends whole lines or nothing.
  Status append(std::string_view text) {
    size_t written = 0;
    while (written < text.size()) {
      const ssize_t count = ::pwrite(descriptor_, text.data() + written, text.size() - written,
                                     size_ + static_cast<off_t>(written));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) {
        const int number = errno;
        (void)!::ftruncate(descriptor_, size_);
        return file_error("cannot write journal", path_, number);
      }
      written += static_cast<size_t>(count);
    }
    size_ += static_cast<off_t>(text.size());
    return {};
  }

  const int descriptor_;
  const std::filesystem::path path_;
  off_t size_ = 0;
  std::string identity_;
  std::unordered_map<uint64_t, Place> places_;
};

class JournaledModel final : public LanguageModel {
 public:
  // `model` is empty for replaying alone.
  JournaledModel(std::unique_ptr<LanguageModel> model, std::unique_ptr<JournalFile> file,
                 std::filesystem::path path)
      : model_(std::move(model)), file_(std::move(file)), path_(std::move(path)) {}

  Result<std::vector<ModelReply>> complete(std::span<const ModelRequest> requests) override {
    const std::string name = identity();
    std::vector<std::string> keys;
    std::vector<ModelReply> replies(requests.size());
    std::vector<ModelRequest> missing;
    std::vector<std::string> missing_keys;
    std::unordered_map<std::string, size_t> place_of_missing;  // equal requests are asked once
    for (size_t i = 0; i < requests.size(); ++i) {
      keys.push_back(journal_key(name, requests[i]));
      if (place_of_missing.contains(keys[i])) continue;
      if (std::optional<ModelReply> found = find(keys[i])) {
        replies[i] = std::move(*found);
        continue;
      }
      if (!model_) return not_recorded(keys[i], requests[i]);
      place_of_missing.emplace(keys[i], missing.size());
      missing.push_back(requests[i]);
      missing_keys.push_back(keys[i]);
    }
    if (missing.empty()) return replies;
    const std::vector<ModelReply> asked = TRY(ask(name, missing, missing_keys));
    for (size_t i = 0; i < requests.size(); ++i) {
      const auto place = place_of_missing.find(keys[i]);
      if (place != place_of_missing.end()) replies[i] = asked[place->second];
    }
    return replies;
  }

  std::string identity() const override { return model_ ? model_->identity() : file_->identity(); }

 private:
  std::optional<ModelReply> find(const std::string& key) const {
    const std::lock_guard lock(mutex_);
    return file_->find(key);
  }

  // Asks the model and writes down each reply as it comes, also when the call fails in the end.
  Result<std::vector<ModelReply>> ask(const std::string& name,
                                      const std::vector<ModelRequest>& requests,
                                      const std::vector<std::string>& keys) {
    {
      const std::lock_guard lock(mutex_);
      if (file_->identity() != name) TRY(file_->append_identity(name));
    }
    Status written;
    Result<std::vector<ModelReply>> replies =
        model_->complete_observed(requests, [&](size_t index, const ModelReply& reply) {
          const std::lock_guard lock(mutex_);
          if (!written.ok() || file_->find(keys[index])) return;
          written = file_->append_reply(keys[index], reply);
        });
    const std::lock_guard lock(mutex_);
    if (!written.ok()) return written.error();
    TRY(file_->sync());
    if (!replies.ok()) return replies;
    // Another caller may have asked the same at the same time: the first reply counts for both.
    std::vector<ModelReply> first = std::move(replies).value();
    for (size_t i = 0; i < first.size(); ++i) {
      if (std::optional<ModelReply> found = file_->find(keys[i])) first[i] = std::move(*found);
    }
    return first;
  }

  Error not_recorded(const std::string& key, const ModelRequest& request) const {
    const std::string& text =
        request.messages.empty() ? request.prompt : request.messages.back().content;
    const std::string shown = dump_json(
        text.size() > kShownPromptBytes ? text.substr(text.size() - kShownPromptBytes) : text);
    return {ErrorCode::NotFound,
            "no recorded reply in " + path_.string() + " for request " + key +
                ", whose prompt ends in " + shown,
            "record it by a run with the real model; prompts, options and seeds must be the same"};
  }

  const std::unique_ptr<LanguageModel> model_;
  mutable std::mutex mutex_;
  const std::unique_ptr<JournalFile> file_;
  const std::filesystem::path path_;
};

}  // namespace

std::string journal_key(std::string_view identity, const ModelRequest& request) {
  return hash_hex_of({identity, dump_json(request_to_json(request))});
}

Result<std::unique_ptr<LanguageModel>> make_journaled_model(std::unique_ptr<LanguageModel> model,
                                                            const std::filesystem::path& path) {
  std::unique_ptr<JournalFile> file = TRY(JournalFile::open(path, /*is_writable=*/true));
  return std::unique_ptr<LanguageModel>(
      std::make_unique<JournaledModel>(std::move(model), std::move(file), path));
}

Result<std::unique_ptr<LanguageModel>> make_recorded_model(const std::filesystem::path& path) {
  std::unique_ptr<JournalFile> file = TRY(JournalFile::open(path, /*is_writable=*/false));
  if (file->identity().empty()) {
    return Error{ErrorCode::DataLoss,
                 "journal does not say whose replies it holds: " + path.string(), "record it anew"};
  }
  return std::unique_ptr<LanguageModel>(
      std::make_unique<JournaledModel>(nullptr, std::move(file), path));
}

}  // namespace caco
