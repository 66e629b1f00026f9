#include "report/paired.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <cmath>
#include <numeric>

namespace unroll {

namespace {

// P(X <= x) for X ~ Beta(a, b) with a, b >= 0, not both 0; 0 makes it a constant.
double beta_cdf(double a, double b, double x) {
  if (b == 0.0) return x < 1.0 ? 0.0 : 1.0;
  if (a == 0.0) return x < 0.0 ? 0.0 : 1.0;
  return boost::math::ibeta(a, b, x);
}

// P(P <= x) after w pairs won and l lost: the mixture of paired.h.
double mixture_cdf(double w, double l, double x) {
  return 0.5 * (beta_cdf(w + 1.0, l, x) + beta_cdf(w, l + 1.0, x));
}

double mixture_quantile(double w, double l, double tail) {
  double low = 0.0;
  double high = 1.0;
  for (int i = 0; i < 60; ++i) {
    const double x = 0.5 * (low + high);
    (mixture_cdf(w, l, x) < tail ? low : high) = x;
  }
  return low;
}

// Twice the mean rank of the size of each difference, so that it is a whole number.
std::vector<std::size_t> doubled_ranks(std::span<const double> differences) {
  std::vector<double> sizes;
  for (double d : differences) sizes.push_back(std::abs(d));
  std::sort(sizes.begin(), sizes.end());
  std::vector<std::size_t> ranks;
  for (double d : differences) {
    const auto [first, last] = std::equal_range(sizes.begin(), sizes.end(), std::abs(d));
    ranks.push_back(static_cast<std::size_t>((first - sizes.begin()) + (last - sizes.begin()) + 1));
  }
  return ranks;
}

}  // namespace

PairCounts count_pairs(std::span<const double> differences) {
  PairCounts counts;
  for (double d : differences) ++(d < 0.0 ? counts.wins : d > 0.0 ? counts.losses : counts.ties);
  return counts;
}

double win_probability(const PairCounts& pairs) {
  if (pairs.total() == 0) return 0.5;
  return (static_cast<double>(pairs.wins) + 0.5 * static_cast<double>(pairs.ties)) /
         static_cast<double>(pairs.total());
}

Interval win_interval(const PairCounts& pairs, double level) {
  if (pairs.total() < kFewestForInterval) return {};
  const double w = static_cast<double>(pairs.wins) + 0.5 * static_cast<double>(pairs.ties);
  const double l = static_cast<double>(pairs.losses) + 0.5 * static_cast<double>(pairs.ties);
  const double tail = 0.5 * (1.0 - level);
  // The upper end as the mirrored lower end: P(A < B) and P(B < A) are then the same statement to the last
  // bit.
  return {mixture_quantile(w, l, tail), 1.0 - mixture_quantile(l, w, tail)};
}

double signed_rank_tail(std::span<const double> differences) {
  const std::vector<std::size_t> ranks = doubled_ranks(differences);
  std::size_t total = 0;
  std::size_t negative = 0;
  double squares = 0.0;
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    if (differences[i] == 0.0) continue;
    total += ranks[i];
    squares += static_cast<double>(ranks[i]) * static_cast<double>(ranks[i]);
    if (differences[i] < 0.0) negative += ranks[i];
  }
  if (total == 0) return 1.0;
  if (differences.size() > kMostExactPairs) {
    // Sums of doubled ranks move in steps of 2; half a step is the correction for continuity.
    const double z =
        (static_cast<double>(negative) + 1.0 - 0.5 * static_cast<double>(total)) / (0.5 * std::sqrt(squares));
    return boost::math::cdf(boost::math::normal(), z);
  }
  // share[s]: of all sign patterns, those whose negative ranks add up to s, as far as it is asked for.
  std::vector<double> share(negative + 1, 0.0);
  share[0] = 1.0;
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    if (differences[i] == 0.0) continue;
    for (std::size_t s = share.size(); s-- > 0;) {
      share[s] = 0.5 * (share[s] + (s >= ranks[i] ? share[s - ranks[i]] : 0.0));
    }
  }
  return std::min(1.0, std::accumulate(share.begin(), share.end(), 0.0));
}

double signed_rank_p(std::span<const double> differences) {
  std::vector<double> mirrored(differences.begin(), differences.end());
  for (double& d : mirrored) d = -d;
  return std::min(1.0, 2.0 * std::min(signed_rank_tail(differences), signed_rank_tail(mirrored)));
}

double smallest_p(std::size_t n) {
  return n == 0 ? 1.0 : std::ldexp(1.0, 1 - static_cast<int>(n));
}

std::vector<double> holm(std::span<const double> p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  std::vector<double> corrected(p.size());
  double so_far = 0.0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    so_far = std::max(so_far, std::min(1.0, p[order[i]] * static_cast<double>(p.size() - i)));
    corrected[order[i]] = so_far;
  }
  return corrected;
}

std::size_t seeds_needed(double probability, double level) {
  const double p = std::max(probability, 1.0 - probability);
  const double tail = 0.5 * (1.0 - level);
  std::size_t wins = 0;  // the fewest that show a difference; never fewer for a larger n
  for (std::size_t n = kFewestForInterval; n <= kMostSeeds; ++n) {
    while (wins <= n && mixture_cdf(static_cast<double>(wins), static_cast<double>(n - wins), 0.5) >= tail)
      ++wins;
    if (wins > n) continue;
    // P(X >= wins) for X ~ Binomial(n, p).
    const double power = beta_cdf(static_cast<double>(wins), static_cast<double>(n - wins) + 1.0, p);
    if (power >= kPower) return n;
  }
  return 0;
}

}  // namespace unroll
