#include "cli/sweep_text.h"

#include <gtest/gtest.h>

#include <limits>

namespace unroll {
namespace {

TEST(SettingText, IsShortForDrawnNumbersAndExactForTheRest) {
  EXPECT_EQ(setting_text(0.0012643871234567), "0.0012644");
  EXPECT_EQ(setting_text(1.1255123456789e-05), "1.1255e-05");
  EXPECT_EQ(setting_text(0.001), "0.001");
  EXPECT_EQ(setting_text(0.5), "0.5");
  EXPECT_EQ(setting_text(std::numeric_limits<double>::quiet_NaN()), "unset");
  EXPECT_EQ(setting_text(std::int64_t{1234567}), "1234567");
  EXPECT_EQ(setting_text(std::string("gru")), "gru");
}

TEST(RunText, NamesEverySettingShortly) {
  const Plan plan = parse_plan(R"(name: drawn
task: {type: adding, seq_len: 8, train_size: 64, valid_size: 32, test_size: 32}
sweep:
  method: random
  runs: 2
  parameters:
    train.lr: {distribution: log_uniform_values, min: 1e-5, max: 1e-2}
)",
                               "a.yaml");
  for (const PlannedRun& run : plan.runs)
    EXPECT_LT(run_text(plan, run).size(), std::string("lr=1.2345e-05 ").size());
}

}  // namespace
}  // namespace unroll
