// What the norms of dL/dh and dL/dc over the lags say: how fast the gradient shrinks or grows on its way
// back.
#pragma once

#include <span>

namespace unroll {

// Below this share of the largest norm a number says nothing more: float32 runs out of range.
inline constexpr double kFaintestNorm = 1e-30;

// Factor by which a norm changes per step back: e to the slope of the least-squares line through ln(norm)
// over the lags, up to the first norm that is zero, not finite or below kFaintestNorm of the largest. NaN
// with fewer than two such lags.
double decay_per_step(std::span<const double> norms);

// Steps after which a norm that changes by this factor is halved: ln(1/2) / ln(decay). Infinite if it does
// not shrink, 0 if decay is 0, NaN if decay is.
double half_life(double decay);

// Finite-time Lyapunov exponent: ln(norm at the last usable lag / norm at lag 0) / that lag, in nats per
// step. NaN if no lag after the first is usable. Source: Engelken, Wolf, Abbott, Lyapunov spectra of chaotic
// recurrent neural networks, Physical Review Research 5, 2023.
double lyapunov_exponent(std::span<const double> norms);

// Values of the metric grad_flow: never renumber.
enum class Flow { kVanishing = 0, kHealthy = 1, kExploding = 2 };

// Norm at the longest lag that has one (is not NaN) / norm at lag 0; 0 if the latter is 0, NaN if no lag has
// a norm.
double flow_ratio(std::span<const double> norms);

// ratios[layer]: flow_ratio of each. Exploding if any layer has more than
// kExplodingRatio, else vanishing if every layer has less than kVanishingRatio, else healthy. A ratio that is
// not finite counts as exploding.
inline constexpr double kVanishingRatio = 1e-3;
inline constexpr double kExplodingRatio = 1e3;
Flow classify_flow(std::span<const double> ratios);

}  // namespace unroll
