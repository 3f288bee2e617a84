#include "caco/sandbox/control_groups.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "caco/base/file.h"

namespace caco {
namespace {

namespace fs = std::filesystem;

// A folder that looks like a group: plain files where the kernel has its own.
class ControlGroupsTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/caco-groups-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  void put(const std::string& path, const std::string& text) {
    fs::create_directories((folder_ / path).parent_path());
    std::ofstream(folder_ / path) << text;
  }
  std::string text_of(const std::string& path) { return read_file(folder_ / path).value(); }

  fs::path folder_;
};

TEST_F(ControlGroupsTest, GivesEachSlotItsLimits) {
  const std::string own = "caco-test";
  put("cgroup.controllers", "cpu memory pids\n");
  put("cgroup.subtree_control", "");
  put(own + "/cgroup.subtree_control", "");
  for (const char* slot : {"/slot-0", "/slot-1"}) {
    for (const char* name : {"/memory.max", "/pids.max", "/cgroup.procs"})
      put(own + slot + name, "");
  }
  const Result<std::unique_ptr<ControlGroups>> groups =
      ControlGroups::create(folder_, "caco-test", 2, {1 << 30, 16});
  ASSERT_TRUE(groups.ok()) << to_string(groups.error());
  EXPECT_EQ(text_of("cgroup.subtree_control"), "+memory +pids");
  EXPECT_EQ(text_of(own + "/slot-1/memory.max"), "1073741824");
  EXPECT_EQ(text_of(own + "/slot-1/pids.max"), "16");
  ASSERT_TRUE(groups.value()->add(1, 4321).ok());
  EXPECT_EQ(text_of(own + "/slot-1/cgroup.procs"), "4321");
  EXPECT_FALSE(groups.value()->add(7, 4321).ok());
}

TEST_F(ControlGroupsTest, SaysWhatIsMissing) {
  Result<std::unique_ptr<ControlGroups>> groups =
      ControlGroups::create(folder_, "caco-test", 1, {});
  ASSERT_FALSE(groups.ok());
  EXPECT_NE(groups.error().message.find("no version 2 hierarchy"), std::string::npos);
  put("cgroup.controllers", "hugetlb\n");
  groups = ControlGroups::create(folder_, "caco-test", 1, {});
  ASSERT_FALSE(groups.ok());
  EXPECT_EQ(groups.error().code, ErrorCode::Unavailable);
  EXPECT_NE(groups.error().message.find("the controller memory is not there"), std::string::npos);
  put("cgroup.controllers", "memory pids\n");
  groups = ControlGroups::create(folder_, "caco-test", 1, {});
  ASSERT_FALSE(groups.ok());
  EXPECT_NE(groups.error().message.find("cgroup.subtree_control"), std::string::npos);
}

TEST_F(ControlGroupsTest, FindsItsOwnGroup) {
  put("cgroup", "4:memory:/other\n0::/user.slice/a\n");
  put("mounts", "tmpfs /tmp tmpfs rw 0 0\ncgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n");
  const Result<std::string> found = own_group_folder(folder_ / "cgroup", folder_ / "mounts");
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found.value(), "/sys/fs/cgroup/user.slice/a");
  put("cgroup", std::string("0::/user.slice/a/") + kOwnLeaf + "\n");
  EXPECT_EQ(own_group_folder(folder_ / "cgroup", folder_ / "mounts").value(),
            "/sys/fs/cgroup/user.slice/a");
  put("cgroup", std::string("0::/") + kOwnLeaf + "\n");
  EXPECT_EQ(own_group_folder(folder_ / "cgroup", folder_ / "mounts").value(), "/sys/fs/cgroup");
  put("mounts", "tmpfs /tmp tmpfs rw 0 0\n");
  EXPECT_FALSE(own_group_folder(folder_ / "cgroup", folder_ / "mounts").ok());
}

}  // namespace
}  // namespace caco
