// Templates of any shape: what is rendered, what of it is learned, and what cannot be smuggled in.
#include "caco/lm/turn_template.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "caco/base/file.h"
#include "caco/lm/byte_tokenizer.h"
#include "caco/lm/chat_template.h"

namespace caco::lm {
namespace {

const std::vector<Turn> kDialogue = {{"system", "S", false},
                                     {"user", "U", false},
                                     {"assistant", "A", true},
                                     {"user", "V", false},
                                     {"assistant", "B", true}};

struct Rendered {
  std::string text;
  std::string learned;
};

Rendered rendered(const TurnTemplate& format, const std::vector<Turn>& turns) {
  const Tokenizer tokenizer = byte_tokenizer();
  const LabelledTokens record = render_turns(tokenizer, format, turns, /*eos_id=*/0).value();
  EXPECT_EQ(record.tokens.size(), record.is_target.size());
  std::vector<int32_t> learned;
  for (size_t i = 0; i < record.tokens.size(); ++i) {
    if (record.is_target[i] == 1) learned.push_back(record.tokens[i]);
  }
  return {tokenizer.decode(record.tokens), tokenizer.decode(learned)};
}

TEST(TurnTemplate, BuiltInTemplates) {
  const struct {
    const char* name;
    const char* text;
    const char* learned;
  } rows[] = {
      {"chatml",
       "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nU<|im_end|>\n<|im_start|>assistant\n"
       "A<|im_end|>\n<|im_start|>user\nV<|im_end|>\n<|im_start|>assistant\nB<|im_end|>",
       "A<|im_end|>B<|im_end|>"},
      {"open-user",
       "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nUA<|im_end|>\n"
       "<|im_start|>user\nVB<|im_end|>",
       "A<|im_end|>B<|im_end|>"},
      {"alpaca",
       "S\n\n### Instruction:\nU\n\n### Response:\nA<|endoftext|>\n\n"
       "### Instruction:\nV\n\n### Response:\nB<|endoftext|>",
       "A<|endoftext|>B<|endoftext|>"},
  };
  for (const auto& row : rows) {
    const Rendered found = rendered(find_turn_template(row.name).value(), kDialogue);
    EXPECT_EQ(found.text, row.text) << row.name;
    EXPECT_EQ(found.learned, row.learned) << row.name;
  }
}

// The user's turn stays open, and the completion continues it.
TEST(TurnTemplate, GeneratorContinuesTheUsersTurn) {
  const TurnTemplate format = find_turn_template("open-user").value();
  const Rendered found = rendered(format, {{"user", "P", false}, {"assistant", "C", true}});
  EXPECT_EQ(found.text,
            "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n"
            "PC<|im_end|>");
  EXPECT_EQ(found.learned, "C<|im_end|>");
}

TEST(TurnTemplate, ContentsHaveNoSpecialTokens) {
  const Tokenizer tokenizer = byte_tokenizer();
  const TurnTemplate format = find_turn_template("chatml").value();
  const LabelledTokens record =
      render_turns(tokenizer, format,
                   {{"user", "<|im_end|>", false}, {"assistant", "<|im_start|>", true}}, -1)
          .value();
  EXPECT_EQ(std::count(record.tokens.begin(), record.tokens.end(), 1), 2);
  EXPECT_EQ(std::count(record.tokens.begin(), record.tokens.end(), 2), 2);
}

TEST(TurnTemplate, FilesGiveAnyShape) {
  const std::string path = testing::TempDir() + "/turn_template_test.json";
  const std::string good =
      "{\"user\": {\"prefix\": \"Q: \", \"suffix\": \"\\n\"}, \"assistant\": {\"prefix\": \"A: \", "
      "\"suffix\": \"\\n\"}, \"end\": \"<|im_end|>\", \"separator\": \"--\"}";
  ASSERT_TRUE(write_file_atomic(path, good).ok());
  const Rendered found = rendered(find_turn_template(path).value(), {{"user", "U", false},
                                                                     {"assistant", "A", true},
                                                                     {"user", "V", false},
                                                                     {"assistant", "B", false}});
  EXPECT_EQ(found.text, "Q: U\nA: A<|im_end|>\n--Q: V\nA: B<|im_end|>");
  EXPECT_EQ(found.learned, "A<|im_end|>");
  const struct {
    const char* content;
    const char* problem;
  } rows[] = {{"[]", "not an object"},
              {"{\"users\": {}}", "unknown field of a template: users"},
              {"{\"user\": {\"prefx\": \"\"}}", "unknown field of a template: user.prefx"},
              {"{\"user\": \"U\"}", "not an object: user"},
              {"{\"end\": 3}", "wrong type of \"end\""}};
  for (const auto& row : rows) {
    ASSERT_TRUE(write_file_atomic(path, row.content).ok());
    const Result<TurnTemplate> bad = find_turn_template(path);
    ASSERT_FALSE(bad.ok()) << row.content;
    EXPECT_NE(bad.error().message.find(row.problem), std::string::npos) << bad.error().message;
  }
  EXPECT_EQ(find_turn_template("chatlm").error().code, ErrorCode::NotFound);
}

TEST(TurnTemplate, SomethingMustEndATurn) {
  const Tokenizer tokenizer = byte_tokenizer();
  const TurnTemplate format = find_turn_template("alpaca").value();
  EXPECT_FALSE(render_turns(tokenizer, format, kDialogue, -1).ok());
  EXPECT_TRUE(render_turns(tokenizer, format, kDialogue, 0).ok());
}

TEST(TurnTemplate, JinjaSaysTheSame) {
  const std::string chatml = to_jinja(find_turn_template("chatml").value(), "");
  EXPECT_NE(chatml.find("{{ '<|im_start|>user\\n' + message['content'] + '<|im_end|>\\n' }}"),
            std::string::npos)
      << chatml;
  EXPECT_NE(
      chatml.find("{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"),
      std::string::npos);
  // Two notations, as the families of chat_template.h say what published models render (Llama 3
  // trims contents), and these what is trained; where both have a name, they mean the same.
  const Json messages =
      to_json({{"system", "S"}, {"user", "U"}, {"assistant", "A"}, {"user", "V"}});
  for (const char* name : {"chatml", "llama3"}) {
    const std::string source = to_jinja(find_turn_template(name).value(), "");
    const ChatTemplate trained = ChatTemplate::from_jinja(source, {}).value();
    const ChatTemplate published = ChatTemplate::named(name).value();
    for (const bool asks : {true, false}) {
      ChatOptions options;
      options.add_generation_prompt = asks;
      EXPECT_EQ(trained.render(messages, options).value().bytes,
                published.render(messages, options).value().bytes)
          << name;
    }
  }
  TurnTemplate quotes;
  quotes.user = {"it's \\", ""};
  EXPECT_NE(to_jinja(quotes, "</s>").find("{{ 'it\\'s \\\\' + message"), std::string::npos);
  EXPECT_NE(to_jinja(quotes, "</s>").find("+ '</s>' }}"), std::string::npos);
}

}  // namespace
}  // namespace caco::lm
