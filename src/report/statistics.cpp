#include "report/statistics.h"

#include <algorithm>
#include <array>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <vector>

#include "base/error.h"
#include "base/rng.h"

namespace unroll {

namespace {

// From a to b, where either may be infinite.
double interpolate(double a, double b, double part) {
  if (a == b || part == 0.0) return a;
  if (std::isinf(a)) return std::isinf(b) ? 0.0 : a;
  return a + part * (b - a);
}

double expanded_tail(std::size_t n, double level) {
  const auto size = static_cast<double>(n);
  const double t = boost::math::quantile(boost::math::students_t(size - 1.0), 0.5 + level / 2.0);
  return boost::math::cdf(boost::math::normal(), -std::sqrt(size / (size - 1.0)) * t);
}

// Indices of the values in each resample, each resample sorted.
std::vector<std::uint32_t> draw_resamples(std::size_t n, std::size_t resamples) {
  Rng rng({}, Purpose::kBootstrap, static_cast<std::uint32_t>(n));
  std::vector<std::uint32_t> draws(n * resamples);
  for (std::uint32_t& draw : draws) draw = rng.below(static_cast<std::uint32_t>(n));
  for (auto first = draws.begin(); first != draws.end(); first += static_cast<std::ptrdiff_t>(n)) {
    std::sort(first, first + static_cast<std::ptrdiff_t>(n));
  }
  return draws;
}

double quantile_of_unsorted(std::vector<double>& values, double p) {
  const double position = p * static_cast<double>(values.size() - 1);
  const auto below = values.begin() + static_cast<std::ptrdiff_t>(position);
  std::nth_element(values.begin(), below, values.end());
  const auto above = below + 1 == values.end() ? below : std::min_element(below + 1, values.end());
  return interpolate(*below, *above, position - std::floor(position));
}

double smallest(std::span<const double> sorted) {
  return sorted.front();
}

double largest(std::span<const double> sorted) {
  return sorted.back();
}

constexpr std::array<StatisticInfo, static_cast<std::size_t>(Statistic::kCount)> kStatistics = {{
    {Statistic::kMedian, "median", "median", "half of the runs are below", median},
    {Statistic::kIqm, "iqm", "IQM", "interquartile mean: the mean of the middle half of the runs",
     interquartile_mean},
    {Statistic::kMin, "min", "min", "the lowest run", smallest},
    {Statistic::kMax, "max", "max", "the highest run", largest},
}};

}  // namespace

std::span<const StatisticInfo> statistics() {
  return kStatistics;
}

double quantile(std::span<const double> sorted, double p) {
  UNROLL_CHECK(!sorted.empty() && p >= 0.0 && p <= 1.0, "quantile of nothing");
  const double position = p * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return interpolate(sorted[below], sorted[above], position - static_cast<double>(below));
}

double median(std::span<const double> sorted) {
  return quantile(sorted, 0.5);
}

double interquartile_mean(std::span<const double> sorted) {
  UNROLL_CHECK(!sorted.empty(), "interquartile mean of nothing");
  const auto n = static_cast<double>(sorted.size());
  double sum = 0.0;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const auto at = static_cast<double>(i);
    const double inside = std::min(at + 1.0, 0.75 * n) - std::max(at, 0.25 * n);
    if (inside > 0.0) sum += inside * sorted[i];
  }
  return sum / (0.5 * n);
}

Interval Bootstrap::interval(std::span<const double> sorted, SampleStatistic statistic) {
  const std::size_t n = sorted.size();
  if (n < kFewestForInterval) return {};
  std::vector<std::uint32_t>& draws = draws_[n];
  if (draws.empty()) draws = draw_resamples(n, kResamples);
  std::vector<double> resample(n);
  std::vector<double> values(kResamples);
  for (std::size_t r = 0; r < kResamples; ++r) {
    for (std::size_t i = 0; i < n; ++i) resample[i] = sorted[draws[r * n + i]];
    values[r] = statistic(resample);
  }
  const double tail = expanded_tail(n, level_);
  return {quantile_of_unsorted(values, tail), quantile_of_unsorted(values, 1.0 - tail)};
}

}  // namespace unroll
