#include "simd/targets.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/error.h"
#include "simd/kernels.h"

namespace unroll {
namespace {

TEST(Targets, NamesAreUniqueAndTheLastResortIsSupported) {
  std::set<std::string> names;
  for (const simd::Target& target : simd::targets())
    EXPECT_TRUE(names.insert(std::string(target.name)).second);
  EXPECT_TRUE(names.contains("scalar"));
  EXPECT_TRUE(simd::targets().back().supported);
}

#if defined(__x86_64__) && defined(__GNUC__)
// The program is compiled for any x86-64; the best instruction set is found when it runs.
TEST(Targets, TheMachinesBestIsChosen) {
  const std::string best = simd::target_name();
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
    EXPECT_EQ(best, "avx512");
    EXPECT_EQ(simd::kernels().lanes, 16U);
  } else if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    EXPECT_EQ(best, "avx2");
    EXPECT_EQ(simd::kernels().lanes, 8U);
  }
}
#endif

TEST(Targets, EverySupportedTargetCanBeForced) {
  const std::string best = simd::target_name();
  for (const simd::Target& target : simd::targets()) {
    if (!target.supported) {
      EXPECT_THROW(simd::force_target(target.name), UsageError);
      continue;
    }
    simd::force_target(target.name);
    EXPECT_EQ(simd::target_name(), target.name);
    EXPECT_EQ(simd::kernels().lanes, target.lanes);
  }
  simd::force_target("");
  EXPECT_EQ(simd::target_name(), best);
}

TEST(Targets, AnUnknownNameIsAUsersMistake) {
  try {
    simd::force_target("avx1024");
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_NE(error.message().find("avx1024"), std::string::npos);
    EXPECT_NE(error.hint().find("scalar"), std::string::npos);
  }
}

}  // namespace
}  // namespace unroll
