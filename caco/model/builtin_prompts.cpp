// The built-in sets of prompts: texts and nothing else.
#include "caco/model/prompt_blocks.h"
#include "caco/model/prompts.h"

namespace caco {
namespace {

PromptSet embedded_prompts() {
  const std::string question = make_block("question", "{question}");
  PromptSet set;
  set.name = "embedded";
  set.escapes_markers = true;
  set.has_judge = false;
  set.unify_solution.raw = question + make_block("solution", "{solution}") + begin_block("program");
  set.unify_program = set.unify_solution;
  set.generate.raw = begin_block("program");
  set.reverse.raw = make_block("program", "{program}") + make_block("output", "{output}") +
                    begin_block("question");
  set.solve.raw = question + begin_block("solution");
  return set;
}

constexpr std::string_view kProgramForm = R"(The program has this form:
- First the imports, if any are needed: the standard library, numpy and sympy are there.
- Then one function. Its parameters are the quantities that the problem gives. It computes one
  intermediate result a line, each in a variable with a telling name, and returns the answer.
- Then `input = {...}`: a dict with one entry for each parameter, the key being the parameter's name
  and the value what the problem gives.
- The last two lines are `output = FUNCTION(**input)` and `print(output)`.
Never write a result as a constant: compute it. Use every entry of `input`. Write at least six lines,
not counting blank lines, comments and imports. Read no files and no keyboard, use no randomness.

)";

constexpr std::string_view kReplyWithProgram =
    "\n\nReply with the program alone, in one ```python block.";

PromptSet instruct_prompts() {
  const std::string program_block = "```python\n{program}\n```";
  PromptSet set;
  set.name = "instruct";
  const Message programmer{"system", "You write short and exact Python programs."};
  set.unify_solution.messages = {
      programmer,
      {"user",
       "Here are a problem and its worked solution. Write a Python program that takes the same "
       "steps "
       "as the solution and computes the final answer.\n\n" +
           std::string(kProgramForm) + "Problem:\n{question}\n\nSolution:\n{solution}" +
           std::string(kReplyWithProgram)}};
  set.unify_program.messages = {
      programmer,
      {"user",
       "Here are a problem and a program that solves it. Bring the program into another form "
       "without "
       "changing its reasoning. Where it has no concrete input of its own, take one from the "
       "problem's examples or its tests.\n\n" +
           std::string(kProgramForm) + "Problem:\n{question}\n\nProgram:\n" + program_block +
           std::string(kReplyWithProgram)}};
  // The form in which the published generator models of the method were trained: they continue an
  // empty user turn.
  set.generate.raw = make_block("system", "You are a helpful assistant.") + begin_block("user");
  set.reverse.messages = {
      {"system", "You invent problems for students."},
      {"user",
       "Here is a Python program with its input and its output. Write a problem in words that a "
       "student solves, without a computer, by the calculation that the program makes.\n\n"
       "- State every entry of the input with its value; the student sees only your text.\n"
       "- Ask for exactly the quantity that the program computes, in the form of its output.\n"
       "- Do not tell the output, the intermediate results or the method.\n"
       "- Do not speak of programs, functions, variables or code.\n"
       "- Choose a setting of your own in which the numbers make sense.\n\n"
       "Program:\n" +
           program_block +
           "\n\nInput:\n{input}\n\nOutput:\n{output}\n\nReply with the problem alone."}};
  set.solve.messages = {{"system", "You solve problems step by step and check each step."},
                        {"user",
                         "Solve this problem. Show your reasoning in short steps, and write the "
                         "final answer, without "
                         "units, inside \\boxed{} on the last line.\n\nProblem:\n{question}"}};
  set.judge.messages = {
      {"system", "You compare two ways of solving a problem."},
      {"user",
       "Here are a problem, a solution in words and a solution as a program. Do both reason in the "
       "same way: do they use the same given quantities, take steps that mean the same, and come "
       "to "
       "the same answer? Other wording, another order of independent steps, or several steps taken "
       "as one do not matter. A step that is missing, wrong or made up does.\n\n"
       "Problem:\n{question}\n\nSolution in words:\n{solution}\n\nProgram:\n" +
           program_block + "\n\nReply with one word: yes or no."}};
  return set;
}

}  // namespace

Result<PromptSet> builtin_prompts(std::string_view name) {
  if (name == "embedded") return embedded_prompts();
  if (name == "instruct") return instruct_prompts();
  return Error{ErrorCode::InvalidArgument, "no such prompts: " + std::string(name),
               "there are: embedded, instruct"};
}

}  // namespace caco
