// How fast a gradient fades over time steps: the line of least squares through log |dL/dh| against the lag.
#pragma once

#include <span>
#include <string>

#include "report/statistics.h"

namespace unroll {

struct GradientDecay {
  double factor = kNoValue;  // by which the norm changes per step back
  double left = kNoValue;    // norm at the largest lag as a share of that at lag 0

  // Steps after which half of the norm is left; infinite if it does not fade; NaN if it could not be fitted.
  double half_life() const;
};

// norms[lag]. Zeros and what is not finite are left out of the line; a norm that has become 0 leaves 0. Empty
// if fewer than 3 lags remain.
GradientDecay fit_decay(std::span<const double> norms);

// Less than this share left at the largest lag counts as vanishing, more than its inverse as exploding.
inline constexpr double kVanishing = 1e-3;
std::string decay_name(const GradientDecay& decay);  // "vanishing", "exploding", "kept", "" if not fitted

}  // namespace unroll
