// Statistics of two methods paired over shared replicates: the same seed, data and order of the data.
// A pair is won by the method with the better value; two diverged runs are a tie.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "report/statistics.h"

namespace unroll {

struct PairCounts {
  std::size_t wins = 0;
  std::size_t ties = 0;
  std::size_t losses = 0;

  std::size_t total() const { return wins + ties + losses; }
};

// Counts how often a difference is below, at and above zero (lower is better: below zero is a win).
PairCounts count_pairs(std::span<const double> differences);

// P, the probability that the first method wins a pair: wins / n, a tie being half a win. 0.5 if n = 0.
double win_probability(const PairCounts& pairs);

// Interval of P: the Bayesian bootstrap over the pairs and one imaginary pair that is won or lost by the toss
// of a coin, a tie being half a pair won and half a pair lost. Its distribution is an equal mixture of Beta(w
// + 1, l) and Beta(w, l + 1), so the quantiles are computed, not drawn.
//   Why not the percentile bootstrap: at 5 wins of 5 every resample has P = 1, and [1, 1] claims certainty.
//   Without ties it is the mid-P binomial interval. For large n all three agree.
//   It excludes 0.5 from 5 wins of 5, 6 of 6, 7 of 7, 7 of 8, 8 of 9, 9 of 10 on. At level 0.95 it tells
//   equal methods apart in 6.3 % of all sweeps at n = 5, 2.2 % at 10, 7.7 % at 16 (the most), 4.8 % on
//   average over n = 5 .. 100.
// Sources: Rubin, "The Bayesian bootstrap", 1981; Lancaster, "Significance tests in discrete distributions",
// 1961. Empty (NaN) if n < kFewestForInterval.
Interval win_interval(const PairCounts& pairs, double level);

// Whether an interval of P shows a difference in favour of the first method.
inline bool excludes_half(const Interval& p) {
  return p.low > 0.5;
}

// Exact two-sided p-value of the Wilcoxon signed-rank test on paired differences, by counting all 2^n signs.
// If two methods are equal, each pair may as well be swapped. Tied sizes share their mean rank; zeros are
// ranked and then left out (Pratt, "Remarks on zeros and ties in the Wilcoxon signed rank procedures", 1959).
// Infinite differences rank last. 1 if all are zero. Time: at most of order n^3.
// Above kMostExactPairs by the normal approximation. Requires: no NaN.
double signed_rank_p(std::span<const double> differences);

// One side of that test: how likely positive differences of such ranks are, or of larger ones. Small if the
// differences tend to be above zero. Above kMostExactPairs by the normal approximation. 1 if all are zero.
double signed_rank_tail(std::span<const double> differences);
inline constexpr std::size_t kMostExactPairs = 300;

// The smallest p-value that n pairs can give: 2^(1 - n).
double smallest_p(std::size_t n);

// Holm's step-down correction: each p-value as it stands after `p.size()` comparisons, in the order given.
// Source: Holm, "A simple sequentially rejective multiple test procedure", 1979.
std::vector<double> holm(std::span<const double> p);

// The fewest pairs at which a true P of `probability` (or 1 - probability) is shown by `win_interval` in at
// least kPower of all sweeps, by the binomial distribution. 0 if more than kMostSeeds are needed, as at P =
// 0.5.
std::size_t seeds_needed(double probability, double level);

inline constexpr double kPower = 0.8;
inline constexpr std::size_t kMostSeeds = 1000;

}  // namespace unroll
