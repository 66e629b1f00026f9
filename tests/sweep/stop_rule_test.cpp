#include "sweep/stop_rule.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/rng.h"

namespace unroll {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
using Stops = std::vector<bool>;

std::vector<Standing> standings(const std::vector<double>& best) {
  std::vector<Standing> out;
  for (const double b : best) out.push_back({b, b, false});
  return out;
}

TEST(StopRule, RungsGrowByEta) {
  EXPECT_EQ(rungs({"halving", 1, 3}, 20), (std::vector<std::size_t>{1, 3, 9}));
  EXPECT_EQ(rungs({"median", 3, 2}, 24), (std::vector<std::size_t>{3, 6, 12}));
  EXPECT_EQ(rungs({"halving", 9, 3}, 9), (std::vector<std::size_t>{}));
  EXPECT_EQ(rungs({"none", 1, 3}, 20), (std::vector<std::size_t>{}));
  EXPECT_EQ(rungs({"halving", 1, 1000}, SIZE_MAX).size(), 7U);
}

TEST(StopRule, HalvingKeepsTheBestOfEveryEta) {
  const auto stops = stop_rule("halving").stops;
  EXPECT_EQ(stops(standings({5, 1, 4, 2, 3, 6}), 3), (Stops{true, false, true, false, true, true}));
  EXPECT_EQ(stops(standings({2, 1}), 3), (Stops{true, false}));
  EXPECT_EQ(stops(standings({1, 1, 1, 1}), 2), (Stops{false, false, true, true}));
  EXPECT_EQ(stops(standings({kInf, 7, kInf, kInf}), 3), (Stops{true, false, true, true}));
  EXPECT_EQ(stops(standings({}), 3), (Stops{}));
  std::vector<Standing> later = standings({1, 2, 3, 4});
  later[0].stopped = true;
  EXPECT_EQ(stops(later, 3), (Stops{false, false, true, true}));
}

// At its best worse than the lower median of the means of all, those that were stopped among them.
TEST(StopRule, MedianStopsWhatIsWorseThanTheUsualSettingOnAverage) {
  const auto stops = stop_rule("median").stops;
  EXPECT_EQ(stops(std::vector<Standing>{{1, 4, false}, {2, 5, false}, {6, 7, false}, {4, 6, false}}, 3),
            (Stops{false, false, true, false}));
  EXPECT_EQ(stops(std::vector<Standing>{{9, 9, true}, {2, 5, false}, {6, 7, false}}, 3),
            (Stops{false, false, false}));
  EXPECT_EQ(stops(standings({3, 3, 3}), 3), (Stops{false, false, false}));
  EXPECT_EQ(stops(standings({kInf, kInf, 3}), 3), (Stops{false, false, false}));
}

TEST(StopRule, NoRuleStopsTheBest) {
  Rng rng({7, 0}, Purpose::kSample, 0);
  for (const StopRule& rule : stop_rules()) {
    if (rule.stops == nullptr) continue;
    for (int i = 0; i < 200; ++i) {
      std::vector<Standing> all(1 + rng.below(20));
      for (Standing& s : all) {
        s.best = rng.uniform();
        s.mean = s.best + rng.uniform();
        s.stopped = rng.below(4) == 0;
      }
      const Stops stops = rule.stops(all, 2 + rng.below(4));
      ASSERT_EQ(stops.size(), all.size());
      const Standing* best = nullptr;
      for (const Standing& s : all) {
        if (!s.stopped && (best == nullptr || s.best < best->best)) best = &s;
      }
      for (std::size_t s = 0; s < all.size(); ++s) {
        EXPECT_FALSE(stops[s] && (all[s].stopped || &all[s] == best)) << rule.name;
      }
    }
  }
}

TEST(StopRule, LowerMedianIsOneOfTheValues) {
  EXPECT_EQ(lower_median({3, 1, 2}), 2);
  EXPECT_EQ(lower_median({4, 1, 2, 3}), 2);
  EXPECT_TRUE(std::isnan(lower_median({})));
}

}  // namespace
}  // namespace unroll
