#include "report/paired.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/report/fixtures.h"

namespace unroll {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
using Values = std::vector<double>;

TEST(Paired, CountsWinsTiesAndLosses) {
  const PairCounts counts = count_pairs(Values{-1.0, -kInf, 0.0, 2.0, kInf, kInf});
  EXPECT_EQ(counts.wins, 2U);
  EXPECT_EQ(counts.ties, 1U);
  EXPECT_EQ(counts.losses, 3U);
  EXPECT_DOUBLE_EQ(win_probability(counts), 2.5 / 6.0);
  EXPECT_DOUBLE_EQ(win_probability({}), 0.5);
}

TEST(Paired, WinIntervalIsTheMidPInterval) {
  const auto cases = statistics_fixtures("win_interval");
  ASSERT_GT(cases.size(), 30U);
  for (const auto& c : cases) {
    const std::size_t wins = c.at("wins");
    const Interval interval = win_interval({wins, 0, std::size_t(c.at("n")) - wins}, 0.95);
    EXPECT_NEAR(interval.low, c.at("low"), 1e-10) << c;
    EXPECT_NEAR(interval.high, c.at("high"), 1e-10) << c;
  }
}

TEST(Paired, WinIntervalIsHonestWhereAllPairsAgree) {
  const Interval five = win_interval({5, 0, 0}, 0.95);
  EXPECT_NEAR(five.low, std::pow(0.05, 0.2), 1e-12);
  EXPECT_EQ(five.high, 1.0);
  EXPECT_TRUE(excludes_half(five));
  EXPECT_FALSE(excludes_half(win_interval({4, 0, 0}, 0.95)));
  EXPECT_FALSE(excludes_half(win_interval({4, 1, 0}, 0.95)));
  EXPECT_FALSE(excludes_half(win_interval({3, 0, 0}, 0.95)));
  // Nothing but ties leaves both sides open.
  const Interval ties = win_interval({0, 6, 0}, 0.95);
  EXPECT_LT(ties.low, 0.2);
  EXPECT_NEAR(ties.low, 1.0 - ties.high, 1e-12);
  EXPECT_TRUE(std::isnan(win_interval({2, 0, 0}, 0.95).low));
}

TEST(Paired, WinIntervalApproachesThePercentileBootstrap) {
  Values differences(300, 1.0);
  std::fill_n(differences.begin(), 190, -1.0);
  const Interval interval = win_interval(count_pairs(differences), 0.95);
  const double p = 190.0 / 300.0;
  const double half = 1.96 * std::sqrt(p * (1.0 - p) / 300.0);
  EXPECT_NEAR(interval.low, p - half, 0.003);
  EXPECT_NEAR(interval.high, p + half, 0.003);
}

TEST(Paired, MoreWinsNeverLowerTheInterval) {
  for (std::size_t n : {3, 5, 12, 40}) {
    Interval last{-1.0, -1.0};
    for (std::size_t half_wins = 0; half_wins <= 2 * n; ++half_wins) {
      const std::size_t wins = half_wins / 2;
      const std::size_t ties = half_wins % 2;
      const Interval now = win_interval({wins, ties, n - wins - ties}, 0.95);
      EXPECT_GE(now.low, last.low);
      EXPECT_GE(now.high, last.high);
      last = now;
    }
  }
}

// The error rates that the header states, by adding up the binomial distribution of a fair coin.
TEST(Paired, EqualMethodsAreSeldomToldApart) {
  double worst = 0.0;
  double sum = 0.0;
  for (std::size_t n = kFewestForInterval; n <= 100; ++n) {
    double shown = 0.0;
    double probability = std::ldexp(1.0, -static_cast<int>(n));  // of `wins` wins
    for (std::size_t wins = 0; wins <= n; ++wins) {
      if (excludes_half(win_interval({wins, 0, n - wins}, 0.95))) shown += 2.0 * probability;
      probability *= static_cast<double>(n - wins) / static_cast<double>(wins + 1);
    }
    if (n <= 5) {
      EXPECT_DOUBLE_EQ(shown, n < 5 ? 0.0 : 0.0625) << n;
    }
    worst = std::max(worst, shown);
    sum += shown;
  }
  EXPECT_NEAR(worst, 0.0768, 0.0001);
  EXPECT_NEAR(sum / 96.0, 0.0476, 0.0001);
}

TEST(Paired, SignedRankIsExact) {
  const auto cases = statistics_fixtures("signed_rank");
  ASSERT_GT(cases.size(), 20U);
  for (const auto& c : cases) EXPECT_NEAR(signed_rank_p(Values(c.at("differences"))), c.at("p"), 1e-12) << c;
}

TEST(Paired, SignedRankEdges) {
  EXPECT_EQ(signed_rank_p(Values{}), 1.0);
  EXPECT_EQ(signed_rank_p(Values{0.0, 0.0, 0.0}), 1.0);
  EXPECT_EQ(signed_rank_p(Values{-1.0}), 1.0);
  EXPECT_DOUBLE_EQ(signed_rank_p(Values{-1.0, -kInf, -2.0, -kInf, -3.0}), 0.0625);
  for (std::size_t n : {1, 5, 20}) EXPECT_DOUBLE_EQ(signed_rank_p(Values(n, -1.5)), smallest_p(n));
  EXPECT_EQ(smallest_p(0), 1.0);
}

TEST(Paired, HolmAgreesWithItsDefinition) {
  const auto cases = statistics_fixtures("holm");
  ASSERT_GT(cases.size(), 2U);
  for (const auto& c : cases) {
    const std::vector<double> corrected = holm(Values(c.at("p")));
    const Values expected = c.at("corrected");
    ASSERT_EQ(corrected.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(corrected[i], expected[i], 1e-14);
  }
  EXPECT_TRUE(holm({}).empty());
}

TEST(Paired, SeedsNeededByThePowerOfTheInterval) {
  const auto cases = statistics_fixtures("seeds_needed");
  ASSERT_GT(cases.size(), 4U);
  for (const auto& c : cases) {
    const double probability = c.at("probability");
    EXPECT_EQ(seeds_needed(probability, 0.95), std::size_t(c.at("seeds"))) << c;
    EXPECT_EQ(seeds_needed(1.0 - probability, 0.95), std::size_t(c.at("seeds"))) << c;
  }
  EXPECT_EQ(seeds_needed(0.5, 0.95), 0U);
  EXPECT_EQ(seeds_needed(0.52, 0.95), 0U);
  EXPECT_GT(seeds_needed(0.8, 0.99), seeds_needed(0.8, 0.95));
}

}  // namespace
}  // namespace unroll
