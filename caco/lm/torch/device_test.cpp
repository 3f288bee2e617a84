#include "caco/lm/torch/device.h"

#include <gtest/gtest.h>

#include <string>

namespace caco::lm {
namespace {

TEST(Device, NamesAreRead) {
  const struct {
    const char* text;
    const char* name;  // nullptr: refused
  } rows[] = {{"cpu", "cpu"},         {"cuda", "cuda:0"},   {"cuda:0", "cuda:0"},
              {"cuda:63", "cuda:63"}, {"cuda:64", nullptr}, {"cuda:", nullptr},
              {"cuda:x", nullptr},    {"cuda:-1", nullptr}, {"cuda:1x", nullptr},
              {"", nullptr},          {"gpu", nullptr},     {"torch-cpu", "torch-cpu"},
              {"CPU", nullptr},       {"cuda:0,1", nullptr}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    const Result<Device> device = parse_device(row.text);
    ASSERT_EQ(device.ok(), row.name != nullptr);
    if (device.ok()) {
      EXPECT_EQ(device_name(device.value()), row.name);
    } else {
      EXPECT_EQ(device.error().code, ErrorCode::InvalidArgument);
    }
  }
}

TEST(Device, SeveralGpusAreRefusedWithAWayOut) {
  const Error error = parse_device("cuda:0,1").error();
  EXPECT_NE(error.message.find("one GPU"), std::string::npos);
  EXPECT_NE(error.hint.find("recipe"), std::string::npos);
}

}  // namespace
}  // namespace caco::lm
