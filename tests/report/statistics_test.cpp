#include "report/statistics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/rng.h"
#include "tests/report/fixtures.h"

namespace unroll {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
using Values = std::vector<double>;

TEST(Statistics, AgreeWithNumpyAndScipy) {
  const auto cases = statistics_fixtures("describe");
  ASSERT_GT(cases.size(), 10U);
  for (const auto& c : cases) {
    const Values values = c.at("values");
    for (const auto& pair : c.at("quantiles")) {
      EXPECT_NEAR(quantile(values, pair[0]), pair[1], 1e-14 * (1.0 + std::abs(double(pair[1]))));
    }
    EXPECT_NEAR(median(values), c.at("median"), 1e-14);
    EXPECT_NEAR(interquartile_mean(values), c.at("iqm"), 1e-13);
  }
}

TEST(Statistics, EveryRowOfTheTableDescribesASample) {
  for (std::size_t i = 0; i < statistics().size(); ++i) {
    const StatisticInfo& row = statistics()[i];
    EXPECT_EQ(static_cast<std::size_t>(row.id), i);
    EXPECT_FALSE(row.name.empty() || row.heading.empty() || row.description.empty());
    EXPECT_EQ(row.of(Values{0.25}), 0.25) << row.name;
    EXPECT_EQ(row.of(Values{kInf, kInf, kInf}), kInf) << row.name;
    const double value = row.of(Values{1.0, 2.0, 3.0, 4.0, kInf});
    EXPECT_GE(value, 1.0) << row.name << " is NaN or outside of the sample";
    EXPECT_EQ(row.of(Values{2.0, 4.0, 6.0}), 2.0 * row.of(Values{1.0, 2.0, 3.0})) << row.name;
  }
}

TEST(Statistics, InterquartileMeanWeighsTheBordersByTheirPartInside) {
  EXPECT_DOUBLE_EQ(interquartile_mean(Values{7.0}), 7.0);
  EXPECT_DOUBLE_EQ(interquartile_mean(Values{1.0, 4.0}), 2.5);
  EXPECT_DOUBLE_EQ(interquartile_mean(Values{0.0, 6.0, 60.0}), 14.0);
  EXPECT_DOUBLE_EQ(interquartile_mean(Values{-9.0, 1.0, 2.0, 4.0, 99.0}), 0.3 * 1.0 + 0.4 * 2.0 + 0.3 * 4.0);
}

TEST(Statistics, DivergedRunsAreTheWorstValuesAndNeverMakeNaN) {
  EXPECT_EQ(median(Values{1.0, 2.0, kInf}), 2.0);
  EXPECT_EQ(median(Values{1.0, kInf, kInf}), kInf);
  EXPECT_EQ(median(Values{1.0, 2.0, kInf, kInf}), kInf);
  EXPECT_EQ(median(Values{-kInf, -kInf, 1.0, 2.0}), -kInf);
  EXPECT_EQ(median(Values{-kInf, kInf}), 0.0);
  EXPECT_EQ(quantile(Values{kInf, kInf}, 0.3), kInf);
  // One of five is less than a quarter; two of five, or one of four, are not.
  EXPECT_DOUBLE_EQ(interquartile_mean(Values{1.0, 1.0, 1.0, 1.0, kInf}), 1.0);
  EXPECT_DOUBLE_EQ(interquartile_mean(Values{1.0, 1.0, 1.0, kInf}), 1.0);
  EXPECT_EQ(interquartile_mean(Values{1.0, 1.0, 1.0, kInf, kInf}), kInf);
  EXPECT_EQ(interquartile_mean(Values{-kInf, -kInf, 1.0, 1.0, 1.0}), -kInf);

  const Interval interval = Bootstrap(0.95).interval(Values{1.0, 2.0, 3.0, 4.0, kInf}, interquartile_mean);
  EXPECT_TRUE(std::isfinite(interval.low));
  EXPECT_EQ(interval.high, kInf);
}

TEST(Statistics, BootstrapAgreesWithScipyWithinTheErrorOfItsDraws) {
  const auto cases = statistics_fixtures("bootstrap");
  ASSERT_GT(cases.size(), 4U);
  for (const auto& c : cases) {
    const Values values = c.at("values");
    const Interval interval =
        Bootstrap(0.95).interval(values, c.at("statistic") == "iqm" ? interquartile_mean : median);
    const double slack = 1e-12;
    EXPECT_GE(interval.low, double(c.at("low")[0]) - slack) << c;
    EXPECT_LE(interval.low, double(c.at("low")[2]) + slack) << c;
    EXPECT_GE(interval.high, double(c.at("high")[0]) - slack) << c;
    EXPECT_LE(interval.high, double(c.at("high")[2]) + slack) << c;
  }
}

// All n^n resamples of a sample, each as probable as the other.
Values every_resample(const Values& values, SampleStatistic statistic) {
  const std::size_t n = values.size();
  std::vector<std::size_t> digits(n, 0);
  Values all;
  for (;;) {
    Values resample;
    for (std::size_t digit : digits) resample.push_back(values[digit]);
    std::sort(resample.begin(), resample.end());
    all.push_back(statistic(resample));
    std::size_t d = 0;
    while (d < n && ++digits[d] == n) digits[d++] = 0;
    if (d == n) break;
  }
  std::sort(all.begin(), all.end());
  return all;
}

TEST(Statistics, BootstrapAgreesWithAllResamplesOfTinySamples) {
  const Values sample = {0.1, 0.4, 0.5, 1.1, 2.3, 2.4};
  for (SampleStatistic statistic : {interquartile_mean, median}) {
    // A low level, so that the quantiles lie inside the distribution: a tail of 0.2 for n = 6.
    for (std::size_t n : {3, 4, 5, 6}) {
      const Values values(sample.begin(), sample.begin() + static_cast<std::ptrdiff_t>(n));
      const Values all = every_resample(values, statistic);
      const Interval interval = Bootstrap(0.5).interval(values, statistic);
      const auto share_below = [&](double x, double slack) {
        return static_cast<double>(std::lower_bound(all.begin(), all.end(), x + slack) - all.begin()) /
               static_cast<double>(all.size());
      };
      // The tails of the expanded percentile interval at level 0.5, from tables of t and Phi.
      const double tail = n == 3 ? 0.1587 : n == 4 ? 0.1886 : n == 5 ? 0.2037 : 0.2130;
      const double error = 4.0 * std::sqrt(tail * (1.0 - tail) / Bootstrap::kResamples);
      EXPECT_LE(share_below(interval.low, -1e-12), tail + error) << n;
      EXPECT_GE(share_below(interval.low, 1e-12), tail - error) << n;
      EXPECT_LE(share_below(interval.high, -1e-12), 1.0 - tail + error) << n;
      EXPECT_GE(share_below(interval.high, 1e-12), 1.0 - tail - error) << n;
    }
  }
}

TEST(Statistics, BootstrapIsEmptyBelowThreeAndTheRangeAtThreeAndFour) {
  EXPECT_TRUE(std::isnan(Bootstrap(0.95).interval(Values{}, median).low));
  EXPECT_TRUE(std::isnan(Bootstrap(0.95).interval(Values{1.0, 2.0}, median).high));
  const Interval three = Bootstrap(0.95).interval(Values{1.0, 2.0, 4.0}, interquartile_mean);
  EXPECT_DOUBLE_EQ(three.low, 1.0);
  EXPECT_DOUBLE_EQ(three.high, 4.0);
  const Interval four = Bootstrap(0.95).interval(Values{1.0, 2.0, 4.0, 8.0}, interquartile_mean);
  EXPECT_DOUBLE_EQ(four.low, 1.0);
  EXPECT_DOUBLE_EQ(four.high, 8.0);
  const Interval same = Bootstrap(0.95).interval(Values{3.0, 3.0, 3.0, 3.0}, interquartile_mean);
  EXPECT_DOUBLE_EQ(same.low, 3.0);
  EXPECT_DOUBLE_EQ(same.high, 3.0);
}

// The shares that the header states. True value of the interquartile mean of lognormal data: numerically.
TEST(Statistics, BootstrapIntervalHoldsTheTruthAsOftenAsStated) {
  constexpr int kTrials = 300;
  const double truth = 1.0875;
  struct Case {
    std::size_t n;
    double share;
  };
  Bootstrap bootstrap(0.95);
  for (const Case c : {Case{3, 0.75}, Case{5, 0.93}, Case{8, 0.975}}) {
    int held = 0;
    for (int trial = 0; trial < kTrials; ++trial) {
      Rng rng({1, static_cast<std::uint32_t>(trial)}, Purpose::kSample, static_cast<std::uint32_t>(c.n));
      Values values(c.n);
      for (double& value : values) value = std::exp(rng.normal());
      std::sort(values.begin(), values.end());
      const Interval interval = bootstrap.interval(values, interquartile_mean);
      held += interval.low <= truth && truth <= interval.high;
    }
    const double error = 3.0 * std::sqrt(c.share * (1.0 - c.share) / kTrials);
    EXPECT_NEAR(static_cast<double>(held) / kTrials, c.share, error + 0.005) << "n = " << c.n;
  }
}

}  // namespace
}  // namespace unroll
