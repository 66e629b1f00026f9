#include "nn/dropout.h"

#include <algorithm>
#include <cmath>

namespace unroll {
namespace {

constexpr double kSteps = 65536.0;

}  // namespace

Dropout::Dropout(double p, Seed seed, std::uint32_t step, std::uint32_t slice)
    : threshold_(static_cast<std::uint32_t>(std::min(kSteps - 1.0, std::round(p * kSteps)))),
      scale_(static_cast<float>(kSteps / (kSteps - threshold_))),
      rng_(seed, Purpose::kDropout, step, slice) {}

void Dropout::draw(std::span<float> factors) {
  // Two decisions from each number.
  std::size_t i = 0;
  for (; i + 1 < factors.size(); i += 2) {
    const std::uint32_t bits = rng_.next_u32();
    factors[i] = (bits & 0xFFFFU) < threshold_ ? 0.0F : scale_;
    factors[i + 1] = (bits >> 16U) < threshold_ ? 0.0F : scale_;
  }
  if (i < factors.size()) factors[i] = (rng_.next_u32() & 0xFFFFU) < threshold_ ? 0.0F : scale_;
}

}  // namespace unroll
