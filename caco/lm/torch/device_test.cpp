#include "caco/lm/torch/device.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

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

TEST(Device, SeveralAreForTraining) {
  for (const char* text : {"cuda:0,1", "cuda:0,cuda:1", "cuda:all", "cpu,cpu"}) {
    const Result<Device> device = parse_device(text);
    ASSERT_FALSE(device.ok()) << text;
    EXPECT_NE(device.error().message.find("one device"), std::string::npos);
    EXPECT_NE(device.error().hint.find("train"), std::string::npos);
  }
}

TEST(Device, ListsAreRead) {
  const struct {
    const char* text;
    const char* found;  // names, or a part of the error
    bool is_good;
  } rows[] = {{"cpu", "cpu", true},
              {"torch-cpu", "torch-cpu", true},
              {"cuda", "cuda:0", true},
              {"cuda:all", "cuda:all", true},
              {"cuda:0,cuda:1", "cuda:0 cuda:1", true},
              {"cuda:3,cuda:1,cuda:2", "cuda:3 cuda:1 cuda:2", true},
              {"cpu,cpu", "torch-cpu torch-cpu", true},
              {"torch-cpu,cpu,cpu", "torch-cpu torch-cpu torch-cpu", true},
              {"cuda:1,cuda:1", "cuda:1 is named twice", false},
              {"cuda,cuda:1,cuda:0", "cuda:0 is named twice", false},
              {"cpu,cuda:0", "do not train together", false},
              {"cuda:0,torch-cpu", "do not train together", false},
              {"cuda:all,cuda:0", "no such device: \"cuda:all\"", false},
              {"cuda:0,1", "no such device: \"1\"", false},
              {"cuda:0,cuda:64", "no such device: \"cuda:64\"", false},
              {"cuda:0,", "no such device: \"\"", false},
              {",", "no such device: \"\"", false},
              {"cuda:0, cuda:1", "no such device: \" cuda:1\"", false},
              {"gpu", "no such device: gpu", false},
              {"", "no such device", false}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    const Result<std::vector<Device>> devices = parse_devices(row.text);
    ASSERT_EQ(devices.ok(), row.is_good);
    if (!devices.ok()) {
      EXPECT_EQ(devices.error().code, ErrorCode::InvalidArgument);
      EXPECT_NE(devices.error().message.find(row.found), std::string::npos)
          << devices.error().message;
      continue;
    }
    std::string names;
    for (const Device& device : devices.value())
      names += (names.empty() ? "" : " ") + device_name(device);
    EXPECT_EQ(names, row.found);
  }
}

TEST(Device, ListsHaveABound) {
  std::string names = "cpu";
  for (int i = 0; i < 64; ++i)
    names += ",cpu";
  EXPECT_NE(parse_devices(names).error().message.find("more than 64"), std::string::npos);
}

}  // namespace
}  // namespace caco::lm
