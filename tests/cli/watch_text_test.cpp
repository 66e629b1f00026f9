#include "cli/watch_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "cli/quantity.h"
#include "sweep/plan.h"

namespace unroll {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

constexpr const char* kExperiment = R"(name: sizes
task: {type: adding, seq_len: 8, train_size: 64, valid_size: 32, test_size: 32}
sweep:
  seeds: 2
  parameters:
    model.cell:   [rnn, gru]
    model.hidden: [4, 8]
)";

RunRecord ended(RunState state, std::string message = "") {
  RunRecord record;
  record.state = state;
  record.message = std::move(message);
  return record;
}

// Runs 0 .. 3 are rnn, 4 .. 7 gru; of each the first two have hidden 4.
BoardState half_way(const Plan& plan) {
  RunBoard board(plan, 2);
  board.skip(0, RunState::kDone, 0.5);
  board.skip(1, RunState::kDiverged, kNaN);
  board.begin(4, 0);
  board.begin(5, 1);
  for (const double loss : {0.4, 0.2, 0.1}) board.epoch(0, {0, 3, 1.0, loss});
  board.epoch(1, {0, 3, 1.0, 0.4});
  board.end(0, ended(RunState::kDone), 0.1);
  board.begin(6, 0);
  board.end(0, ended(RunState::kFailed, "out of\x1b[31m memory"), kNaN);
  return board.state();
}

ProgressState progress_of_it() {
  ProgressState progress;
  progress.total = 8;
  progress.finished = 4;
  progress.failed = 1;
  progress.diverged = 1;
  progress.work_share = 0.5;
  progress.eta_seconds = 12.0;
  progress.best = "valid_loss 0.100 (cell=gru hidden=4 seed=0)";
  return progress;
}

TEST(RunBoard, CountsForEachValueOfEachAxis) {
  const Plan plan = parse_plan(kExperiment, "a.yaml");
  const BoardState state = half_way(plan);
  ASSERT_EQ(state.axes.size(), 2U);
  const ValueTally& rnn = state.axes[0].values.at(0);
  EXPECT_EQ(rnn.value, "rnn");
  EXPECT_EQ(rnn.planned, 4U);
  EXPECT_EQ(rnn.finished, 2U);
  EXPECT_EQ(rnn.diverged, 1U);
  EXPECT_EQ(rnn.median, 0.5);
  const ValueTally& gru = state.axes[0].values.at(1);
  EXPECT_EQ(gru.finished, 2U);
  EXPECT_EQ(gru.failed, 1U);
  const ValueTally& four = state.axes[1].values.at(0);
  EXPECT_EQ(four.finished, 3U);
  EXPECT_DOUBLE_EQ(four.median, 0.3);
  EXPECT_EQ(four.best, 0.1);
  EXPECT_TRUE(std::isnan(state.axes[1].values.at(1).best));
  ASSERT_EQ(state.running.size(), 1U);
  EXPECT_EQ(state.running[0].settings, "cell=gru hidden=4 seed=1");
  ASSERT_EQ(state.ended.size(), 1U);
  EXPECT_EQ(state.ended[0].losses.size(), 3U);
  ASSERT_EQ(state.failed.size(), 1U);
}

TEST(RunBoard, ForgetsARunThatWasStopped) {
  const Plan plan = parse_plan(kExperiment, "a.yaml");
  RunBoard board(plan, 1);
  board.begin(0, 0);
  board.end(0, ended(RunState::kMissing), kNaN);
  EXPECT_TRUE(board.state().running.empty());
  EXPECT_TRUE(board.state().ended.empty());
  EXPECT_EQ(board.state().axes[0].values[0].finished, 0U);
}

TEST(WatchLines, ShowsWhatMatters) {
  const Plan plan = parse_plan(kExperiment, "a.yaml");
  const std::vector<std::string> lines =
      watch_lines(progress_of_it(), half_way(plan), 3.0, {100, 40, false, false});
  EXPECT_THAT(lines[0], StartsWith("sizes  4 of 8 runs, running for 3.0 s"));
  EXPECT_THAT(lines[1], AllOf(StartsWith("[####"), HasSubstr("50% of work  ETA 12 s")));
  EXPECT_EQ(lines[2], "best valid_loss 0.100 (cell=gru hidden=4 seed=0)  1 failed  1 diverged");
  EXPECT_THAT(lines,
              Contains(HasSubstr("rnn   [########--------]  2 of 4      0.500      0.500  1 diverged")));
  EXPECT_THAT(lines, Contains(AllOf(StartsWith("cell=gru hidden=4 seed=1"), HasSubstr("1 of 3  #  "))));
  EXPECT_THAT(lines, Contains(AllOf(StartsWith("cell=gru hidden=4 seed=0"), HasSubstr("1 of 3  #~_  "))));
  // What a message holds cannot reach the terminal.
  EXPECT_THAT(lines, Contains(StartsWith("cell=gru hidden=8 seed=0: out of?[31m memory")));
}

TEST(WatchLines, FitsEverySizeAndKeepsTheMostImportant) {
  const Plan plan = parse_plan(kExperiment, "a.yaml");
  BoardState board = half_way(plan);
  board.notice = "stopping";
  for (std::size_t height = 1; height < 40; ++height) {
    for (std::size_t width = 1; width < 110; width += 9) {
      const auto lines = watch_lines(progress_of_it(), board, 3.0, {width, height, false, true});
      ASSERT_LE(lines.size(), height);
      ASSERT_FALSE(lines.empty());
      for (const std::string& line : lines) ASSERT_LE(display_width(line), width - 1) << line;
    }
  }
  const auto small = watch_lines(progress_of_it(), board, 3.0, {80, 8, false, false});
  EXPECT_THAT(small, Contains(StartsWith("cell=gru")));         // what runs
  EXPECT_THAT(small, Not(Contains(StartsWith("ended last"))));  // goes first
}

TEST(WatchLines, ColoursAreOnTopOfTheSameText) {
  const Plan plan = parse_plan(kExperiment, "a.yaml");
  const BoardState board = half_way(plan);
  const auto plain = watch_lines(progress_of_it(), board, 3.0, {70, 30, false, false});
  auto painted = watch_lines(progress_of_it(), board, 3.0, {70, 30, true, false});
  ASSERT_EQ(plain.size(), painted.size());
  std::size_t escapes = 0;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    for (std::size_t at = painted[i].find('\x1b'); at != std::string::npos; at = painted[i].find('\x1b')) {
      painted[i].erase(at, painted[i].find('m', at) - at + 1);
      ++escapes;
    }
    EXPECT_EQ(painted[i], plain[i]);
    EXPECT_EQ(plain[i].find('\x1b'), std::string::npos);
  }
  EXPECT_GT(escapes, 4U);
}

TEST(Sparkline, IsLogarithmicWhereItCan) {
  const std::vector<double> values = {1.0, 0.1, 0.01, kNaN};
  EXPECT_EQ(sparkline(values, 0.01, 1.0, 10, false), "#~_!");
  EXPECT_EQ(sparkline(values, 0.01, 1.0, 2, false), "_!");
  EXPECT_EQ(sparkline(values, 0.01, 1.0, 10, true), "\u2588\u2585\u2581!");
  EXPECT_EQ(sparkline(std::vector<double>{-1.0, 1.0}, -1.0, 1.0, 10, false), "_#");
  EXPECT_EQ(sparkline(std::vector<double>{0.5, 0.5}, 0.5, 0.5, 10, false), "__");
}

}  // namespace
}  // namespace unroll
