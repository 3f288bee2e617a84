#include "caco/lm/reply_builder.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "caco/lm/small_model.h"

namespace caco::lm {
namespace {

GenerationRequest request_with_stops(std::vector<std::string> stops) {
  GenerationRequest request;
  request.prompts = {{1}};
  request.max_tokens = 1000;
  request.stop = std::move(stops);
  request.sampling.wants_logprobs = true;
  return request;
}

// Feeds the bytes of `text` one token each and joins what is streamed with '|'.
std::string stream(const Tokenizer& tokenizer, ReplyBuilder& builder, const std::string& text) {
  std::string streamed;
  for (char character : text) {
    if (builder.is_finished()) break;
    const int32_t id = tokenizer.encode(std::string(1, character), SpecialTokens::Ignore).front();
    builder.accept({.chosen = {id, -1.0f}, .top = {}});
    const std::optional<TextDelta> delta = builder.take_delta();
    if (delta && !delta->text.empty()) streamed += delta->text + "|";
  }
  return streamed;
}

TEST(ReplyBuilder, StopTexts) {
  const Tokenizer tokenizer = small_tokenizer();
  struct Row {
    std::vector<std::string> stops;
    const char* input;
    const char* text;
    const char* stop_reason;
    const char* streamed;
  };
  const Row rows[] = {
      {{}, "abc", "abc", "", "a|b|c|"},
      {{"xyz"}, "abxyzd", "ab", "xyz", "a|b|"},
      {{"xyz"}, "abxyd", "abxyd", "", "a|b|xyd|"},  // held back, then given
      {{"aab"}, "aaaab", "aa", "aab", "a|a|"},      // overlapping beginnings
      {{"b", "abc"}, "abc", "a", "b", ""},          // the one that is complete first
      {{"\n\n"}, "a\nb\n\nc", "a\nb", "\n\n", "a|\nb|"},
      {{"a"}, "a", "", "a", ""},
  };
  for (const Row& row : rows) {
    const GenerationRequest request = request_with_stops(row.stops);
    ReplyBuilder builder(tokenizer, request);
    const std::string streamed = stream(tokenizer, builder, row.input);
    const bool has_stop = std::string(row.stop_reason) != "";
    EXPECT_EQ(builder.is_finished(), has_stop) << row.input;
    if (!builder.is_finished()) builder.finish(FinishReason::Length);
    const Choice choice = builder.take_choice();
    EXPECT_EQ(choice.text, row.text);
    EXPECT_EQ(choice.stop_reason, row.stop_reason);
    EXPECT_EQ(choice.finish_reason, has_stop ? FinishReason::Stop : FinishReason::Length);
    EXPECT_EQ(choice.tokens.size(), choice.text.size());
    if (std::string(row.input) != "abc" || !has_stop) {
      EXPECT_EQ(streamed, row.streamed) << row.input;
    }
  }
}

TEST(ReplyBuilder, StopTextWithinAToken) {
  const Tokenizer tokenizer = small_tokenizer();
  const GenerationRequest request = request_with_stops({"he c"});
  ReplyBuilder builder(tokenizer, request);
  for (int32_t id : tokenizer.encode("and the cat", SpecialTokens::Ignore)) {
    if (!builder.is_finished()) builder.accept({.chosen = {id, 0.0f}, .top = {}});
  }
  ASSERT_TRUE(builder.is_finished());
  EXPECT_EQ(builder.take_choice().text, "and t");
}

TEST(ReplyBuilder, StreamedCharactersAreWhole) {
  const Tokenizer tokenizer = small_tokenizer();
  const GenerationRequest request = request_with_stops({});
  ReplyBuilder builder(tokenizer, request);
  EXPECT_EQ(stream(tokenizer, builder,
                   "a\xE2\x82\xAC"
                   "b\xC3"),
            "a|\xE2\x82\xAC|b|");
  builder.finish(FinishReason::Length);
  EXPECT_EQ(builder.take_delta()->text, "\xC3");  // nothing completes it any more
}

TEST(ReplyBuilder, SpecialTokensEndTheReply) {
  const Tokenizer tokenizer = small_tokenizer();
  GenerationRequest request = request_with_stops({});
  request.stop_token_ids = {50};
  for (int32_t id : {0, 1, 2, 50}) {
    ReplyBuilder builder(tokenizer, request);
    builder.accept({.chosen = {60, 0.0f}, .top = {}});
    builder.accept({.chosen = {id, 0.0f}, .top = {}});
    ASSERT_TRUE(builder.is_finished());
    const Choice choice = builder.take_choice();
    EXPECT_EQ(choice.text, tokenizer.token_bytes(60));
    EXPECT_EQ(choice.finish_reason, FinishReason::Stop);
    EXPECT_EQ(choice.num_tokens, 2);
    EXPECT_EQ(choice.tokens.size(), 1);
  }
}

TEST(ReplyBuilder, StopsThatStay) {
  const Tokenizer tokenizer = small_tokenizer();
  GenerationRequest request = request_with_stops({"xyz"});
  request.includes_stop = true;
  request.stop_token_ids = {50};
  ReplyBuilder by_text(tokenizer, request);
  EXPECT_EQ(stream(tokenizer, by_text, "abxyzd"), "a|b|xyz|");
  EXPECT_EQ(by_text.take_choice().text, "abxyz");
  ReplyBuilder by_id(tokenizer, request);
  by_id.accept({.chosen = {50, 0.0f}, .top = {}});
  ASSERT_TRUE(by_id.is_finished());
  const Choice choice = by_id.take_choice();
  EXPECT_EQ(choice.text, tokenizer.token_bytes(50));
  EXPECT_EQ(choice.stop_id, 50);
}

TEST(ReplyBuilder, NothingEndsAReplyBeforeItsLeastLength) {
  const Tokenizer tokenizer = small_tokenizer();
  GenerationRequest request = request_with_stops({"b", "ef"});
  request.min_tokens = 4;
  ReplyBuilder builder(tokenizer, request);
  EXPECT_TRUE(builder.must_go_on());
  // "b" came too early and is not found later; "ef" begins before the least length and counts.
  EXPECT_EQ(stream(tokenizer, builder, "abcdefgh"), "a|b|c|d|");
  EXPECT_FALSE(builder.must_go_on());
  const Choice choice = builder.take_choice();
  EXPECT_EQ(choice.text, "abcd");
  EXPECT_EQ(choice.stop_reason, "ef");
}

TEST(ReplyBuilder, SpecialTokensThatDoNotEndTheReply) {
  const Tokenizer tokenizer = small_tokenizer();
  GenerationRequest request = request_with_stops({});
  request.ignores_end = true;
  for (const bool is_skipped : {true, false}) {
    request.skips_special_tokens = is_skipped;
    ReplyBuilder builder(tokenizer, request);
    EXPECT_EQ(stream(tokenizer, builder, "a"), "a|");
    builder.accept({.chosen = {2, 0.0f}, .top = {}});
    EXPECT_FALSE(builder.is_finished());
    stream(tokenizer, builder, "b");
    builder.finish(FinishReason::Length);
    const std::string special = is_skipped ? "" : std::string(tokenizer.token_bytes(2));
    EXPECT_EQ(builder.take_choice().text, "a" + special + "b");
  }
}

TEST(ReplyBuilder, LengthAndRepetition) {
  const Tokenizer tokenizer = small_tokenizer();
  GenerationRequest request = request_with_stops({});
  request.max_tokens = 3;
  ReplyBuilder three(tokenizer, request);
  EXPECT_EQ(stream(tokenizer, three, "abcdef"), "a|b|c|");
  EXPECT_EQ(three.take_choice().finish_reason, FinishReason::Length);

  request.max_tokens = 1000;
  std::string circle;
  for (int i = 0; i < 100; ++i)
    circle += "going round ";
  ReplyBuilder circling(tokenizer, request);
  stream(tokenizer, circling, "once " + circle);
  ASSERT_TRUE(circling.is_finished());
  const Choice choice = circling.take_choice();
  EXPECT_EQ(choice.stop_reason, "repetition");
  EXPECT_EQ(choice.finish_reason, FinishReason::Length);
  EXPECT_LT(choice.num_tokens, 160);

  request.stops_repetition = false;
  ReplyBuilder allowed(tokenizer, request);
  stream(tokenizer, allowed, circle.substr(0, 900));
  EXPECT_FALSE(allowed.is_finished());
}

TEST(ReplyBuilder, CalculatorForcesTheValue) {
  const Tokenizer tokenizer = small_tokenizer();
  GenerationRequest request = request_with_stops({});
  for (bool uses_calculator : {true, false}) {
    request.uses_calculator = uses_calculator;
    ReplyBuilder builder(tokenizer, request);
    std::vector<int32_t> forced;
    for (int32_t id : tokenizer.encode("<<12*12=", SpecialTokens::Ignore)) {
      EXPECT_TRUE(forced.empty());
      forced = builder.accept({.chosen = {id, -1.0f}, .top = {}});
    }
    EXPECT_EQ(tokenizer.decode(forced), uses_calculator ? "144>>" : "");
    for (int32_t id : forced)
      builder.accept_forced(id);
    builder.finish(FinishReason::Length);
    EXPECT_EQ(builder.take_choice().text, uses_calculator ? "<<12*12=144>>" : "<<12*12=");
  }
}

}  // namespace
}  // namespace caco::lm
