// Factor shares, equal budgets, and who leads where.
#include "report/overview.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "report/leaders.h"
#include "tests/report/fake_sweep.h"

namespace unroll {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

double share_of(const Shares& shares, const std::string& factor) {
  for (const FactorShare& f : shares.factors) {
    if (f.factor == factor) return f.share;
  }
  ADD_FAILURE() << "no factor " << factor;
  return -1.0;
}

// log loss = effect of the cell + effect of the size + their product + noise, all orthogonal.
FakeSweep factorial(double cell, double hidden, double both, double noise) {
  FakeSweep sweep({"cell", "hidden", "seq_len"});
  for (const int c : {-1, 1}) {
    for (const int h : {-1, 1}) {
      for (const std::int64_t t : {10, 20}) {
        const double mean = cell * c + hidden * h + both * c * h;
        sweep.add({c < 0 ? "gru" : "rnn", std::int64_t{h < 0 ? 16 : 32}, t},
                  {std::exp(mean - noise), std::exp(mean + noise)});
      }
    }
  }
  return sweep;
}

TEST(Shares, AreExactOnAFullGrid) {
  const Shares shares = compare(factorial(3.0, 2.0, 1.0, 0.5).results()).shares;
  EXPECT_TRUE(shares.exact);
  EXPECT_EQ(shares.scale, "logarithm");
  const double total = 9.0 + 4.0 + 1.0 + 0.25;
  EXPECT_NEAR(share_of(shares, "cell"), 9.0 / total, 1e-12);
  EXPECT_NEAR(share_of(shares, "hidden"), 4.0 / total, 1e-12);
  EXPECT_NEAR(share_of(shares, "cell x hidden"), 1.0 / total, 1e-12);
  EXPECT_NEAR(share_of(shares, "seq_len"), 0.0, 1e-12);
  EXPECT_NEAR(share_of(shares, "seeds"), 0.25 / total, 1e-12);
  double sum = 0.0;
  for (const FactorShare& f : shares.factors) sum += f.share;
  EXPECT_NEAR(sum, 1.0, 1e-12);
}

TEST(Shares, SayWhenTheyAreApproximate) {
  Results results = factorial(3.0, 2.0, 1.0, 0.5).results();
  results.runs[3] = {};
  const Comparison c = compare(results);
  EXPECT_FALSE(c.shares.exact);
  EXPECT_EQ(c.shares.factors.size(), 3U);
  EXPECT_THAT(to_text(c, 100), HasSubstr("an approximation"));
}

TEST(Shares, RankDivergedRuns) {
  Results results = factorial(3.0, 2.0, 1.0, 0.5).results();
  results.runs[3].state = RunState::kDiverged;
  EXPECT_EQ(compare(results).shares.scale, "rank");
}

TEST(Budgets, TakeTheBestSizeThatFits) {
  Results results = FakeSweep({"cell", "hidden", "seq_len"})
                        .add({"rnn", std::int64_t{16}, std::int64_t{10}}, {0.5, 0.5, 0.5})
                        .add({"rnn", std::int64_t{32}, std::int64_t{10}}, {0.4, 0.4, 0.4})
                        .add({"lstm", std::int64_t{16}, std::int64_t{10}}, {0.3, 0.3, 0.3})
                        .add({"lstm", std::int64_t{32}, std::int64_t{10}}, {0.35, 0.35, 0.35})
                        .results();
  const double params[] = {100, 400, 390, 1500};
  for (std::size_t run = 0; run < results.runs.size(); ++run)
    results.runs[run][Metric::kParams] = {params[run / 3]};
  const Comparison c = compare(results);
  ASSERT_EQ(c.budgets.size(), 2U);  // all runs took the same time
  EXPECT_EQ(c.budgets[0].what, "parameters");
  EXPECT_EQ(c.budgets[0].budget, 390.0);
  EXPECT_EQ(c.budgets[0].best[0].at, "hidden 16");
  EXPECT_EQ(c.budgets[0].best[1].at, "hidden 16");
  EXPECT_EQ(c.budgets[1].budget, 1500.0);
  EXPECT_EQ(c.budgets[1].best[0].at, "hidden 32");
  EXPECT_EQ(c.budgets[1].best[1].at, "hidden 16");
}

TEST(Leaders, AreNamedForEachLength) {
  FakeSweep sweep({"cell", "hidden", "seq_len"});
  for (const std::int64_t hidden : {16, 32, 64}) {
    for (const std::int64_t length : {10, 20}) {
      const double rnn = length == 10 ? 0.1 : 0.4;
      sweep.add({"rnn", hidden, length}, {rnn, rnn, rnn, rnn, rnn});
      sweep.add({"gru", hidden, length}, {0.2, 0.2, 0.2, 0.2, 0.2});
    }
  }
  const Comparison c = compare(sweep.results());
  EXPECT_THAT(
      leader_sentences(c),
      ElementsAre(
          "At seq_len 10, rnn has the best valid_loss at 3 of 3 points, 2 times below the next best; a "
          "difference to the next best is shown at 3 of them.",
          "At seq_len 20, gru has the best valid_loss at 3 of 3 points, 2 times below the next best; a "
          "difference to the next best is shown at 3 of them."));
}

}  // namespace
}  // namespace unroll
