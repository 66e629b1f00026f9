#include "sweep/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/hash.h"
#include "sweep/diagnostics.h"
#include "tests/sweep/files.h"

namespace unroll {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Plan plan_of(const std::string& text, const std::vector<std::string>& overrides = {}) {
  return parse_plan(text, "t.yaml", overrides);
}

// One line for each run: its settings and its replicate.
std::vector<std::string> lines(const Plan& plan) {
  std::vector<std::string> out;
  for (const PlannedRun& run : plan.runs) {
    std::string line;
    for (const SettingValue& value : run.settings) line += to_text(value) + " ";
    out.push_back(line + std::to_string(run.config.seed.replicate));
  }
  return out;
}

std::string error_of(const std::string& text, const std::vector<std::string>& overrides = {}) {
  try {
    plan_of(text, overrides);
  } catch (const SpecErrors& e) {
    return e.what();
  }
  return "";
}

TEST(Plan, AxesInFileOrderLastFastestReplicatesFastestOfAll) {
  const Plan plan = plan_of("sweep: {seeds: 2, parameters: {model.cell: [rnn, gru], model.hidden: [8, 4]}}");
  EXPECT_THAT(lines(plan), ElementsAre("rnn 8 0", "rnn 8 1", "rnn 4 0", "rnn 4 1", "gru 8 0", "gru 8 1",
                                       "gru 4 0", "gru 4 1"));
  EXPECT_EQ(plan.seeds, 2U);
}

TEST(Plan, AZipIsOneAxisAtItsPlaceInTheFile) {
  const Plan plan = plan_of(
      "sweep:\n  zip: {size: {model.hidden: [8, 4], train.batch: [1, 2]}}\n"
      "  parameters: {model.cell: [rnn, gru]}\n  seeds: [5]\n");
  EXPECT_THAT(lines(plan), ElementsAre("8 1 rnn 5", "8 1 gru 5", "4 2 rnn 5", "4 2 gru 5"));
  EXPECT_EQ(plan.axes[0].zip, "size");
  EXPECT_EQ(plan.axes[1].zip, "size");
  EXPECT_EQ(plan.axes[2].zip, "");
}

TEST(Plan, IncludeAddsToMatchesAndAppendsTheRest) {
  const std::string text =
      "model: {hidden: 99}\n"
      "sweep:\n"
      "  parameters: {model.cell: [rnn, gru], model.hidden: [8, 4]}\n"
      "  include:\n"
      "    - {model.cell: rnn, train.lr: 0.5}\n"                    // to two combinations
      "    - {train.batch: 7}\n"                                    // to all
      "    - {model.cell: rnn, model.hidden: 4, train.lr: 0.25}\n"  // overwrites what was added
      "    - {model.cell: lstm}\n"                                  // is new: the fixed and default values
      "    - {model.cell: lstm, model.hidden: 3}\n"
      "    - {model.cell: gru, model.hidden: 5, train.lr: 0.125}\n";
  EXPECT_THAT(lines(plan_of(text)),
              ElementsAre("rnn 8 0.5 7 0", "rnn 4 0.25 7 0", "gru 8 0.001 7 0", "gru 4 0.001 7 0",
                          "lstm 99 0.001 32 0", "lstm 3 0.001 32 0", "gru 5 0.125 32 0"));
}

TEST(Plan, IncludeDoesNotBringBackWhatExcludeRemoved) {
  const std::string text =
      "sweep: {parameters: {model.cell: [rnn, gru]}, exclude: [{model.cell: gru}], include: [{train.lr: "
      "0.5}]}";
  EXPECT_THAT(lines(plan_of(text)), ElementsAre("rnn 0.5 0"));
}

TEST(Plan, AKeyThatARunDoesNotReadHasItsDefault) {
  const Plan plan = plan_of(
      "train: {optimizer: sgd, momentum: 0.5}\nsweep: {parameters: {train.optimizer: [adam, rmsprop]}}");
  EXPECT_EQ(plan.runs[0].config.train.optimizer.momentum, 0.0);
  EXPECT_EQ(plan.runs[1].config.train.optimizer.momentum, 0.5);
  EXPECT_EQ(plan.runs[0].config.train.optimizer.rho, plan.runs[1].config.train.optimizer.rho);
}

TEST(Plan, IsMadeFromTheIds) {
  const Plan plan = plan_of("sweep: {seeds: 2}");
  EXPECT_EQ(plan.hash, hash_hex(plan.runs.id(0) + "\n" + plan.runs.id(1) + "\n"));
  EXPECT_EQ(plan.runs[1].id, plan.runs.id(1));
  EXPECT_EQ(plan.runs.estimate(0).params, plan.runs[1].estimate.params);
}

TEST(Plan, NameAndMetricHaveDefaults) {
  EXPECT_EQ(parse_plan("task: {type: copy}", "some/where/my file.yaml").name, "my_file");
  EXPECT_EQ(parse_plan("task: {type: copy}", "_.yaml").name, "experiment_");
  EXPECT_EQ(plan_of("name: x").name, "x");
  EXPECT_EQ(plan_of("name: x").metric.name, "valid_loss");
  EXPECT_TRUE(plan_of("name: x").metric.minimize);
  const Plan plan = plan_of("task: {type: copy}\nsweep: {metric: {name: valid_accuracy}, max_fails: 3}");
  EXPECT_FALSE(plan.metric.minimize);
  EXPECT_EQ(plan.max_fails, 3U);
}

TEST(Plan, ReadsAFileWithAByteOrderMark) {
  EXPECT_EQ(plan_of("\xEF\xBB\xBFname: x").name, "x");
  EXPECT_THAT(error_of("\xEF\xBB\xBFnam: x"), HasSubstr("t.yaml:1:1: error: unknown key 'nam'"));
}

TEST(Plan, OverridesReplaceAddAndTheLastWins) {
  const std::string text = "train: {lr: 1e-3}\nsweep: {parameters: {model.hidden: [8, 4]}}";
  EXPECT_EQ(plan_of(text, {"train.lr=2e-3", "train.lr=4e-3"}).runs[0].config.train.optimizer.lr, 4e-3);
  EXPECT_EQ(plan_of(text, {"train={lr: 5e-3, epochs: 3}"}).runs[0].config.train.epochs, 3U);
  EXPECT_THAT(lines(plan_of(text, {"sweep.parameters.model.hidden={value: 2}"})), ElementsAre("2 0"));
  EXPECT_THAT(lines(plan_of(text, {"sweep.parameters.model.cell=[gru]", "sweep.seeds=[4]"})),
              ElementsAre("8 gru 4", "4 gru 4"));
  EXPECT_THAT(lines(plan_of(text, {"sweep.exclude=[{model.hidden: 8}]"})), ElementsAre("4 0"));
}

TEST(Plan, AllErrorsOfAFileAreToldTogether) {
  const std::string errors = error_of(
      "model: {cell: lstm, activation: relu}\ntrain: {optimzer: sgd, momentum: 0.9}\ntask: {type: adding, "
      "file: x}\n");
  EXPECT_THAT(errors, HasSubstr("t.yaml:1:21: error: model.activation has no effect"));
  EXPECT_THAT(errors, HasSubstr("t.yaml:2:9: error: unknown key 'optimzer'"));
  EXPECT_THAT(errors, HasSubstr("t.yaml:3:22: error: task.file has no effect"));
  // The optimizer is not known, so nothing is said about momentum.
  EXPECT_THAT(errors, testing::Not(HasSubstr("momentum has")));
}

TEST(Plan, EstimatesGrowWithTheNet) {
  const Plan plan = plan_of("sweep: {parameters: {model.hidden: [16, 64]}}");
  EXPECT_LT(plan.runs.estimate(0).params, plan.runs.estimate(1).params);
  EXPECT_LT(plan.runs.estimate(0).bytes, plan.runs.estimate(1).bytes);
  EXPECT_LT(plan.runs.estimate(0).flops, plan.runs.estimate(1).flops);
}

TEST(Plan, AHundredThousandRunsAreSmall) {
  const Plan plan = plan_of(
      "sweep: {seeds: 10, parameters: {model.hidden: {min: 1, max: 100}, train.epochs: {min: "
      "1, max: 100}}}");
  ASSERT_EQ(plan.runs.size(), 100'000U);
  EXPECT_EQ(lines(plan)[99'999], "100 100 9");
  EXPECT_EQ(plan.axes[0].values.size(), 100U);
  EXPECT_THAT(error_of("sweep: {seeds: 10, parameters: {model.hidden: {min: 1, max: 20000}}}"),
              HasSubstr("200000 runs (20000 hidden x 10 seeds), more than sweep.run_cap 100000"));
}

// A run is what it trains: the same id, whether its hidden size is given or solved.
TEST(Plan, ParametersDecideTheHiddenSize) {
  const Plan solved = plan_of("model: {params: 20000}\nsweep: {parameters: {model.cell: [rnn, lstm, gru]}}");
  ASSERT_EQ(solved.runs.size(), 3U);
  for (const PlannedRun& run : solved.runs) {
    EXPECT_NEAR(static_cast<double>(run.estimate.params), 20000.0, 300.0);
    const Plan given = plan_of("model: {cell: " + run.config.model.cell +
                               ", hidden: " + std::to_string(run.config.model.hidden) + "}");
    EXPECT_EQ(given.runs[0].id, run.id);
    EXPECT_EQ(given.runs[0].estimate.params, run.estimate.params);
  }
  EXPECT_GT(solved.runs[0].config.model.hidden, solved.runs[1].config.model.hidden);
  EXPECT_THAT(error_of("sweep: {parameters: {model.params: [20000, 20001]}}"),
              HasSubstr("this value of model.params gives a run that the sweep has already"));
}

}  // namespace
}  // namespace unroll
