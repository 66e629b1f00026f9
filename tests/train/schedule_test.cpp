// Learning rate schedules against their formulas.
#include "train/schedule.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "base/error.h"
#include "tests/train/small_runs.h"
#include "train/trainer.h"

namespace unroll {
namespace {

constexpr std::size_t kSteps = 4;  // per epoch

TrainConfig with(const std::string& schedule) {
  TrainConfig config;
  config.schedule = schedule;
  config.epochs = 10;
  config.optimizer.lr = 0.5;
  config.lr_step = 3;
  config.lr_gamma = 0.25;
  config.lr_patience = 2;
  config.lr_final = 0.1;
  return config;
}

TEST(Schedule, EachStartsAtTheLearningRateAndNeverLeavesItsRange) {
  for (const ScheduleInfo& info : schedules()) {
    SCOPED_TRACE(info.name);
    const TrainConfig config = with(std::string(info.name));
    const Schedule schedule(config, kSteps);
    EXPECT_EQ(schedule.rate(0, 0), 0.5);
    for (std::size_t i = 1; i < 10 * kSteps; ++i) {
      const double rate = schedule.rate(i / kSteps, i % kSteps);
      EXPECT_GT(rate, 0.0);
      EXPECT_LE(rate, schedule.rate((i - 1) / kSteps, (i - 1) % kSteps));
    }
  }
}

TEST(Schedule, Formulas) {
  const TrainConfig step = with("step");
  EXPECT_EQ(Schedule(step, kSteps).rate(2, 3), 0.5);
  EXPECT_EQ(Schedule(step, kSteps).rate(3, 0), 0.125);
  EXPECT_EQ(Schedule(step, kSteps).rate(9, 0), 0.5 * std::pow(0.25, 3));
  const TrainConfig linear = with("linear");
  EXPECT_NEAR(Schedule(linear, kSteps).rate(5, 2), 0.5 * (1.0 - 0.9 * 0.55), 1e-15);
  const TrainConfig cosine = with("cosine");
  const double half = 0.5 * (1.0 + std::cos(std::numbers::pi * 0.55));
  EXPECT_NEAR(Schedule(cosine, kSteps).rate(5, 2), 0.5 * (0.1 + 0.9 * half), 1e-15);
}

TEST(Schedule, WarmUpRisesInAStraightLineAndTheRestFollowsIt) {
  for (const ScheduleInfo& info : schedules()) {
    TrainConfig config = with(std::string(info.name));
    config.warmup = 2.0;
    const Schedule schedule(config, kSteps);
    for (std::size_t i = 0; i < 2 * kSteps; ++i) {
      EXPECT_EQ(schedule.rate(i / kSteps, i % kSteps), 0.5 * static_cast<double>(i + 1) / 8.0) << info.name;
    }
    EXPECT_EQ(schedule.rate(2, 0), 0.5) << info.name;
  }
  TrainConfig config = with("linear");
  config.warmup = 2.0;
  EXPECT_NEAR(Schedule(config, kSteps).rate(6, 0), 0.5 * 0.55, 1e-15);
  RunConfig run = small_adding();
  run.train.warmup = static_cast<double>(run.train.epochs);
  EXPECT_THROW(estimate_run(run), UsageError);
}

TEST(Schedule, PlateauDropsAfterEpochsWithoutABetterLoss) {
  const TrainConfig config = with("plateau");
  Schedule schedule(config, kSteps);
  const double losses[] = {3.0, 2.0, 2.0, 2.5, 1.0, 1.0, 1.0, 1.0, 1.0};
  const double rates[] = {0.5, 0.5, 0.5, 0.125, 0.125, 0.125, 0.03125, 0.03125, 0.0078125};
  for (std::size_t i = 0; i < std::size(losses); ++i) {
    schedule.note(losses[i]);
    EXPECT_EQ(schedule.rate(i + 1, 0), rates[i]) << i;
  }
}

TEST(Schedule, UnknownNamesAreAUsersMistake) {
  EXPECT_THROW(Schedule(with("cosinus"), kSteps), UsageError);
}

// The rate that is recorded is the one that was used.
TEST(Schedule, RunsFollowIt) {
  RunConfig config = small_adding();
  config.train.epochs = 6;
  const RunRecord constant = train_run(config);
  for (const ScheduleInfo& info : schedules()) {
    SCOPED_TRACE(info.name);
    config.train.schedule = info.name;
    config.train.lr_step = 2;
    config.train.lr_patience = 1;
    const RunRecord record = train_run(config);
    ASSERT_EQ(record.state, RunState::kDone);
    const std::vector<double>& rates = record[Metric::kLearningRate];
    ASSERT_EQ(rates.size(), 6U);
    if (info.name == "constant") {
      EXPECT_EQ(record[Metric::kTrainLoss], constant[Metric::kTrainLoss]);
      for (const double rate : rates) EXPECT_EQ(rate, config.train.optimizer.lr);
    } else if (info.name != "plateau") {
      EXPECT_LT(rates.back(), rates.front());
      EXPECT_NE(record[Metric::kTrainLoss], constant[Metric::kTrainLoss]);
    }
  }
}

}  // namespace
}  // namespace unroll
