// Offset and scale of a column, from the values of the training part. Key `task.normalize`.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>

namespace unroll {

// value -> (value - offset) / scale
struct Scaler {
  double offset = 0.0;
  double scale = 1.0;
  bool varies = true;  // false: one value only, which becomes zero

  float operator()(double value) const { return static_cast<float>((value - offset) / scale); }
};

// zscore: mean and standard deviation; minmax: to [0, 1]; none. each(visit) calls visit(value) for every
// value, each time in the same order.
template <typename Each>
Scaler fit_scaler(std::string_view normalize, const Each& each) {
  if (normalize == "none") return {};
  std::size_t count = 0;
  double sum = 0.0;
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  each([&](double v) {
    ++count;
    sum += v;
    low = std::min(low, v);
    high = std::max(high, v);
  });
  if (count == 0) return {};
  if (!(high > low)) return {low, 1.0, false};
  if (normalize == "minmax") return {low, high - low, true};
  const double mean = sum / static_cast<double>(count);
  // In a unit near the range, so that no square overflows or vanishes; a power of two changes no digit.
  const int unit = std::ilogb(high - low);
  double squares = 0.0;
  each([&](double v) {
    const double deviation = std::scalbn(v - mean, -unit);
    squares += deviation * deviation;
  });
  const double scale = std::scalbn(std::sqrt(squares / static_cast<double>(count)), unit);
  if (scale == 0.0) return {low, 1.0, false};  // a range at the very end of the numbers
  return {mean, scale, true};
}

}  // namespace unroll
