#include "train/gradient_flow.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace unroll {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// How many of the first norms can be used.
std::size_t usable(std::span<const double> norms) {
  double largest = 0.0;
  std::size_t count = 0;
  for (; count < norms.size(); ++count) {
    const double norm = norms[count];
    if (!std::isfinite(norm) || norm <= 0.0) break;
    largest = std::max(largest, norm);
    if (norm < largest * kFaintestNorm) break;
  }
  return count;
}

}  // namespace

double decay_per_step(std::span<const double> norms) {
  const std::size_t count = usable(norms);
  if (count < 2) return kNan;
  const double middle = static_cast<double>(count - 1) / 2.0;
  double covariance = 0.0;
  double variance = 0.0;
  for (std::size_t lag = 0; lag < count; ++lag) {
    const double x = static_cast<double>(lag) - middle;
    covariance += x * std::log(norms[lag]);
    variance += x * x;
  }
  return std::exp(covariance / variance);
}

double half_life(double decay) {
  if (std::isnan(decay)) return kNan;
  return decay < 1.0 ? std::log(0.5) / std::log(decay) : std::numeric_limits<double>::infinity();
}

double lyapunov_exponent(std::span<const double> norms) {
  const std::size_t count = usable(norms);
  if (count < 2) return kNan;
  return std::log(norms[count - 1] / norms[0]) / static_cast<double>(count - 1);
}

double flow_ratio(std::span<const double> norms) {
  while (!norms.empty() && std::isnan(norms.back())) norms = norms.first(norms.size() - 1);
  if (norms.empty()) return kNan;
  return norms.front() == 0.0 ? 0.0 : norms.back() / norms.front();
}

Flow classify_flow(std::span<const double> ratios) {
  bool vanishing = true;
  for (const double ratio : ratios) {
    if (!(ratio <= kExplodingRatio)) return Flow::kExploding;
    if (ratio >= kVanishingRatio) vanishing = false;
  }
  return vanishing ? Flow::kVanishing : Flow::kHealthy;
}

}  // namespace unroll
