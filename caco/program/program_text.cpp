#include "caco/program/program_text.h"

#include "caco/base/json.h"

namespace caco {
namespace {

constexpr std::string_view kBlank = " \t\r\n\f\v";

std::string_view trim(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

// Cuts blank lines before and after, but keeps the indentation of the first line.
std::string_view trim_lines(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  const size_t line = text.rfind('\n', first);
  const size_t start = line == std::string_view::npos ? 0 : line + 1;
  return text.substr(start, text.find_last_not_of(kBlank) - start + 1);
}

}  // namespace

std::string extract_program(std::string_view reply) {
  std::string_view program = reply;
  const size_t open = reply.find("```");
  if (open != std::string_view::npos) {
    size_t start = reply.find('\n', open);
    // ```x = 1``` on one line: what follows the fence is the program.
    const size_t close_on_line = reply.find("```", open + 3);
    if (start == std::string_view::npos || close_on_line < start) start = open + 2;
    const size_t close = reply.find("```", start + 1);
    program = reply.substr(start + 1, close == std::string_view::npos ? close : close - start - 1);
  }
  program = open == std::string_view::npos ? trim(program) : trim_lines(program);
  return program.empty() ? std::string() : std::string(program) + "\n";
}

std::string make_unify_program(std::string_view raw_program, std::string_view question,
                               std::string_view answer) {
  // JSON strings without special characters are Python strings: dump_json escapes what is not
  // plain text, and writes invalid bytes as U+FFFD, so that no input can leave its quotes.
  const auto quote = [](std::string_view text) {
    return dump_json(Json(std::string(text)));
  };
  return "from caco_unify import unify\n\ninput = {\"program\": " + quote(raw_program) +
         ", \"question\": " + quote(question) + ", \"answer\": " + quote(answer) +
         "}\noutput = unify(**input)\n";
}

}  // namespace caco
