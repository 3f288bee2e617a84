#include "caco/base/json.h"

#include <gtest/gtest.h>

namespace caco {
namespace {

TEST(Json, RoundTripsWithKeysInOrder) {
  for (const std::string text :
       {R"({"b":1,"a":[true,null,"x"]})", R"("é")", "[]", "-12.5", R"({"x":"\u0000"})"}) {
    const Result<Json> value = parse_json(text);
    ASSERT_TRUE(value.ok()) << text;
    EXPECT_EQ(dump_json(value.value()), text);
  }
}

TEST(Json, RefusesBadText) {
  for (const std::string text : {"", "{", "[1,]", "nul", "\"\xff\"", "{\"a\":1} x", "01"}) {
    EXPECT_FALSE(parse_json(text).ok()) << text;
  }
}

TEST(Json, RefusesDeepNestingWithoutRecursion) {
  const std::string text(1000000, '[');
  const Result<Json> value = parse_json(text);
  ASSERT_FALSE(value.ok());
  EXPECT_NE(value.error().message.find("nested"), std::string::npos);
}

TEST(Json, BracketsInsideStringsDoNotCountAsNesting) {
  EXPECT_TRUE(parse_json("\"" + std::string(1000, '[') + "\"").ok());
}

TEST(Json, WritesInvalidUtf8AsReplacement) {
  EXPECT_EQ(dump_json(Json("a\xff")), "\"a\xef\xbf\xbd\"");
}

TEST(Json, TypedReadsSayWhatIsWrong) {
  const Json object = parse_json(R"({"n":3,"s":"x","f":1.5,"b":true,"z":null})").value();
  EXPECT_EQ(read_int(object, "n").value(), 3);
  EXPECT_EQ(read_string(object, "s").value(), "x");
  EXPECT_EQ(read_string(object, "z", "default").value(), "default");
  EXPECT_EQ(read_int(object, "absent", 7).value(), 7);
  EXPECT_EQ(read_double(object, "n").value(), 3.0);
  EXPECT_FALSE(read_int(object, "f").ok());
  EXPECT_FALSE(read_bool(object, "n").ok());
  EXPECT_EQ(read_string(object, "n").error().message,
            "wrong type of \"n\": expected a string, found number");
}

}  // namespace
}  // namespace caco
