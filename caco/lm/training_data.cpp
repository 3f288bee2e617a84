#include "caco/lm/training_data.h"

#include <zlib.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <memory>
#include <numeric>
#include <optional>
#include <string_view>

#include "caco/base/hash.h"
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

Error bad_record(const std::string& path, int64_t line, const std::string& problem) {
  return Error{ErrorCode::InvalidArgument, path + ":" + std::to_string(line) + ": " + problem, ""};
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
      return Error{ErrorCode::InvalidArgument, "line over 64 MB: " + path, ""};
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

class RecordReader {
 public:
  RecordReader(const Tokenizer& tokenizer, int32_t end_id, const TrainingDataOptions& options)
      : tokenizer_(tokenizer), end_id_(end_id), options_(options) {}

  Result<void> add(const std::string& line, TrainingSet& set) {
    const Json json = TRY(parse_json(line));
    if (!json.is_object()) return invalid("the record is not an object");
    if (json.contains("text")) {
      const std::string text = TRY(read_string(json, "text"));
      set.add(tokenizer_.encode(text, SpecialTokens::Parse), 1, options_);
      return {};
    }
    if (!json.contains("prompt") || !json.contains("completion")) {
      return invalid("the record has neither \"text\" nor \"prompt\" and \"completion\"");
    }
    const std::string prompt = TRY(read_string(json, "prompt"));
    const std::string completion = TRY(read_string(json, "completion"));
    std::vector<int32_t> tokens = tokenizer_.encode(prompt, SpecialTokens::Parse);
    const int64_t first_target = std::max<int64_t>(1, static_cast<int64_t>(tokens.size()));
    const std::vector<int32_t> rest = tokenizer_.encode(completion, SpecialTokens::Ignore);
    tokens.insert(tokens.end(), rest.begin(), rest.end());
    tokens.push_back(end_id_);
    TrainingDataOptions whole = options_;
    whole.over_long = OverLong::Drop;  // a piece without its prompt would teach the wrong thing
    set.add(tokens, first_target, whole);
    return {};
  }

 private:
  static Error invalid(const char* problem) {
    return Error{ErrorCode::InvalidArgument, problem, ""};
  }

  const Tokenizer& tokenizer_;
  int32_t end_id_;
  TrainingDataOptions options_;
};

uint64_t next_random(uint64_t& state) {
  state += 0x9e3779b97f4a7c15u;
  uint64_t value = state;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

// Fisher-Yates with a generator of its own, because std::shuffle differs between libraries.
std::vector<int64_t> permutation(int64_t size, uint64_t seed, uint64_t epoch) {
  std::vector<int64_t> order(static_cast<size_t>(size));
  std::iota(order.begin(), order.end(), 0);
  uint64_t state = seed * 0x2545f4914f6cdd1du + epoch;
  next_random(state);
  for (size_t i = order.size(); i > 1; --i) {
    std::swap(order[i - 1], order[next_random(state) % i]);
  }
  return order;
}

}  // namespace

int64_t TrainingSet::num_targets() const {
  int64_t count = 0;
  for (int64_t i = 0; i < num_documents(); ++i) {
    count += std::max<int64_t>(0, length(i) - first_target(i));
  }
  return count;
}

std::span<const int32_t> TrainingSet::document(int64_t index) const {
  assert(index >= 0 && index < num_documents());
  const int64_t begin = index == 0 ? 0 : ends_[static_cast<size_t>(index - 1)];
  const int64_t end = ends_[static_cast<size_t>(index)];
  return std::span<const int32_t>(tokens_).subspan(static_cast<size_t>(begin),
                                                   static_cast<size_t>(end - begin));
}

std::string TrainingSet::fingerprint() const {
  const auto bytes = [](const auto& values) {
    return std::string_view(reinterpret_cast<const char*>(values.data()),
                            values.size() * sizeof(values[0]));
  };
  return hash_hex_of({bytes(tokens_), bytes(ends_), bytes(first_targets_)});
}

void TrainingSet::add(std::span<const int32_t> tokens, int64_t first_target,
                      const TrainingDataOptions& options) {
  assert(first_target >= 1);
  if (tokens.size() < 2 || first_target >= static_cast<int64_t>(tokens.size())) {
    ++num_dropped_;  // nothing to predict
    return;
  }
  const size_t most = static_cast<size_t>(options.max_length);
  if (tokens.size() > most && options.over_long == OverLong::Drop) {
    ++num_dropped_;
    return;
  }
  if (tokens.size() > most) ++num_split_;
  for (size_t begin = 0; begin + 1 < tokens.size(); begin += most) {
    const std::span<const int32_t> piece =
        tokens.subspan(begin, std::min(most, tokens.size() - begin));
    tokens_.insert(tokens_.end(), piece.begin(), piece.end());
    ends_.push_back(static_cast<int64_t>(tokens_.size()));
    first_targets_.push_back(first_target);
  }
}

Result<TrainingSet> read_training_set(const std::vector<std::string>& paths,
                                      const Tokenizer& tokenizer,
                                      const TrainingDataOptions& options) {
  const std::optional<int32_t> end_id = tokenizer.special_id(kEndOfBlock);
  if (!end_id.has_value()) {
    return Error{ErrorCode::InvalidArgument,
                 std::string("the tokenizer has no special token ") + kEndOfBlock, ""};
  }
  TrainingSet set;
  RecordReader reader(tokenizer, *end_id, options);
  for (const std::string& path : paths) {
    const GzipFile file(::gzopen(path.c_str(), "rb"));
    if (file == nullptr) return Error{ErrorCode::NotFound, "cannot open: " + path, ""};
    ::gzbuffer(file.get(), 1 << 18);
    std::string line;
    for (int64_t number = 1; TRY(read_line(file.get(), path, line)); ++number) {
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      const Result<void> added = reader.add(line, set);
      if (!added.ok()) return bad_record(path, number, added.error().message);
    }
  }
  if (set.num_targets() == 0) {
    return Error{
        ErrorCode::InvalidArgument,
        "no record has a token to learn from (dropped: " + std::to_string(set.num_dropped()) + ")",
        "check the records and --max-length"};
  }
  return set;
}

std::span<const int64_t> BatchPlan::step(int64_t index) const {
  const size_t begin = static_cast<size_t>(step_starts[static_cast<size_t>(index)]);
  const size_t end = static_cast<size_t>(step_starts[static_cast<size_t>(index + 1)]);
  return std::span<const int64_t>(documents).subspan(begin, end - begin);
}

BatchPlan plan_batches(const TrainingSet& data, const BatchPlanOptions& options) {
  assert(data.num_documents() > 0 && options.batch_tokens > 0);
  const int64_t most_tokens =
      options.max_tokens > 0
          ? options.max_tokens
          : std::llround(std::ceil(options.epochs * static_cast<double>(data.num_tokens())));
  BatchPlan plan;
  int64_t step_tokens = 0;
  const auto end_step = [&] {
    plan.step_starts.push_back(static_cast<int64_t>(plan.documents.size()));
    step_tokens = 0;
  };
  for (uint64_t epoch = 0; plan.num_tokens < most_tokens; ++epoch) {
    for (const int64_t index : permutation(data.num_documents(), options.seed, epoch)) {
      if (plan.num_tokens >= most_tokens) break;
      const int64_t length = data.length(index);
      if (step_tokens > 0 && step_tokens + length > options.batch_tokens) end_step();
      plan.documents.push_back(index);
      step_tokens += length;
      plan.num_tokens += length;
    }
  }
  if (step_tokens > 0) end_step();
  return plan;
}

std::vector<std::vector<std::vector<int64_t>>> divide_step(const TrainingSet& data,
                                                           std::span<const int64_t> documents,
                                                           int64_t num_workers,
                                                           int64_t pack_tokens) {
  // Longest first to the least loaded worker. Attention grows with the square of the length; at
  // this length it costs as much as the rest of a layer.
  constexpr int64_t kEqualLength = 4000;
  std::vector<int64_t> order(documents.begin(), documents.end());
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return data.length(a) > data.length(b); });
  const size_t count = static_cast<size_t>(num_workers);
  std::vector<std::vector<int64_t>> shares(count);
  std::vector<int64_t> work(count, 0);
  std::vector<int64_t> tokens(count, 0);
  for (const int64_t index : order) {
    const int64_t length = data.length(index);
    const auto least = std::min_element(work.begin(), work.end());
    const size_t worker = static_cast<size_t>(least - work.begin());
    shares[worker].push_back(index);
    *least += length + length * length / kEqualLength;
    tokens[worker] += length;
  }
  std::vector<std::vector<std::vector<int64_t>>> packs(count);
  for (size_t worker = 0; worker < count; ++worker) {
    const int64_t num_packs =
        std::max<int64_t>(1, (tokens[worker] + pack_tokens - 1) / pack_tokens);
    const int64_t goal = (tokens[worker] + num_packs - 1) / num_packs;
    int64_t pack_size = goal;
    for (const int64_t index : shares[worker]) {
      if (pack_size >= goal) {
        packs[worker].emplace_back();
        pack_size = 0;
      }
      packs[worker].back().push_back(index);
      pack_size += data.length(index);
    }
  }
  return packs;
}

}  // namespace caco::lm
