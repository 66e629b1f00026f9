#include "sweep/strategy.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/error.h"
#include "sweep/plan.h"
#include "sweep/spec.h"

namespace unroll {
namespace {

Spec spec_of(std::uint32_t seed, std::size_t axes) {
  static const char* const kKeys[] = {"train.lr", "train.clip_norm", "model.hidden", "train.batch"};
  Spec spec;
  spec.base.run.seed.sweep = seed;
  for (std::size_t a = 0; a < axes; ++a) {
    Axis axis;
    axis.keys.push_back({find_key(kKeys[a]), {}, {}});
    spec.axes.push_back(axis);
  }
  return spec;
}

TEST(Strategy, PointsAreAFunctionOfSeedAndIndexInTheUnitCube) {
  for (const StrategyInfo& s : strategies()) {
    if (s.point == nullptr) continue;
    std::set<double> seen;
    for (std::uint32_t i = 0; i < 200; ++i) {
      const std::vector<double> point = s.point(spec_of(1, 3), i);
      ASSERT_EQ(point.size(), 3U);
      EXPECT_EQ(point, s.point(spec_of(1, 3), i));
      for (const double u : point) {
        EXPECT_GE(u, 0.0);
        EXPECT_LT(u, 1.0);
        EXPECT_TRUE(seen.insert(u).second);
      }
    }
    EXPECT_NE(s.point(spec_of(1, 3), 0), s.point(spec_of(2, 3), 0)) << s.name;
  }
}

// Of n points in one dimension each of n equal cells holds about one: exactly one for Sobol's, up to the
// shift.
TEST(Strategy, SobolFillsMoreEvenlyThanRandom) {
  constexpr int kPoints = 256;
  const auto empty_cells = [&](const StrategyInfo& s, std::size_t axis) {
    std::set<int> cells;
    for (std::uint32_t i = 0; i < kPoints; ++i) {
      cells.insert(static_cast<int>(s.point(spec_of(3, 4), i)[axis] * kPoints));
    }
    return kPoints - static_cast<int>(cells.size());
  };
  for (std::size_t axis = 0; axis < 4; ++axis) {
    EXPECT_LE(empty_cells(strategy("sobol"), axis), 2);
    EXPECT_GT(empty_cells(strategy("random"), axis), 60);
  }
}

TEST(Strategy, RandomDrawsDoNotDependOnTheOrderOfTheAxes) {
  const auto lr_values = [](const std::string& parameters) {
    std::set<double> values;
    const Plan plan =
        parse_plan("sweep: {method: random, runs: 20, parameters: {" + parameters + "}}", "t.yaml");
    for (const PlannedRun& run : plan.runs) values.insert(run.config.train.optimizer.lr);
    return values;
  };
  const std::string lr = "train.lr: {distribution: log_uniform_values, min: 1e-4, max: 1}";
  const auto values = lr_values(lr + ", model.cell: [rnn, lstm]");
  EXPECT_EQ(values.size(), 20U);
  EXPECT_EQ(values, lr_values("model.cell: [rnn, lstm], " + lr));
  EXPECT_EQ(values, lr_values(lr));
  EXPECT_LT(*values.begin(), 1e-3);
  EXPECT_GT(*values.rbegin(), 1e-1);
}

TEST(Strategy, DrawsAreDifferentSettingsAndHonourExclude) {
  const Plan plan = parse_plan(
      "sweep: {method: random, runs: 5, parameters: {model.cell: [rnn, lstm, gru], model.hidden: [8, 16]},"
      " exclude: [{model.cell: rnn, model.hidden: 8}]}",
      "t.yaml");
  EXPECT_EQ(plan.runs.size(), 5U);  // all that there are
  for (const PlannedRun& run : plan.runs) {
    EXPECT_FALSE(run.config.model.cell == "rnn" && run.config.model.hidden == 8);
  }
}

TEST(Strategy, ParametersAreDrawnLikeAnyOtherKey) {
  for (const char* method : {"random", "sobol", "halving"}) {
    const Plan plan = parse_plan(fmt::format("sweep: {{method: {}, runs: 8, parameters: {{model.cell: [lstm, "
                                             "gru], model.params: [1000, 2000, 4000, 8000]}}}}",
                                             method),
                                 "t.yaml");
    EXPECT_EQ(plan.runs.size(), 8U) << method;
    const Plan range = parse_plan(
        fmt::format(
            "sweep: {{method: {}, runs: 10, parameters: {{model.params: {{min: 1000, max: 1000000}}}}}}",
            method),
        "t.yaml");
    EXPECT_EQ(range.runs.size(), 10U) << method;
  }
}

TEST(Strategy, DrawnParametersOfTheSameHiddenSizeAreOneRun) {
  const Plan plan = parse_plan(
      "sweep: {method: random, runs: 20, parameters: {model.params: {min: 10000, max: 10300}}}", "t.yaml");
  std::set<std::size_t> sizes;
  for (const PlannedRun& run : plan.runs) EXPECT_TRUE(sizes.insert(run.config.model.hidden).second);
  EXPECT_GT(plan.runs.size(), 1U);
  EXPECT_LT(plan.runs.size(), 20U);
}

TEST(Strategy, UnreadKeysDoNotCountAsDifferentDraws) {
  const std::string text =
      "sweep: {method: random, runs: 2, parameters: {train.optimizer: [adam], train.momentum: {min: 0, max: "
      "0.9}}}";
  EXPECT_THROW(parse_plan(text, "t.yaml"), UsageError);
}

}  // namespace
}  // namespace unroll
