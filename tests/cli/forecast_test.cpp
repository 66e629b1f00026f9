#include "cli/forecast.h"

#include <gtest/gtest.h>

#include <vector>

namespace unroll {
namespace {

TEST(ObservedRate, IsThatOfFinishedRuns) {
  std::vector<RunRecord> records(3);
  EXPECT_EQ(observed_rate(records), std::nullopt);
  records[0].state = RunState::kDone;
  records[0][Metric::kFlops] = {6e9};
  records[0][Metric::kWallSeconds] = {1.0};
  records[1] = records[0];
  records[1][Metric::kWallSeconds] = {2.0};
  records[2] = records[0];
  records[2].state = RunState::kFailed;
  EXPECT_DOUBLE_EQ(observed_rate(records).value(), 4e9);
}

}  // namespace
}  // namespace unroll
