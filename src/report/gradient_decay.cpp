#include "report/gradient_decay.h"

#include <cmath>

namespace unroll {

double GradientDecay::half_life() const {
  if (std::isnan(factor)) return kNoValue;
  if (factor >= 1.0) return std::numeric_limits<double>::infinity();
  return std::log(0.5) / std::log(factor);
}

GradientDecay fit_decay(std::span<const double> norms) {
  double n = 0.0;
  double sum_x = 0.0;
  double sum_y = 0.0;
  double sum_xx = 0.0;
  double sum_xy = 0.0;
  for (std::size_t lag = 0; lag < norms.size(); ++lag) {
    if (!(norms[lag] > 0.0) || !std::isfinite(norms[lag])) continue;
    const auto x = static_cast<double>(lag);
    const double y = std::log(norms[lag]);
    n += 1.0;
    sum_x += x;
    sum_y += y;
    sum_xx += x * x;
    sum_xy += x * y;
  }
  if (n < 3.0) return {};
  GradientDecay decay;
  decay.factor = std::exp((n * sum_xy - sum_x * sum_y) / (n * sum_xx - sum_x * sum_x));
  if (norms.front() > 0.0) decay.left = norms.back() / norms.front();
  return decay;
}

std::string decay_name(const GradientDecay& decay) {
  if (std::isnan(decay.left)) return "";
  return decay.left < kVanishing ? "vanishing" : decay.left > 1.0 / kVanishing ? "exploding" : "kept";
}

}  // namespace unroll
