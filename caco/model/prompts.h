// Prompts: what is said to a model in each role, and how its replies are read. The roles are those
// of the method: unify (problem with solution, or an algorithm, to a program), generate (a program
// out of nothing), reverse (program to problem), solve (problem alone to a worked solution), judge
// (do solution and program reason alike).
//
// Two sets. "embedded" are the raw block formats that the shipped model was trained on
// (seeds/families/README.md). "instruct" are chat prompts for general models, in our own words. Any
// prompt can be replaced by a text file ROLE.txt in a folder of the user's.
//
// A template's text holds {question}, {solution}, {program}, {input}, {output} where values go; no
// other braces have a meaning. Plain data; functions are pure and thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "caco/base/options.h"
#include "caco/base/result.h"
#include "caco/model/language_model.h"

namespace caco {

enum class PromptRole { UnifySolution, UnifyProgram, Generate, Reverse, Solve, Judge };

// File name and name in errors: "unify_solution", ...
std::string_view to_string(PromptRole role);

// Either raw text for a completion, or the messages of a chat.
struct PromptTemplate {
  std::string raw;                // used when `messages` is empty
  std::vector<Message> messages;  // contents are templates
};

struct PromptSet {
  std::string name;              // "embedded", "instruct", or a folder's name
  bool escapes_markers = false;  // values cannot smuggle in `<|...|>` special tokens
  bool has_judge = true;         // the embedded model cannot judge
  PromptTemplate unify_solution;
  PromptTemplate unify_program;
  PromptTemplate generate;
  PromptTemplate reverse;
  PromptTemplate solve;
  PromptTemplate judge;

  const PromptTemplate& of(PromptRole role) const;
};

// Returns the set of that name; InvalidArgument says which there are.
Result<PromptSet> builtin_prompts(std::string_view name);

// Replaces prompts of `base` by the files ROLE.txt that `folder` has. A file is one raw text, or,
// when its first line is `[system]` or `[user]`, chat messages, each begun by such a line.
// InvalidArgument names a file that holds an unknown {placeholder} or nothing.
Result<PromptSet> load_prompts(PromptSet base, const std::filesystem::path& folder);

// Returns all text of a set: part of what an output depends on, for fingerprints.
std::string prompt_fingerprint(const PromptSet& prompts);

// How to sample, the same fields for every role. Defaults are those of the paper for generation.
struct Sampling {
  double temperature = 0.9;
  double top_p = 1;
  int64_t top_k = 0;  // 0 = off
  double min_p = 0;
  int64_t max_tokens = 1024;
  bool calculator = false;  // caco-lm fills in the results of <<EXPR=
};
void describe(OptionFields& fields, Sampling& sampling);

// What the prompts speak about; unused fields stay empty.
struct PromptValues {
  std::string question;
  std::string solution;
  std::string program;
  std::string input;   // repr of the input dict
  std::string output;  // repr of the output
};

// Each returns a request with `num_choices` choices and that seed.
ModelRequest make_request(const PromptSet& prompts, PromptRole role, const PromptValues& values,
                          const Sampling& sampling, int64_t num_choices, uint64_t seed);
ModelRequest make_unify_request(const PromptSet& prompts, const std::string& question,
                                const std::string& solution, const std::string& program,
                                const Sampling& sampling, uint64_t seed);
ModelRequest make_generate_request(const PromptSet& prompts, const Sampling& sampling,
                                   uint64_t seed);
ModelRequest make_reverse_request(const PromptSet& prompts, const std::string& program,
                                  const std::string& input, const std::string& output,
                                  const Sampling& sampling, uint64_t seed);
ModelRequest make_solve_request(const PromptSet& prompts, const std::string& question,
                                const Sampling& sampling, int64_t num_choices, uint64_t seed);
ModelRequest make_judge_request(const PromptSet& prompts, const std::string& question,
                                const std::string& solution, const std::string& program,
                                const Sampling& sampling, uint64_t seed);

// A record to fine-tune on: exactly the prompt that the role gets later, as text, and the reply
// that is wished for. Chats are written in the ChatML form.
struct TrainingRecord {
  std::string prompt;
  std::string completion;
};
TrainingRecord make_training_record(const PromptSet& prompts, PromptRole role,
                                    const PromptValues& values, std::string_view completion);

// Returns a reply without a leading <think>...</think> part and without blank edges. A part that
// never ended leaves nothing.
std::string clean_reply(std::string_view reply);

// Returns the question of a reverser's reply: cleaned, and without a label such as "Problem:".
std::string extract_question(std::string_view reply);

enum class Judgement { Yes, No, Unknown };

// Returns the judge's word: the last line that is "yes" or "no" (any case, with marks around it, or
// after a label such as "Answer:"); Unknown when there is none.
Judgement parse_judge_reply(std::string_view reply);

}  // namespace caco
