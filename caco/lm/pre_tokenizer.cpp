// Cuts text into words before BPE; see pre_tokenizer.h.
#include "caco/lm/pre_tokenizer.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <optional>
#include <utility>

#include "caco/lm/byte_level.h"
#include "caco/lm/tokenizer_error.h"
#include "caco/lm/tokenizer_regex.h"
#include "caco/lm/unicode.h"

namespace caco::lm {
namespace {

constexpr size_t kMaxStages = 64;
constexpr int kMaxStageNesting = 8;

// What becomes of the matches of a rule and of the gaps between them; the names are the format's.
enum class Behavior { Isolated, Removed, MergedWithPrevious, MergedWithNext, Contiguous };

struct Piece {
  size_t begin = 0;
  size_t end = 0;
  bool is_match = false;
};

Result<Behavior> behavior_named(const std::string& name) {
  constexpr std::array<std::pair<const char*, Behavior>, 5> kNames = {
      {{"Isolated", Behavior::Isolated},
       {"Removed", Behavior::Removed},
       {"MergedWithPrevious", Behavior::MergedWithPrevious},
       {"MergedWithNext", Behavior::MergedWithNext},
       {"Contiguous", Behavior::Contiguous}}};
  for (const auto& [known, behavior] : kNames) {
    if (name == known) return behavior;
  }
  return invalid_component("pre_tokenizer behavior is not supported: " + name);
}

// Joins each piece to the one before it in `pieces` where `joins(previous_is_match, is_match)`.
template <typename Joins>
std::vector<Piece> join(const std::vector<Piece>& pieces, const Joins& joins) {
  std::vector<Piece> result;
  bool previous_is_match = false;
  for (const Piece& piece : pieces) {
    if (!result.empty() && joins(previous_is_match, piece.is_match)) {
      result.back().begin = std::min(result.back().begin, piece.begin);
      result.back().end = std::max(result.back().end, piece.end);
    } else {
      result.push_back(piece);
    }
    previous_is_match = piece.is_match;
  }
  return result;
}

std::vector<Piece> apply_behavior(std::vector<Piece> pieces, Behavior behavior) {
  const auto opens_match = [](bool previous, bool own) {
    return own && !previous;
  };
  switch (behavior) {
    case Behavior::Isolated:
      return pieces;
    case Behavior::Removed:
      std::erase_if(pieces, [](const Piece& piece) { return piece.is_match; });
      return pieces;
    case Behavior::Contiguous:
      return join(pieces, [](bool previous, bool own) { return own == previous; });
    case Behavior::MergedWithPrevious:
      return join(pieces, opens_match);
    case Behavior::MergedWithNext:
      std::reverse(pieces.begin(), pieces.end());
      pieces = join(pieces, opens_match);
      std::reverse(pieces.begin(), pieces.end());
      return pieces;
  }
  return pieces;
}

}  // namespace

// One rule. `regex` is empty in stages that only add a space or spell bytes.
class PreTokenizer::Stage {
 public:
  enum class Kind { Split, PrefixSpace, ByteAlphabet };

  explicit Stage(Kind own_kind) : kind(own_kind) {}

  Kind kind;
  std::optional<TokenizerRegex> regex;
  std::optional<SplitScanner> scanner;  // equals the expression, whose matches leave no gaps
  Behavior behavior = Behavior::Isolated;
  bool inverts = false;
};

// Reads the rules of a tokenizer.json into stages.
class PreTokenizer::Reader {
 public:
  explicit Reader(PreTokenizer& result) : result_(result) {}

  Status read(const Json& json, int nesting) {
    if (!json.is_object()) return invalid_component("pre_tokenizer is not an object");
    if (result_.stages_.size() > kMaxStages || nesting > kMaxStageNesting) {
      return invalid_component("pre_tokenizer has too many stages");
    }
    const std::string type = TRY(read_string(json, "type"));
    if (type == "Sequence") return read_sequence(json, nesting);
    if (type == "ByteLevel") return read_byte_level(json);
    if (type == "Split") return read_split(json);
    if (type == "Digits") {
      const bool individual = TRY(read_bool(json, "individual_digits"));
      return add("[" + numeric_characters() + "]",
                 individual ? Behavior::Isolated : Behavior::Contiguous, false);
    }
    if (type == "Punctuation") {
      const std::string name = TRY(read_string(json, "behavior", "Isolated"));
      // The format's library takes all of ASCII's punctuation, some of which are symbols.
      const Behavior behavior = TRY(behavior_named(name));
      return add(R"([\p{P}$+<=>\^`|~])", behavior, false);
    }
    if (type == "WhitespaceSplit") return add(R"(\s)", Behavior::Removed, false);
    return invalid_component("pre_tokenizer is not supported: " + type);
  }

  Status add(const std::string& pattern, Behavior behavior, bool inverts) {
    Stage stage(Stage::Kind::Split);
    stage.regex = TRY(TokenizerRegex::compile(pattern));
    stage.behavior = behavior;
    stage.inverts = inverts;
    // A scanner's expression matches everything, so that removing the gaps is isolating matches.
    const bool keeps_matches =
        (behavior == Behavior::Isolated && !inverts) || (behavior == Behavior::Removed && inverts);
    if (keeps_matches) stage.scanner = scanner_for(pattern);
    result_.stages_.push_back(std::make_unique<const Stage>(std::move(stage)));
    return {};
  }

 private:
  Status read_sequence(const Json& json, int nesting) {
    const auto stages = json.find("pretokenizers");
    if (stages == json.end() || !stages->is_array()) {
      return invalid_component("pre_tokenizer Sequence has no list: pretokenizers");
    }
    for (const Json& stage : *stages)
      TRY(read(stage, nesting + 1));
    return {};
  }

  Status read_byte_level(const Json& json) {
    const auto is_alphabet = [](const std::unique_ptr<const Stage>& stage) {
      return stage->kind == Stage::Kind::ByteAlphabet;
    };
    if (std::any_of(result_.stages_.begin(), result_.stages_.end(), is_alphabet)) {
      return invalid_component("pre_tokenizer has two stages: ByteLevel");
    }
    if (TRY(read_bool(json, "add_prefix_space", true))) {
      result_.stages_.push_back(std::make_unique<const Stage>(Stage::Kind::PrefixSpace));
    }
    if (TRY(read_bool(json, "use_regex", true))) {
      TRY(add(kGpt2SplitPattern, Behavior::Isolated, false));
    }
    TRY(read_bool(json, "trim_offsets", true));  // concerns offsets, which nobody asks for here
    result_.stages_.push_back(std::make_unique<const Stage>(Stage::Kind::ByteAlphabet));
    return {};
  }

  Status read_split(const Json& json) {
    const bool inverts = TRY(read_bool(json, "invert"));
    const std::string name = TRY(read_string(json, "behavior"));
    const Behavior behavior = TRY(behavior_named(name));
    const auto pattern = json.find("pattern");
    if (pattern == json.end() || !pattern->is_object() || pattern->size() != 1) {
      return invalid_component("Split needs a pattern: Regex or String");
    }
    if (pattern->contains("Regex")) {
      const std::string regex = TRY(read_string(*pattern, "Regex"));
      return add(regex, behavior, inverts);
    }
    if (pattern->contains("String")) {
      const std::string text = TRY(read_string(*pattern, "String"));
      return add(escape_regex(text), behavior, inverts);
    }
    return invalid_component("Split pattern is not supported: " + pattern->begin().key());
  }

  PreTokenizer& result_;
};

PreTokenizer::PreTokenizer() = default;
PreTokenizer::PreTokenizer(PreTokenizer&&) noexcept = default;
PreTokenizer& PreTokenizer::operator=(PreTokenizer&&) noexcept = default;
PreTokenizer::~PreTokenizer() = default;

Result<PreTokenizer> PreTokenizer::create(const std::vector<std::string>& patterns) {
  Json stages = Json::array();
  for (const std::string& pattern : patterns) {
    stages.push_back({{"type", "Split"},
                      {"pattern", {{"Regex", pattern}}},
                      {"behavior", "Isolated"},
                      {"invert", false}});
  }
  stages.push_back({{"type", "ByteLevel"},
                    {"add_prefix_space", false},
                    {"trim_offsets", true},
                    {"use_regex", false}});
  return from_json({{"type", "Sequence"}, {"pretokenizers", std::move(stages)}});
}

Result<PreTokenizer> PreTokenizer::from_json(const Json& json) {
  PreTokenizer result;
  TRY(Reader(result).read(json, /*nesting=*/0));
  const auto alphabet = std::find_if(result.stages_.begin(), result.stages_.end(),
                                     [](const std::unique_ptr<const Stage>& stage) {
                                       return stage->kind == Stage::Kind::ByteAlphabet;
                                     });
  if (alphabet == result.stages_.end()) {
    return invalid_component("pre_tokenizer is not of a byte-level kind: it has no ByteLevel");
  }
  // Nothing behind it: the pieces are wanted as bytes anyway.
  if (alphabet + 1 == result.stages_.end()) result.stages_.pop_back();
  result.json_ = json;
  return result;
}

int64_t PreTokenizer::num_expressions() const {
  return std::count_if(stages_.begin(), stages_.end(),
                       [](const auto& stage) { return stage->regex.has_value(); });
}

int64_t PreTokenizer::num_scanners() const {
  return std::count_if(stages_.begin(), stages_.end(),
                       [](const auto& stage) { return stage->scanner.has_value(); });
}

void PreTokenizer::split_stage(size_t index, std::string_view text, bool is_valid,
                               const Take& take) const {
  if (text.empty()) return;
  if (index == stages_.size()) return take(text);
  const Stage& stage = *stages_[index];
  switch (stage.kind) {
    case Stage::Kind::Split:
      return cut(index, text, is_valid, take);
    case Stage::Kind::PrefixSpace:
      if (text.starts_with(' ')) return split_stage(index + 1, text, is_valid, take);
      return split_stage(index + 1, std::string(1, ' ').append(text), is_valid, take);
    case Stage::Kind::ByteAlphabet:
      // Stages behind it cut the spelling between characters, each of which is a byte.
      return split_stage(index + 1, to_byte_level(text), /*is_valid=*/true,
                         [&](std::string_view spelling) {
                           const std::optional<std::string> bytes = from_byte_level(spelling);
                           assert(bytes.has_value());
                           take(*bytes);
                         });
  }
}

void PreTokenizer::cut(size_t index, std::string_view text, bool is_valid, const Take& take) const {
  const Stage& stage = *stages_[index];
  const auto next = [&](size_t begin, size_t end) {
    split_stage(index + 1, text.substr(begin, end - begin), is_valid, take);
  };
  if (stage.scanner && is_valid) {
    const CharacterClass* classes = character_classes();
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = end_of_piece(*stage.scanner, classes, text, begin);
      next(begin, end);
      begin = end;
    }
    return;
  }
  size_t done = 0;
  if (stage.behavior == Behavior::Isolated) {  // the common one needs no list
    stage.regex->for_each_match(text, [&](const TokenizerRegex::Match& match) {
      next(done, match.begin);
      next(match.begin, match.end);
      done = match.end;
    });
    return next(done, text.size());
  }
  std::vector<Piece> pieces;
  stage.regex->for_each_match(text, [&](const TokenizerRegex::Match& match) {
    if (match.begin > done) pieces.push_back({done, match.begin, stage.inverts});
    pieces.push_back({match.begin, match.end, !stage.inverts});
    done = match.end;
  });
  if (done < text.size()) pieces.push_back({done, text.size(), stage.inverts});
  for (const Piece& piece : apply_behavior(std::move(pieces), stage.behavior))
    next(piece.begin, piece.end);
}

void PreTokenizer::split(std::string_view text, const Take& take) const {
  split_stage(0, text, is_utf8(text), take);
}

}  // namespace caco::lm
