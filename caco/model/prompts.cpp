#include "caco/model/prompts.h"

#include <algorithm>
#include <array>
#include <optional>
#include <system_error>

#include "caco/base/file.h"
#include "caco/model/prompt_blocks.h"

namespace caco {
namespace {

constexpr std::array kAllRoles = {PromptRole::UnifySolution, PromptRole::UnifyProgram,
                                  PromptRole::Generate,      PromptRole::Reverse,
                                  PromptRole::Solve,         PromptRole::Judge};
constexpr std::array<std::string_view, 5> kPlaceholders = {"question", "solution", "program",
                                                           "input", "output"};
constexpr int64_t kMaxPromptFileBytes = 1 << 20;
constexpr size_t kMaxLabelBytes = 20;  // "Problem:" and its like in front of a question

// Placeholders without which a prompt of this role cannot work.
std::vector<std::string_view> required_placeholders(PromptRole role) {
  switch (role) {
    case PromptRole::UnifySolution:
      return {"question", "solution"};
    case PromptRole::UnifyProgram:
      return {"program"};
    case PromptRole::Generate:
      return {};
    case PromptRole::Reverse:
      return {"program"};
    case PromptRole::Solve:
      return {"question"};
    case PromptRole::Judge:
      return {"solution", "program"};
  }
  return {};
}

// Splits a template into its text and its placeholders: calls `on_text` and `on_name` in order.
template <typename OnText, typename OnName>
void scan_template(std::string_view text, const OnText& on_text, const OnName& on_name) {
  size_t start = 0;
  for (size_t open = text.find('{'); open != std::string_view::npos;
       open = text.find('{', open + 1)) {
    const size_t close = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", open + 1);
    if (close == std::string_view::npos || text[close] != '}' || close == open + 1) continue;
    // `\boxed{answer}` and the like are no placeholders.
    if (open > 0 && ((text[open - 1] | 0x20) >= 'a' && (text[open - 1] | 0x20) <= 'z')) continue;
    on_text(text.substr(start, open - start));
    on_name(text.substr(open + 1, close - open - 1));
    start = close + 1;
  }
  on_text(text.substr(start));
}

std::string value_of(const PromptValues& values, std::string_view name) {
  if (name == "question") return values.question;
  if (name == "solution") return values.solution;
  if (name == "program") return values.program;
  if (name == "input") return values.input;
  if (name == "output") return values.output;
  return "{" + std::string(name) + "}";
}

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_space(text.back()))
    text.remove_suffix(1);
  return text;
}

std::string escape_markers(std::string text) {
  for (size_t at = text.find("<|"); at != std::string::npos; at = text.find("<|", at + 1)) {
    text.insert(at + 1, " ");
  }
  return text;
}

std::string fill_template(std::string_view text, const PromptValues& values, bool escapes) {
  std::string filled;
  scan_template(
      text, [&](std::string_view part) { filled += part; },
      [&](std::string_view name) {
        std::string value = value_of(values, name);
        while (!value.empty() && is_space(value.back()))
          value.pop_back();
        filled += escapes ? escape_markers(std::move(value)) : value;
      });
  return filled;
}

PromptTemplate& template_of(PromptSet& set, PromptRole role) {
  return const_cast<PromptTemplate&>(set.of(role));
}

// Reads a prompt file: chat messages when it begins with a `[role]` line, else raw text.
PromptTemplate parse_prompt_file(std::string_view text) {
  PromptTemplate made;
  if (!text.starts_with("[system]\n") && !text.starts_with("[user]\n")) {
    made.raw = text;
    return made;
  }
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line == "[system]" || line == "[user]" || line == "[assistant]") {
      made.messages.push_back({std::string(line.substr(1, line.size() - 2)), ""});
    } else {
      made.messages.back().content += std::string(line) + "\n";
    }
  }
  for (Message& message : made.messages)
    message.content = trim(message.content);
  return made;
}

std::string text_of(const PromptTemplate& prompt) {
  std::string text = prompt.raw;
  for (const Message& message : prompt.messages) {
    text += "[" + message.role + "]\n" + message.content + "\n";
  }
  return text;
}

Status check_template(PromptRole role, const PromptTemplate& prompt,
                      const std::filesystem::path& path) {
  const std::string text = text_of(prompt);
  std::vector<std::string_view> missing = required_placeholders(role);
  std::string unknown;
  scan_template(
      text, [](std::string_view) {},
      [&](std::string_view name) {
        std::erase(missing, name);
        if (std::find(kPlaceholders.begin(), kPlaceholders.end(), name) == kPlaceholders.end()) {
          unknown = name;
        }
      });
  if (!unknown.empty()) {
    return Error{ErrorCode::InvalidArgument,
                 "prompt file has an unknown placeholder {" + unknown + "}: " + path.string(),
                 "known are {question}, {solution}, {program}, {input}, {output}"};
  }
  if (!missing.empty()) {
    return Error{ErrorCode::InvalidArgument,
                 "prompt file lacks {" + std::string(missing[0]) + "}: " + path.string(), ""};
  }
  if (trim(text).empty()) {
    return Error{ErrorCode::InvalidArgument, "prompt file is empty: " + path.string(), ""};
  }
  return {};
}

// Returns the letters of a word in lower case.
std::string letters_of(std::string_view word) {
  std::string letters;
  for (const char c : word) {
    const char lower = static_cast<char>(c | 0x20);
    if (lower >= 'a' && lower <= 'z') letters.push_back(lower);
  }
  return letters;
}

std::optional<Judgement> judgement_of_word(std::string_view word) {
  const std::string letters = letters_of(word);
  if (letters == "yes") return Judgement::Yes;
  if (letters == "no") return Judgement::No;
  return std::nullopt;
}

// A line says yes or no when that word is all of it, follows a label ("Answer: yes") or is cut off
// by a mark ("Yes, because ..."); "No steps are missing" says nothing.
std::optional<Judgement> judgement_of_line(std::string_view line) {
  line = trim(line);
  if (const std::optional<Judgement> whole = judgement_of_word(line)) return whole;
  const size_t colon = line.rfind(':');
  if (colon != std::string_view::npos) {
    if (const std::optional<Judgement> last = judgement_of_word(line.substr(colon + 1)))
      return last;
  }
  const size_t mark = line.find_first_of(",.;:!");
  return mark == std::string_view::npos ? std::nullopt : judgement_of_word(line.substr(0, mark));
}

}  // namespace

std::string_view to_string(PromptRole role) {
  switch (role) {
    case PromptRole::UnifySolution:
      return "unify_solution";
    case PromptRole::UnifyProgram:
      return "unify_program";
    case PromptRole::Generate:
      return "generate";
    case PromptRole::Reverse:
      return "reverse";
    case PromptRole::Solve:
      return "solve";
    case PromptRole::Judge:
      return "judge";
  }
  return "";
}

const PromptTemplate& PromptSet::of(PromptRole role) const {
  switch (role) {
    case PromptRole::UnifySolution:
      return unify_solution;
    case PromptRole::UnifyProgram:
      return unify_program;
    case PromptRole::Generate:
      return generate;
    case PromptRole::Reverse:
      return reverse;
    case PromptRole::Solve:
      return solve;
    case PromptRole::Judge:
      break;
  }
  return judge;
}

Result<PromptSet> load_prompts(PromptSet base, const std::filesystem::path& folder) {
  std::error_code problem;
  if (!std::filesystem::is_directory(folder, problem)) {
    return Error{ErrorCode::NotFound, "no folder of prompts: " + folder.string(), ""};
  }
  for (const PromptRole role : kAllRoles) {
    const std::filesystem::path path = folder / (std::string(to_string(role)) + ".txt");
    if (!std::filesystem::exists(path, problem)) continue;
    const PromptTemplate made = parse_prompt_file(TRY(read_file(path, kMaxPromptFileBytes)));
    TRY(check_template(role, made, path));
    template_of(base, role) = made;
    if (role == PromptRole::Judge) base.has_judge = true;
  }
  base.name += "+" + folder.filename().string();
  return base;
}

std::string prompt_fingerprint(const PromptSet& prompts) {
  std::string text;
  for (const PromptRole role : kAllRoles) {
    text += "## " + std::string(to_string(role)) + "\n" + text_of(prompts.of(role)) + "\n";
  }
  return text;
}

void describe(OptionFields& fields, Sampling& sampling) {
  fields.number("temperature", sampling.temperature, 0, 5, "0 takes the likeliest token each time");
  fields.number("top_p", sampling.top_p, 0, 1,
                "draw from the likeliest tokens with this much mass");
  fields.integer("top_k", sampling.top_k, 0, 1'000'000,
                 "draw from so many likeliest tokens; 0 = all");
  fields.number("min_p", sampling.min_p, 0, 1,
                "leave out tokens below this share of the likeliest");
  fields.integer("max_tokens", sampling.max_tokens, 1, 1'000'000, "longest reply, in tokens");
  fields.boolean("calculator", sampling.calculator,
                 "let caco-lm fill in the results of <<EXPRESSION= annotations");
}

ModelRequest make_request(const PromptSet& prompts, PromptRole role, const PromptValues& values,
                          const Sampling& sampling, int64_t num_choices, uint64_t seed) {
  const PromptTemplate& prompt = prompts.of(role);
  ModelRequest request;
  request.prompt = fill_template(prompt.raw, values, prompts.escapes_markers);
  for (const Message& message : prompt.messages) {
    request.messages.push_back(
        {message.role, fill_template(message.content, values, prompts.escapes_markers)});
  }
  request.num_choices = num_choices;
  request.max_tokens = sampling.max_tokens;
  request.temperature = sampling.temperature;
  request.top_p = sampling.top_p;
  request.top_k = sampling.top_k;
  request.min_p = sampling.min_p;
  request.seed = seed;
  request.calculator = sampling.calculator;
  return request;
}

ModelRequest make_unify_request(const PromptSet& prompts, const std::string& question,
                                const std::string& solution, const std::string& program,
                                const Sampling& sampling, uint64_t seed) {
  const PromptRole role = program.empty() ? PromptRole::UnifySolution : PromptRole::UnifyProgram;
  return make_request(prompts, role, {question, solution, program, "", ""}, sampling, 1, seed);
}

ModelRequest make_generate_request(const PromptSet& prompts, const Sampling& sampling,
                                   uint64_t seed) {
  return make_request(prompts, PromptRole::Generate, {}, sampling, 1, seed);
}

ModelRequest make_reverse_request(const PromptSet& prompts, const std::string& program,
                                  const std::string& input, const std::string& output,
                                  const Sampling& sampling, uint64_t seed) {
  return make_request(prompts, PromptRole::Reverse, {"", "", program, input, output}, sampling, 1,
                      seed);
}

ModelRequest make_solve_request(const PromptSet& prompts, const std::string& question,
                                const Sampling& sampling, int64_t num_choices, uint64_t seed) {
  return make_request(prompts, PromptRole::Solve, {question, "", "", "", ""}, sampling, num_choices,
                      seed);
}

ModelRequest make_judge_request(const PromptSet& prompts, const std::string& question,
                                const std::string& solution, const std::string& program,
                                const Sampling& sampling, uint64_t seed) {
  return make_request(prompts, PromptRole::Judge, {question, solution, program, "", ""}, sampling,
                      1, seed);
}

TrainingRecord make_training_record(const PromptSet& prompts, PromptRole role,
                                    const PromptValues& values, std::string_view completion) {
  const ModelRequest request = make_request(prompts, role, values, Sampling{}, 1, 0);
  TrainingRecord record{request.prompt, std::string(trim(completion))};
  for (const Message& message : request.messages) {
    record.prompt += make_block(message.role, message.content);
  }
  if (!request.messages.empty()) record.prompt += begin_block("assistant");
  return record;
}

std::string clean_reply(std::string_view reply) {
  reply = trim(reply);
  constexpr std::string_view kBegin = "<think>";
  constexpr std::string_view kEnd = "</think>";
  const size_t end = reply.rfind(kEnd);
  if (end != std::string_view::npos) {
    reply = trim(reply.substr(end + kEnd.size()));
  } else if (reply.starts_with(kBegin)) {
    return "";
  }
  return std::string(reply);
}

std::string extract_question(std::string_view reply) {
  std::string cleaned = clean_reply(reply);
  const std::string_view text = cleaned;
  const size_t colon = text.find(':');
  if (colon > kMaxLabelBytes) return cleaned;
  const std::string label = letters_of(text.substr(0, colon));
  if (label != "problem" && label != "question") return cleaned;
  // What follows may still hold the marks that closed a bold label: "**Problem:** ...".
  const std::string_view rest = text.substr(colon + 1);
  const size_t start = rest.find_first_not_of("*_ \n\t\r");
  return start == std::string_view::npos ? "" : std::string(rest.substr(start));
}

Judgement parse_judge_reply(std::string_view reply) {
  const std::string cleaned = clean_reply(reply);
  std::string_view rest = cleaned;
  while (!rest.empty()) {
    const size_t start = rest.rfind('\n');
    const std::string_view line = start == std::string_view::npos ? rest : rest.substr(start + 1);
    if (const std::optional<Judgement> found = judgement_of_line(line)) return *found;
    if (start == std::string_view::npos) break;
    rest = rest.substr(0, start);
  }
  return Judgement::Unknown;
}

}  // namespace caco
