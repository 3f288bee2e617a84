#include "caco/sandbox/base64.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace caco {
namespace {

TEST(Base64, GoesThereAndBack) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {std::string("\0\xff\xfe", 3), "AP/+"},
      {"\xfb\xef\xbe", "++++"},
  };
  for (const auto& [bytes, text] : rows) {
    EXPECT_EQ(base64_encode(bytes), text);
    EXPECT_EQ(base64_decode(text), bytes) << text;
  }
}

TEST(Base64, RefusesWhatIsNone) {
  for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm 9v", "Zm9v\n", "Zm9-",
                           "====", "Z===", "=Zg=", "Zg==Zg==", "Zm8=Zm9v"}) {
    EXPECT_FALSE(base64_decode(text)) << text;
  }
}

}  // namespace
}  // namespace caco
