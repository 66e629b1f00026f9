#include "report/ranks.h"

#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <numeric>

namespace unroll {

namespace {

// Mean ranks of one block, 1 = lowest; adds t^3 - t for each group of t ties.
std::vector<double> ranks_of(const std::vector<double>& losses, double& ties) {
  std::vector<double> sorted = losses;
  std::sort(sorted.begin(), sorted.end());
  std::vector<double> ranks;
  for (const double loss : losses) {
    const auto [first, last] = std::equal_range(sorted.begin(), sorted.end(), loss);
    ranks.push_back(0.5 * static_cast<double>((first - sorted.begin()) + (last - sorted.begin()) + 1));
  }
  for (auto at = sorted.begin(); at != sorted.end();) {
    const auto end = std::upper_bound(at, sorted.end(), *at);
    const auto t = static_cast<double>(end - at);
    ties += t * t * t - t;
    at = end;
  }
  return ranks;
}

}  // namespace

double studentized_range_cdf(double q, std::size_t k) {
  if (q <= 0.0) return 0.0;
  const boost::math::normal normal;
  // The integrand vanishes outside; the rule of rectangles converges faster than any power for it.
  const double low = -9.0;
  const double step = 0.01;
  double sum = 0.0;
  for (double z = low; z <= 9.0 + q; z += step) {
    const double inside = boost::math::cdf(normal, z) - boost::math::cdf(normal, z - q);
    sum += boost::math::pdf(normal, z) * std::pow(inside, static_cast<double>(k) - 1.0);
  }
  return std::min(1.0, static_cast<double>(k) * sum * step);
}

double studentized_range_quantile(double p, std::size_t k) {
  double low = 0.0;
  double high = 20.0;
  for (int i = 0; i < 40; ++i) {
    const double middle = 0.5 * (low + high);
    (studentized_range_cdf(middle, k) < p ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

RankTable rank_methods(const std::vector<std::vector<double>>& losses, double level) {
  RankTable table;
  table.blocks = losses.size();
  if (losses.size() < kFewestBlocks || losses.front().size() < kFewestRanked) return table;
  const std::size_t methods = losses.front().size();
  const auto n = static_cast<double>(losses.size());
  const auto k = static_cast<double>(methods);
  std::vector<double> sums(methods, 0.0);
  double ties = 0.0;
  for (const std::vector<double>& block : losses) {
    const std::vector<double> ranks = ranks_of(block, ties);
    for (std::size_t m = 0; m < methods; ++m) sums[m] += ranks[m];
  }
  double squares = 0.0;
  for (double& sum : sums) {
    squares += sum * sum;
    sum /= n;
  }
  table.mean_rank = sums;
  const double correction = 1.0 - ties / (n * k * (k * k - 1.0));
  table.statistic =
      correction > 0.0 ? (12.0 / (n * k * (k + 1.0)) * squares - 3.0 * n * (k + 1.0)) / correction : 0.0;
  table.p_value =
      boost::math::cdf(complement(boost::math::chi_squared(k - 1.0), std::max(0.0, table.statistic)));
  table.critical_difference =
      studentized_range_quantile(level, methods) / std::sqrt(2.0) * std::sqrt(k * (k + 1.0) / (6.0 * n));

  std::vector<std::size_t> order(methods);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return sums[a] < sums[b]; });
  std::size_t reached = 0;  // how far the groups so far go
  for (std::size_t first = 0; first < methods; ++first) {
    std::size_t last = first;
    while (last + 1 < methods && sums[order[last + 1]] - sums[order[first]] < table.critical_difference)
      ++last;
    if (last == first || last + 1 <= reached) continue;
    reached = last + 1;
    table.groups.emplace_back(order.begin() + static_cast<std::ptrdiff_t>(first),
                              order.begin() + static_cast<std::ptrdiff_t>(last + 1));
  }
  return table;
}

}  // namespace unroll
