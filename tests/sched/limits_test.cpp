#include "sched/limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>

#include "base/error.h"
#include "sched/scheduler.h"

namespace unroll {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::Optional;

// A fake root folder with the files that a machine would have.
class Limits : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    root_ = fs::temp_directory_path() / ("unroll_limits_" + std::to_string(getpid()) + "_" + info->name());
    fs::remove_all(root_);
  }
  void TearDown() override { fs::remove_all(root_); }

  void put(const std::string& path, const std::string& text) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text << "\n";
  }
  void mount_v2(const std::string& point = "/sys/fs/cgroup") {
    put("proc/self/mountinfo", "20 1 0:5 / / rw - ext4 /dev/sda rw\n30 20 0:26 / " + point +
                                   " rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate");
  }

  fs::path root_;
};

TEST_F(Limits, NoCgroupIsNoLimit) {
  EXPECT_EQ(cgroup_cpu_quota(root_), std::nullopt);
  EXPECT_EQ(cgroup_memory_limit(root_), std::nullopt);
}

TEST_F(Limits, ReadsV2) {
  mount_v2();
  put("proc/self/cgroup", "0::/user/job");
  put("sys/fs/cgroup/user/job/cpu.max", "250000 100000");
  put("sys/fs/cgroup/user/job/memory.max", "1073741824");
  EXPECT_THAT(cgroup_cpu_quota(root_), Optional(2.5));
  EXPECT_THAT(cgroup_memory_limit(root_), Optional(1073741824U));
}

TEST_F(Limits, MaxIsNoLimit) {
  mount_v2();
  put("proc/self/cgroup", "0::/job");
  put("sys/fs/cgroup/job/cpu.max", "max 100000");
  put("sys/fs/cgroup/job/memory.max", "max");
  EXPECT_EQ(cgroup_cpu_quota(root_), std::nullopt);
  EXPECT_EQ(cgroup_memory_limit(root_), std::nullopt);
}

TEST_F(Limits, TheStrictestOnTheWayUpCounts) {
  mount_v2();
  put("proc/self/cgroup", "0::/slice/service/job");
  put("sys/fs/cgroup/slice/service/job/cpu.max", "max 100000");
  put("sys/fs/cgroup/slice/service/cpu.max", "150000 100000");
  put("sys/fs/cgroup/slice/cpu.max", "400000 100000");
  put("sys/fs/cgroup/slice/memory.max", "5000");
  put("sys/fs/cgroup/slice/service/job/memory.max", "9000");
  EXPECT_THAT(cgroup_cpu_quota(root_), Optional(1.5));
  EXPECT_THAT(cgroup_memory_limit(root_), Optional(5000U));
}

TEST_F(Limits, DoesNotLookAboveTheMountPoint) {
  mount_v2("/sys/fs/cgroup/unified");
  put("proc/self/cgroup", "0::/");
  put("sys/fs/cgroup/cpu.max", "100000 100000");
  put("sys/fs/cgroup/unified/cpu.max", "300000 100000");
  EXPECT_THAT(cgroup_cpu_quota(root_), Optional(3.0));
}

TEST_F(Limits, ReadsV1WithControllersThatShareAFolder) {
  put("proc/self/mountinfo",
      "31 30 0:28 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
      "32 30 0:29 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"
      "33 30 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory");
  put("proc/self/cgroup", "5:cpuset:/\n4:cpu,cpuacct:/job\n3:memory:/job\n1:name=systemd:/other");
  put("sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us", "-1");
  put("sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us", "100000");
  put("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "50000");
  put("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000");
  put("sys/fs/cgroup/memory/job/memory.limit_in_bytes", "2147483648");
  put("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712");
  EXPECT_THAT(cgroup_cpu_quota(root_), Optional(0.5));
  EXPECT_THAT(cgroup_memory_limit(root_), Optional(2147483648U));
}

// In a container the mount shows only a part of the tree, named in its fourth field.
TEST_F(Limits, ReadsAContainersPartOfTheTree) {
  put("proc/self/mountinfo", "33 30 0:30 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory");
  put("proc/self/cgroup", "3:memory:/docker/abc/inner");
  put("sys/fs/cgroup/memory/inner/memory.limit_in_bytes", "300");
  put("sys/fs/cgroup/memory/memory.limit_in_bytes", "400");
  EXPECT_THAT(cgroup_memory_limit(root_), Optional(300U));
  put("proc/self/cgroup", "3:memory:/elsewhere");
  EXPECT_THAT(cgroup_memory_limit(root_), Optional(400U));
}

TEST_F(Limits, AFolderThatIsGoneLeavesItsParents) {
  mount_v2();
  put("proc/self/cgroup", "0::/a/b");
  put("sys/fs/cgroup/memory.max", "700");
  EXPECT_THAT(cgroup_memory_limit(root_), Optional(700U));
}

TEST_F(Limits, GarbageIsNoLimit) {
  mount_v2();
  put("proc/self/cgroup", "nonsense\n0:\n0::/");
  for (const char* text : {"", "0 0", "100000", "-5 100000", "x y", "1 2 3"}) {
    put("sys/fs/cgroup/cpu.max", text);
    EXPECT_EQ(cgroup_cpu_quota(root_), std::nullopt) << text;
  }
  put("sys/fs/cgroup/memory.max", "12 kB");
  EXPECT_EQ(cgroup_memory_limit(root_), std::nullopt);
}

TEST_F(Limits, PhysicalMemoryIsThatOfTheKernel) {
  put("proc/meminfo", "MemTotal:       16384 kB\nMemFree:        100 kB");
  EXPECT_EQ(memory_limits(root_).physical, 16384U * 1024U);
  EXPECT_EQ(memory_limits(root_).usable(), 16384U * 1024U);
}

TEST(CoreLimits, TheLeastCounts) {
  EXPECT_EQ((CoreLimits{8, std::nullopt, std::nullopt}.usable()), 8U);
  EXPECT_EQ((CoreLimits{8, 2.5, std::nullopt}.usable()), 3U);
  EXPECT_EQ((CoreLimits{8, 0.2, std::nullopt}.usable()), 1U);
  EXPECT_EQ((CoreLimits{8, 6.0, 4U}.usable()), 4U);
  EXPECT_EQ((CoreLimits{2, 6.0, 4U}.usable()), 2U);
  EXPECT_EQ((CoreLimits{2, 1e300, std::nullopt}.usable()), 2U);
}

TEST(MemoryLimits, TheLeastCounts) {
  EXPECT_EQ((MemoryLimits{100, std::nullopt}.usable()), 100U);
  EXPECT_EQ((MemoryLimits{100, 50U}.usable()), 50U);
  EXPECT_EQ((MemoryLimits{100, 9223372036854771712U}.usable()), 100U);
  EXPECT_EQ((MemoryLimits{0, 50U}.usable()), 50U);
}

TEST(CoreLimits, SlurmCountIsAWholePositiveNumber) {
  EXPECT_THAT(parse_core_count("4"), Optional(4U));
  for (const char* text : {"", "0", "-1", "4x", "x", "1.5"}) {
    EXPECT_EQ(parse_core_count(text), std::nullopt) << text;
  }
  EXPECT_EQ(parse_core_count(nullptr), std::nullopt);
}

TEST(CoreLimits, ThisMachineHasACoreAndMemory) {
  EXPECT_GE(available_cores(), 1U);
  EXPECT_GT(available_memory(), std::size_t{1} << 20U);
  setenv("SLURM_CPUS_PER_TASK", "1", 1);
  EXPECT_EQ(available_cores(), 1U);
  unsetenv("SLURM_CPUS_PER_TASK");
}

TEST(Cores, AThreadCanBePinnedToAnAllowedOne) {
  const std::vector<std::size_t> before = allowed_cores();
  EXPECT_EQ(before.size(), core_limits().affinity);
  std::thread([&] {
    pin_to_core(before.back());
    EXPECT_THAT(allowed_cores(), ElementsAre(before.back()));
    if (before.size() > 1) {
      EXPECT_THROW(pin_to_core(before.front()), UsageError);
    }
  }).join();
  EXPECT_EQ(allowed_cores(), before);
  EXPECT_THROW(pin_to_core(std::size_t{1} << 60U), UsageError);
}

}  // namespace
}  // namespace unroll
