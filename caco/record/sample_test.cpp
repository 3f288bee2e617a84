#include "caco/record/sample.h"

#include <gtest/gtest.h>

#include <random>

namespace caco {
namespace {

Sample full_sample() {
  Sample sample;
  sample.id = make_sample_id("", "seeds", 7);
  sample.parent = make_sample_id("", "seeds", 6);
  sample.origin = Origin::Generated;
  sample.round = 2;
  sample.seed = Seed{"gsm8k", "train.jsonl:3", "g-3", "How many?", "2 + 2", "x = 4", "4"};
  sample.program = Program{"input = {\"a\": 1}\noutput = 1\n", "mechanical"};
  Execution execution;
  execution.verdict = ExecutionVerdict::Ok;
  execution.inputs = {{"b", "2"}, {"a", "'x'"}};
  execution.input_value = parse_json(R"({"b":2,"a":"x"})").value();
  execution.output_repr = "[1, 2]";
  execution.output_value = parse_json("[1,2.5,null]").value();
  execution.stdout_text = "[1, 2]\n";
  execution.error_line = 0;
  execution.facts = ProgramFacts{6, {"b", "a"}, {"a"}, {"math"}, "f", "0123"};
  sample.execution = execution;
  sample.problem = Problem{"What is it?", "reverser"};
  sample.solutions = {{"It is 4.\n#### 4", "4", "stop"}, {"", "", "length"}};
  sample.verification = Verification{2, 1, 0, 0, "steps", {"b"}};
  sample.rejection = Rejection{RejectReason::AnswerDiffers, "12-verify", "1 of 2 agree"};
  return sample;
}

TEST(Sample, EncodesPartsInAFixedOrder) {
  EXPECT_EQ(encode_sample(full_sample()),
            R"({"v":1,"id":")" + make_sample_id("", "seeds", 7) + R"(","parent":")" +
                make_sample_id("", "seeds", 6) +
                R"(","origin":"generated","round":2,)"
                R"("seed":{"source":"gsm8k","location":"train.jsonl:3","seed_id":"g-3",)"
                R"("question":"How many?","solution":"2 + 2","program":"x = 4","answer":"4"},)"
                R"("program":{"text":"input = {\"a\": 1}\noutput = 1\n","made_by":"mechanical"},)"
                R"("execution":{"verdict":"ok","inputs":[["b","2"],["a","'x'"]],)"
                R"("input_value":{"b":2,"a":"x"},"output_repr":"[1, 2]",)"
                R"("output_value":[1,2.5,null],"stdout":"[1, 2]\n","error_line":0,)"
                R"("is_deterministic":true,"facts":{"effective_lines":6,)"
                R"("input_names":["b","a"],"unused_inputs":["a"],"imports":["math"],)"
                R"("normal_form":"f","structure":"0123"}},)"
                R"("problem":{"question":"What is it?","made_by":"reverser"},)"
                R"("solutions":[{"text":"It is 4.\n#### 4","answer":"4","finish":"stop"},)"
                R"({"finish":"length"}],)"
                R"("verification":{"num_solutions":2,"num_equal":1,"num_unknown":0,"chosen":0,)"
                R"("consistency":"steps","missing_inputs":["b"]},)"
                R"("rejection":{"reason":"answer_differs","step":"12-verify",)"
                R"("detail":"1 of 2 agree"}})");
}

TEST(Sample, AbsentPartsAreLeftOut) {
  Sample sample;
  sample.id = "x";
  EXPECT_EQ(encode_sample(sample), R"({"v":1,"id":"x","origin":"seed","round":1})");
  const Result<Sample> decoded = decode_sample(encode_sample(sample));
  ASSERT_TRUE(decoded.ok());
  for (const Part part : {Part::Seed, Part::Program, Part::Execution, Part::Problem,
                          Part::Solutions, Part::Verification}) {
    EXPECT_FALSE(has_part(decoded.value(), part)) << to_string(part);
    EXPECT_TRUE(has_part(full_sample(), part)) << to_string(part);
  }
}

TEST(Sample, FullSampleRoundTrips) {
  const std::string line = encode_sample(full_sample());
  const Result<Sample> decoded = decode_sample(line);
  ASSERT_TRUE(decoded.ok()) << to_string(decoded.error());
  EXPECT_EQ(encode_sample(decoded.value()), line);
  const Sample& sample = decoded.value();
  EXPECT_EQ(sample.origin, Origin::Generated);
  EXPECT_EQ(sample.seed->answer, "4");
  EXPECT_EQ(sample.execution->inputs[0].first, "b");
  EXPECT_EQ(sample.execution->output_value[1], 2.5);
  EXPECT_EQ(sample.solutions.size(), 2U);
  EXPECT_EQ(sample.verification->missing_inputs, std::vector<std::string>{"b"});
  EXPECT_EQ(sample.rejection->reason, RejectReason::AnswerDiffers);
}

// Text from pieces that stress the codec: quotes, control characters, several scripts, nothing.
std::string random_text(std::mt19937_64& random) {
  static const std::vector<std::string> kPieces = {
      "a", "\"",   "\\", "\n", "\t", std::string(1, '\0'), "\x1f", "\x7f",
      "é", "日本", "🍋",  "{",  "]"};
  std::string text;
  for (uint64_t i = random() % 6; i > 0; --i)
    text += kPieces[random() % kPieces.size()];
  return text;
}

Sample random_sample(std::mt19937_64& random) {
  Sample sample;
  sample.id = "id" + random_text(random);
  sample.parent = random_text(random);
  sample.origin = random() % 2 == 0 ? Origin::Seed : Origin::Generated;
  sample.round = static_cast<int64_t>(random());
  if (random() % 2 == 0) {
    sample.seed = Seed{random_text(random), "", random_text(random), random_text(random), "",
                       random_text(random), ""};
  }
  if (random() % 2 == 0) sample.program = Program{random_text(random), random_text(random)};
  if (random() % 2 == 0) {
    Execution execution;
    execution.verdict = static_cast<ExecutionVerdict>(random() % 13);
    for (uint64_t i = random() % 3; i > 0; --i) {
      execution.inputs.emplace_back(random_text(random), random_text(random));
    }
    if (random() % 2 == 0) execution.output_value = Json::array({random_text(random), 0.1, -3});
    execution.error_line = static_cast<int64_t>(random() % 100);
    execution.is_deterministic = random() % 2 == 0;
    execution.facts.imports = {random_text(random)};
    sample.execution = execution;
  }
  if (random() % 2 == 0) sample.problem = Problem{random_text(random), ""};
  for (uint64_t i = random() % 3; i > 0; --i) {
    sample.solutions.push_back({random_text(random), random_text(random), "stop"});
  }
  if (random() % 2 == 0) sample.verification = Verification{3, 2, 1, -1, random_text(random), {}};
  if (random() % 2 == 0) {
    const auto reasons = all_reject_reasons();
    sample.rejection =
        Rejection{reasons[random() % reasons.size()], random_text(random), random_text(random)};
  }
  return sample;
}

TEST(Sample, RandomSamplesRoundTrip) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 2000; ++i) {
    const Sample sample = random_sample(random);
    const std::string line = encode_sample(sample);
    EXPECT_EQ(line.find('\n'), std::string::npos);
    const Result<Sample> decoded = decode_sample(line);
    ASSERT_TRUE(decoded.ok()) << to_string(decoded.error()) << "\n" << line;
    ASSERT_EQ(encode_sample(decoded.value()), line);
    EXPECT_EQ(dump_json(parse_json(line).value()), line);
    EXPECT_EQ(decoded.value().id, sample.id);
    EXPECT_EQ(decoded.value().round, sample.round);
  }
}

TEST(Sample, BytesThatAreNotUtf8AreReplaced) {
  Sample sample;
  sample.id = "x";
  sample.parent = "a\xff";
  const Result<Sample> decoded = decode_sample(encode_sample(sample));
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded.value().parent, "a\xef\xbf\xbd");
}

TEST(Sample, RefusesBadLinesAndNamesTheKey) {
  struct Row {
    std::string line;
    std::string message;  // must be part of the error's
  };
  const std::string head = R"({"v":1,"id":"x","origin":"seed","round":1)";
  const std::vector<Row> rows = {
      {"", "not valid JSON"},
      {"{", "not valid JSON"},
      {"[]", "expected an object, found array"},
      {"{}", "unknown version of the sample format: 0"},
      {R"({"v":2,"id":"x"})", "unknown version of the sample format: 2"},
      {R"({"v":"1"})", "wrong type of \"v\""},
      {R"({"v":1,"origin":"seed","round":1})", "missing key \"id\""},
      {R"({"v":1,"id":"","origin":"seed"})", "missing key \"id\""},
      {R"({"v":1,"id":3,"origin":"seed"})", "wrong type of \"id\""},
      {R"({"v":1,"id":"x"})", "missing key \"origin\""},
      {R"({"v":1,"id":"x","origin":"moon"})", "unknown value of \"origin\": \"moon\""},
      {R"({"v":1,"id":"x","origin":"seed","round":"1"})", "wrong type of \"round\""},
      {R"({"v":1,"id":"x","origin":"seed","round":1.5})", "wrong type of \"round\""},
      {R"({"v":1,"id":"x","origin":"seed","round":18446744073709551615})",
       "wrong type of \"round\""},
      {head + R"(,"colour":1})", "unknown key \"colour\""},
      {head + R"(,"seed":[]})", "wrong type of \"seed\""},
      {head + R"(,"seed":{"answer":4}})", "wrong type of \"seed.answer\""},
      {head + R"(,"seed":{"gold":"4"}})", "unknown key \"seed.gold\""},
      {head + R"(,"execution":{}})", "missing key \"execution.verdict\""},
      {head + R"(,"execution":{"verdict":"fine"}})", "unknown value of \"execution.verdict\""},
      {head + R"(,"execution":{"verdict":"ok","inputs":[["a"]]}})",
       "wrong type of \"execution.inputs\""},
      {head + R"(,"execution":{"verdict":"ok","inputs":{"a":"1"}}})",
       "wrong type of \"execution.inputs\""},
      {head + R"(,"execution":{"verdict":"ok","is_deterministic":1}})",
       "wrong type of \"execution.is_deterministic\""},
      {head + R"(,"execution":{"verdict":"ok","facts":{"imports":["a",1]}}})",
       "wrong type of \"execution.facts.imports\""},
      {head + R"(,"solutions":{}})", "wrong type of \"solutions\""},
      {head + R"(,"solutions":[{},3]})", "wrong type of \"solutions[1]\""},
      {head + R"(,"solutions":[{"texts":""}]})", "unknown key \"solutions[0].texts\""},
      {head + R"(,"rejection":{"step":"a"}})", "missing key \"rejection.reason\""},
      {head + R"(,"rejection":{"reason":"bad"}})", "unknown value of \"rejection.reason\""},
      {std::string(100000, '['), "nested"},
  };
  for (const Row& row : rows) {
    const Result<Sample> decoded = decode_sample(row.line);
    ASSERT_FALSE(decoded.ok()) << row.line;
    EXPECT_EQ(decoded.error().code, ErrorCode::InvalidArgument);
    EXPECT_NE(decoded.error().message.find(row.message), std::string::npos)
        << row.line << "\n"
        << decoded.error().message;
  }
}

TEST(Sample, NullMeansAbsent) {
  const Result<Sample> decoded =
      decode_sample(R"({"v":1,"id":"x","parent":null,"origin":"seed","round":null,"seed":null})");
  ASSERT_TRUE(decoded.ok()) << to_string(decoded.error());
  EXPECT_FALSE(decoded.value().seed.has_value());
  EXPECT_EQ(decoded.value().round, 1);
}

TEST(Sample, IdsDependOnParentStepAndOrdinal) {
  const std::string id = make_sample_id("p", "solve", 1);
  EXPECT_EQ(id.size(), 32U);
  EXPECT_EQ(id, make_sample_id("p", "solve", 1));
  EXPECT_NE(id, make_sample_id("p", "solve", 2));
  EXPECT_NE(id, make_sample_id("ps", "olve", 1));
}

TEST(Sample, VerdictNamesRoundTrip) {
  for (int i = 0; i < 13; ++i) {
    const ExecutionVerdict verdict = static_cast<ExecutionVerdict>(i);
    EXPECT_EQ(execution_verdict_from_string(to_string(verdict)), verdict);
  }
  EXPECT_EQ(to_string(ExecutionVerdict::CpuTimeLimit), "cpu_time_limit");
  EXPECT_FALSE(execution_verdict_from_string("Ok").has_value());
}

}  // namespace
}  // namespace caco
