#include "cli/train_sweep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <numeric>

#include "tests/cli/program.h"

namespace unroll {
namespace {

using ::testing::HasSubstr;

constexpr const char* kSeries = R"(name: series
task:  {type: series, file: data.csv, seq_len: 4}
model: {hidden: 4}
train: {epochs: 1, batch: 8}
sweep:
  seeds: 3
)";

std::vector<std::size_t> all_runs(const Plan& plan) {
  std::vector<std::size_t> runs(plan.runs.size());
  std::iota(runs.begin(), runs.end(), std::size_t{0});
  return runs;
}

class TrainSweep : public ::testing::Test {
 protected:
  TrainSweep() : place_(kSeries) {
    std::string csv = "value\n";
    for (int i = 0; i < 100; ++i) csv += std::to_string(std::sin(i)) + "\n";
    place_.write("data.csv", csv);
    console_.set_quiet(true);
  }
  Plan plan(const std::vector<std::string>& overrides = {}) const {
    return load_plan(place_.file("a.yaml"), overrides);
  }
  SweepFiles files() const { return sweep_files(place_.file("a.h5")); }

  testing::Workplace place_;
  Console console_;
  StopSignals signals_;
};

TEST_F(TrainSweep, RecordsWhoDidWhatAndWhen) {
  const Plan plan = this->plan();
  RecordKeeper keeper(plan, files());
  const SweepOutcome outcome = train_sweep(plan, all_runs(plan), {2}, keeper, signals_, console_);
  keeper.finish();
  EXPECT_EQ(outcome.ran, 3U);
  for (const RunRecord& record : read_results(files().results).runs) {
    EXPECT_EQ(record.state, RunState::kDone);
    ASSERT_EQ(record[Metric::kWorker].size(), 1U);
    EXPECT_LT(record[Metric::kWorker][0], 2.0);
    EXPECT_GT(record[Metric::kStartTime].at(0), 1.7e9);
  }
}

// What a run throws is its record; the others go on.
TEST_F(TrainSweep, ARunThatThrowsIsARecordOfFailure) {
  const Plan plan = this->plan();
  std::filesystem::remove(place_.file("data.csv"));
  RecordKeeper keeper(plan, files());
  const SweepOutcome outcome = train_sweep(plan, all_runs(plan), {2}, keeper, signals_, console_);
  EXPECT_EQ(outcome.ran, 3U);
  EXPECT_FALSE(outcome.too_many_failures);
  keeper.finish();
  for (const RunRecord& record : read_results(files().results).runs) {
    EXPECT_EQ(record.state, RunState::kFailed);
    EXPECT_THAT(record.message, HasSubstr("data.csv"));
  }
}

TEST_F(TrainSweep, StopsAtMaxFails) {
  const Plan plan = this->plan({"sweep.seeds=20", "sweep.max_fails=2"});
  std::filesystem::remove(place_.file("data.csv"));
  RecordKeeper keeper(plan, files());
  const SweepOutcome outcome = train_sweep(plan, all_runs(plan), {1}, keeper, signals_, console_);
  EXPECT_TRUE(outcome.too_many_failures);
  EXPECT_EQ(outcome.ran, 2U);
}

TEST_F(TrainSweep, TheRateIsThatOfRunsThatAreDone) {
  const Plan plan = this->plan();
  {
    RecordKeeper keeper(plan, files());
    EXPECT_EQ(keeper.rate(), std::nullopt);
    RunRecord record;
    record.state = RunState::kDone;
    record[Metric::kFlops] = {6e9};
    record[Metric::kWallSeconds] = {1.0};
    record[Metric::kBestValidLoss] = {0.5};
    record.epochs = 1;
    record[Metric::kValidLoss] = {0.5};
    keeper.add(0, record);
    record[Metric::kWallSeconds] = {2.0};
    record[Metric::kValidLoss] = {0.25};
    keeper.add(1, record);
    record.state = RunState::kFailed;
    record[Metric::kValidLoss] = {0.125};
    keeper.add(2, record);
    keeper.sync();
  }
  const RecordKeeper keeper(plan, files());
  EXPECT_DOUBLE_EQ(keeper.rate().value(), 4e9);
  EXPECT_EQ(keeper.best(), std::optional(std::make_pair(0.25, std::size_t{1})));
}

TEST_F(TrainSweep, TheMetricOfARunIsItsBestEpoch) {
  RunRecord record;
  record[Metric::kValidLoss] = {std::nan(""), 0.5, 0.25, 0.75};
  EXPECT_DOUBLE_EQ(metric_value(record, {"valid_loss", true}), 0.25);
  EXPECT_DOUBLE_EQ(metric_value(record, {"valid_loss", false}), 0.75);
  EXPECT_TRUE(std::isnan(metric_value(record, {"test_loss", true})));
}

}  // namespace
}  // namespace unroll
