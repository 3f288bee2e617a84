// What models are told about an execution.
#include "caco/stages/model_calls.h"

#include <gtest/gtest.h>

namespace caco {
namespace {

TEST(ModelCalls, OutputIsGivenAsPrinted) {
  struct Row {
    Json value;
    const char* repr;
    const char* printed;
  };
  const Row rows[] = {
      {"yes", "'yes'", "yes"},
      {"it's", "\"it's\"", "it's"},
      {"", "''", ""},
      {12, "12", "12"},
      {true, "True", "True"},
      {Json::array({"a", "b"}), "['a', 'b']", "['a', 'b']"},
      {nullptr, "None", "None"},
  };
  for (const Row& row : rows) {
    Execution execution;
    execution.output_value = row.value;
    execution.output_repr = row.repr;
    EXPECT_EQ(printed_output(execution), row.printed);
  }
}

TEST(ModelCalls, InputsAreGivenAsADictionary) {
  Execution execution;
  EXPECT_EQ(input_repr(execution), "{}");
  execution.inputs = {{"trays", "4"}, {"it's", "[1, 2]"}};
  EXPECT_EQ(input_repr(execution), "{'trays': 4, 'it\\'s': [1, 2]}");
}

}  // namespace
}  // namespace caco
