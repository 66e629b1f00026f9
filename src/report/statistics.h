// Statistics of one sample of runs. Values are real numbers or infinite: a diverged run is the worst value
// there is, so it stays in every sample and every statistic says so when it reaches it. Nothing here is NaN
// for n > 0. All functions take the sample sorted upwards, so the order of the runs cannot matter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <string_view>
#include <vector>

namespace unroll {

inline constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();

struct Interval {
  double low = kNoValue;
  double high = kNoValue;
};

// Fewer values than this get no interval: two runs say nothing about their spread.
inline constexpr std::size_t kFewestForInterval = 3;

// Quantile by linear interpolation between order statistics (numpy's default, type 7 of Hyndman and Fan,
// "Sample quantiles in statistical packages", 1996). Between a finite and an infinite value it is infinite.
// Requires: values sorted, not empty, 0 <= p <= 1.
double quantile(std::span<const double> sorted, double p);

// Infinite as soon as half of the runs are; 0 in the middle between -inf and +inf.
double median(std::span<const double> sorted);

// Mean of the middle half of the sample, the two values at its borders counting by the part that is inside:
// at n = 5 the weights are 0, 0.3, 0.4, 0.3, 0; at n = 3 they are 1/6, 2/3, 1/6. Hence finite while less than
// a quarter of the runs diverged. Source: Agarwal et al., "Deep reinforcement learning at the edge of the
// statistical precipice", 2021 (which drops whole values only, and is a bare mean at n = 3).
double interquartile_mean(std::span<const double> sorted);

// The table of statistics by which a method is described. The name is the name in JSON and CSV. To add one: a
// function, a row here and in statistics.cpp; every output follows.
enum class Statistic : int { kMedian, kIqm, kMin, kMax, kCount };

// Requires: a sorted sample, not empty.
using SampleStatistic = double (*)(std::span<const double> sorted);

struct StatisticInfo {
  Statistic id;
  std::string_view name;     // "iqm"
  std::string_view heading;  // "IQM": of its column
  std::string_view description;
  SampleStatistic of;
};

std::span<const StatisticInfo> statistics();

// Bootstrap intervals: quantiles of the statistic over kResamples samples drawn with replacement. The
// quantiles are those of the expanded percentile interval, Phi(-sqrt(n / (n - 1)) t_{n-1}), because the plain
// ones are too narrow for few runs (Hesterberg, "What teachers should know about the bootstrap", 2015,
// section 5.3). Share of intervals that hold the true interquartile mean of normal or lognormal data, when
// 0.95 is asked for: 0.75 at n = 3, 0.87 at 4, 0.93 at 5, 0.95 to 0.98 from 6 to 20. No interval within the
// range of three runs can do better. What is drawn depends on n alone: equal samples get equal intervals, and
// the draws for one n are made once.
class Bootstrap {
 public:
  // Requires: 0 < level < 1.
  explicit Bootstrap(double level) : level_(level) {}

  // Empty (NaN) if n < kFewestForInterval. Requires: sorted.
  Interval interval(std::span<const double> sorted, SampleStatistic statistic);

  static constexpr std::size_t kResamples = 10000;

 private:
  double level_;
  std::map<std::size_t, std::vector<std::uint32_t>> draws_;  // [n][resample][i]: indices, sorted upwards
};

}  // namespace unroll
