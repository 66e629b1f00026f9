#include "report/grid.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "tests/report/fake_sweep.h"

namespace unroll {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Grid grid_of(const Results& results, const std::string& by = "") {
  return make_grid(results, judged_metric(results, ""), by);
}

// The error of a call, as "message | hint".
template <typename Call>
std::string usage_error(Call call) {
  try {
    call();
  } catch (const UsageError& error) {
    return error.message() + " | " + error.hint();
  }
  return "no error";
}

TEST(Grid, MethodsAreTheCellsAndTheOtherSettingsArePoints) {
  const Grid grid = grid_of(quickstart_results());
  EXPECT_EQ(grid.by, "cell");
  EXPECT_THAT(grid.methods, ElementsAre("rnn", "lstm", "gru"));
  EXPECT_THAT(grid.axes, ElementsAre("seq_len"));
  ASSERT_EQ(grid.points.size(), 2U);
  EXPECT_EQ(std::get<std::int64_t>(grid.points[1][0]), 100);
  ASSERT_EQ(grid.cells.size(), 3U);
  ASSERT_EQ(grid.cells[2][1].size(), 5U);
  EXPECT_EQ(grid.cells[2][1][3].replicate, 3U);
  EXPECT_EQ(grid.cells[2][1][3].value, 0.0030);
  EXPECT_EQ(grid.cells[2][1][3].run, 28U);
}

TEST(Grid, FoldsRepeatTheComparisonAsSeedsDo) {
  FakeSweep sweep({"fold", "hidden"});
  for (const std::int64_t fold : {0, 1, 2}) {
    for (const std::int64_t hidden : {8, 16}) {
      const double loss = 0.01 * static_cast<double>(10 * fold + hidden);
      sweep.add({fold, hidden}, {loss, loss + 0.5});
    }
  }
  const Grid grid = grid_of(sweep.results());
  EXPECT_EQ(grid.by, "hidden");
  EXPECT_THAT(grid.axes, IsEmpty());
  ASSERT_EQ(grid.points.size(), 1U);
  ASSERT_EQ(grid.cells[1][0].size(), 6U);  // two seeds of three folds
  for (std::uint32_t i = 0; i < 6; ++i) {
    EXPECT_EQ(grid.cells[0][0][i].replicate, i);
    EXPECT_EQ(grid.cells[1][0][i].replicate, i);
  }
  EXPECT_DOUBLE_EQ(grid.cells[1][0][2].value, 0.36);  // seed 0, fold 2
  EXPECT_DOUBLE_EQ(grid.cells[1][0][3].value, 0.66);  // seed 1, fold 0
  EXPECT_THAT(grid_of(sweep.results(), "fold").methods, ElementsAre("0", "1", "2"));
}

TEST(Grid, BySeveralSettingsComparesTheirCombinations) {
  const double unset = std::nan("");
  FakeSweep sweep({"cell", "forget_bias", "init"});
  sweep.add({"rnn", unset, "torch"}, {0.4, 0.5}).add({"rnn", unset, "orthogonal"}, {0.3, 0.4});
  sweep.add({"lstm", unset, "torch"}, {0.2, 0.3}).add({"lstm", 1.0, "torch"}, {0.1, 0.2});
  const Grid grid = grid_of(sweep.results(), "cell,forget_bias,model.init");
  EXPECT_EQ(grid.by, "cell, forget_bias, init");
  EXPECT_THAT(grid.methods, ElementsAre("rnn", "rnn (init orthogonal)", "lstm", "lstm (forget_bias 1)"));
  EXPECT_THAT(grid.axes, IsEmpty());
  ASSERT_EQ(grid.points.size(), 1U);
  EXPECT_EQ(grid.cells[3][0][1].value, 0.2);
  EXPECT_THAT(usage_error([&] { grid_of(sweep.results(), "cell,ini"); }),
              HasSubstr("'ini' is not a setting"));
  // As it is told, so that it can be asked for again.
  EXPECT_EQ(grid_of(sweep.results(), grid.by).methods, grid.methods);
}

TEST(Grid, UnsetIsAValueThatIsEqualToItself) {
  FakeSweep sweep({"cell", "forget_bias"});
  for (const char* cell : {"rnn", "lstm"}) {
    sweep.add({cell, std::nan("")}, {0.4, 0.5}).add({cell, 1.0}, {0.4, 0.5});
  }
  const Grid grid = grid_of(sweep.results(), "cell");
  ASSERT_EQ(grid.points.size(), 2U);
  EXPECT_EQ(grid.points[0][0], AxisValue(Unset{}));
  EXPECT_GT(grid.points[0][0], AxisValue(1.0));
  EXPECT_EQ(to_string(grid.points[0][0]), "unset");
  EXPECT_EQ(short_text(grid.points[0][0]), "unset");
}

TEST(Grid, ByNamesAnySettingByNameOrKey) {
  EXPECT_THAT(grid_of(quickstart_results(), "seq_len").methods, ElementsAre("30", "100"));
  EXPECT_THAT(grid_of(quickstart_results(), "task.seq_len").axes, ElementsAre("cell"));
}

TEST(Grid, WithoutSweptCellTheFirstAxisIsCompared) {
  FakeSweep sweep({"cell", "lr", "hidden"});
  sweep.add({"gru", 1e-5, 16}, {0.1}).add({"gru", 1e-5, 32}, {0.1}).add({"gru", 1e-3, 16}, {0.1});
  const Grid grid = grid_of(sweep.results());
  EXPECT_EQ(grid.by, "lr");
  EXPECT_THAT(grid.methods, ElementsAre("1e-05", "0.001"));
  EXPECT_THAT(grid.axes, ElementsAre("hidden"));
  EXPECT_THAT(grid.cells[1][1], IsEmpty()) << "0.001 was not run with 32 units";
}

TEST(Grid, NothingSweptIsOneMethodAtOnePoint) {
  const Grid grid = grid_of(FakeSweep({}).add({}, {0.1, 0.2}).results());
  EXPECT_EQ(grid.by, "");
  EXPECT_THAT(grid.methods, ElementsAre("fake"));
  ASSERT_EQ(grid.points.size(), 1U);
  EXPECT_EQ(grid.cells[0][0].size(), 2U);
}

TEST(Grid, SettingsThatGoWithTheMethodArePartOfIt) {
  FakeSweep sweep({"cell", "hidden", "seq_len"});
  for (std::int64_t seq_len : {30, 100}) {
    sweep.add({"rnn", 128, seq_len}, {0.1, 0.2}).add({"lstm", 64, seq_len}, {0.1, 0.2});
  }
  const Grid grid = grid_of(sweep.results());
  EXPECT_THAT(grid.methods, ElementsAre("rnn (hidden 128)", "lstm (hidden 64)"));
  EXPECT_THAT(grid.axes, ElementsAre("seq_len"));
}

TEST(Grid, ValuesReadAsInTheExperimentFile) {
  EXPECT_EQ(to_string(AxisValue(std::int64_t{100})), "100");
  EXPECT_EQ(to_string(AxisValue(0.001)), "0.001");
  EXPECT_EQ(to_string(AxisValue(std::string("gru"))), "gru");
  EXPECT_EQ(to_string(AxisValue(std::string())), "''");
}

TEST(Grid, StatesAreReadAsTheyCount) {
  const Results results =
      FakeSweep({"cell"}).add({"rnn"}, {0.5, kDivergedRun, kFailedRun, kMissingRun}).results();
  const Grid grid = grid_of(results);
  const std::vector<Score>& scores = grid.cells[0][0];
  EXPECT_EQ(scores[0].value, 0.5);
  EXPECT_TRUE(scores[0].counts());
  EXPECT_EQ(scores[1].value, std::numeric_limits<double>::infinity()) << "not the last value of its prefix";
  EXPECT_TRUE(scores[1].counts());
  EXPECT_FALSE(scores[2].counts());
  EXPECT_FALSE(scores[3].counts());
}

TEST(Grid, AFinishedRunWithoutFiniteValueIsDivergedAndWithoutAnyMissing) {
  Results results = FakeSweep({"cell"}).add({"rnn"}, {0.5, 0.5, 0.5}).results();
  results.runs[0][Metric::kValidLoss] = {0.1, kMissingRun};
  results.runs[1][Metric::kValidLoss].clear();
  results.runs[2].state = RunState::kPruned;
  const Grid grid = grid_of(results);
  EXPECT_EQ(grid.cells[0][0][0].state, RunState::kDiverged);
  EXPECT_EQ(grid.cells[0][0][1].state, RunState::kMissing);
  EXPECT_TRUE(grid.cells[0][0][2].counts());
  EXPECT_EQ(grid.cells[0][0][2].value, 0.5);
}

TEST(Grid, MetricsAreReadAtTheLastEpochWithTheirOwnDirection) {
  const Results results = FakeSweep({"cell"}).add({"rnn"}, {0.25, kDivergedRun}).results();
  const JudgedMetric loss = judged_metric(results, "");
  EXPECT_EQ(loss.info->name, "valid_loss");
  EXPECT_EQ(score(results, 0, loss).value, 0.25);
  EXPECT_EQ(score(results, 0, judged_metric(results, "test_loss")).value, 1.25);
  const JudgedMetric accuracy = judged_metric(results, "valid_accuracy");
  EXPECT_FALSE(accuracy.minimize);
  EXPECT_EQ(score(results, 0, accuracy).value, 0.75);
  EXPECT_EQ(score(results, 1, accuracy).value, -std::numeric_limits<double>::infinity());
  EXPECT_FALSE(judged_metric(results, "grad_norm").has_goal);
}

TEST(Grid, TheGoalOfTheSweepOverrulesTheTable) {
  Results results = quickstart_results();
  results.manifest.metric = "grad_norm";
  results.manifest.minimize = false;
  EXPECT_TRUE(judged_metric(results, "").has_goal);
  EXPECT_FALSE(judged_metric(results, "").minimize);
}

TEST(Grid, MistakesAreExplained) {
  const Results results = quickstart_results();
  EXPECT_THAT(usage_error([&] { judged_metric(results, "valid_los"); }),
              HasSubstr("no metric 'valid_los' | did you mean 'valid_loss'?"));
  EXPECT_THAT(usage_error([&] { judged_metric(results, "grad_hidden"); }),
              HasSubstr("more than one value per run"));
  EXPECT_THAT(usage_error([&] { judged_metric(results, "train_loss"); }),
              HasSubstr("no run has recorded 'train_loss' yet | choose one of: valid_loss,"));
  EXPECT_THAT(usage_error([&] { grid_of(results, "seqlen"); }),
              HasSubstr("'seqlen' is not a setting of this sweep | did you mean 'seq_len'?"));
  EXPECT_THAT(usage_error([&] { judged_metric(FakeSweep({}).results(), ""); }),
              HasSubstr("no run has finished"));
}

TEST(Grid, ASweepThatOnlyDivergedHasAMetric) {
  Results results = FakeSweep({"cell"}).add({"rnn"}, {kDivergedRun, kDivergedRun}).results();
  for (RunRecord& run : results.runs) run[Metric::kValidLoss].clear();
  EXPECT_EQ(judged_metric(results, "").info->name, "valid_loss");
}

}  // namespace
}  // namespace unroll
