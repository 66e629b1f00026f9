#include "base/rng.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

namespace unroll {
namespace {

TEST(Rng, SameKeySameNumbers) {
  Rng a({7, 3}, Purpose::kInit, 5);
  Rng b({7, 3}, Purpose::kInit, 5);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(a.next_u32(), b.next_u32());
}

TEST(Rng, EveryPartOfTheKeyMatters) {
  std::set<std::uint32_t> first;
  first.insert(Rng({1, 1}, Purpose::kInit, 1).next_u32());
  first.insert(Rng({2, 1}, Purpose::kInit, 1).next_u32());
  first.insert(Rng({1, 2}, Purpose::kInit, 1).next_u32());
  first.insert(Rng({1, 1}, Purpose::kShuffle, 1).next_u32());
  first.insert(Rng({1, 1}, Purpose::kInit, 2).next_u32());
  EXPECT_EQ(first.size(), 5U);
}

// The zero-key, zero-counter vector of the Random123 distribution's known-answer file.
TEST(Rng, IsPhilox4x32With10Rounds) {
  Rng rng({0, 0}, static_cast<Purpose>(0), 0);
  EXPECT_EQ(rng.next_u32(), 0x6627e8d5U);
  EXPECT_EQ(rng.next_u32(), 0xe169c58dU);
  EXPECT_EQ(rng.next_u32(), 0xbc57ac4cU);
  EXPECT_EQ(rng.next_u32(), 0x9b00dbd8U);
}

TEST(Rng, UniformHasTheRightMoments) {
  Rng rng({1, 0}, Purpose::kTrainData);
  double sum = 0.0;
  double squares = 0.0;
  const int n = 200000;
  for (int i = 0; i < n; ++i) {
    const double u = rng.uniform();
    ASSERT_GE(u, 0.0);
    ASSERT_LT(u, 1.0);
    sum += u;
    squares += u * u;
  }
  EXPECT_NEAR(sum / n, 0.5, 0.003);
  EXPECT_NEAR(squares / n, 1.0 / 3.0, 0.003);
}

TEST(Rng, NormalHasTheRightMoments) {
  Rng rng({1, 0}, Purpose::kInit);
  double sum = 0.0;
  double squares = 0.0;
  double fourth = 0.0;
  const int n = 200000;
  for (int i = 0; i < n; ++i) {
    const double x = rng.normal();
    ASSERT_TRUE(std::isfinite(x));
    sum += x;
    squares += x * x;
    fourth += x * x * x * x;
  }
  EXPECT_NEAR(sum / n, 0.0, 0.01);
  EXPECT_NEAR(squares / n, 1.0, 0.02);
  EXPECT_NEAR(fourth / n, 3.0, 0.1);
}

TEST(Rng, BelowIsUniform) {
  Rng rng({9, 0}, Purpose::kSplit);
  std::vector<int> count(7);
  for (int i = 0; i < 70000; ++i) ++count[rng.below(7)];
  for (int c : count) EXPECT_NEAR(c, 10000, 400);
}

TEST(Rng, PermutationHoldsEveryIndexOnce) {
  const auto order = Rng({3, 1}, Purpose::kShuffle, 2).permutation(1000);
  const std::set<std::uint32_t> seen(order.begin(), order.end());
  EXPECT_EQ(seen.size(), 1000U);
  EXPECT_EQ(*seen.rbegin(), 999U);
  EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
}

}  // namespace
}  // namespace unroll
