#include "nn/dropout.h"

#include <algorithm>
#include <cmath>

namespace unroll {
namespace {

constexpr double kSteps = 65536.0;

}  // namespace

Dropout::Dropout(double p, Seed seed, std::uint32_t step, std::size_t levels)
    : threshold_(static_cast<std::uint32_t>(std::min(kSteps - 1.0, std::round(p * kSteps)))),
      scale_(static_cast<float>(kSteps / (kSteps - threshold_))),
      seed_(seed),
      step_(step),
      levels_(levels) {}

void Dropout::draw(std::size_t level, std::size_t sequence, std::size_t steps, std::size_t units,
                   std::size_t stride, float* rows) const {
  Rng rng(seed_, Purpose::kDropout, step_, static_cast<std::uint32_t>(sequence * levels_ + level));
  for (std::size_t t = 0; t < steps; ++t) {
    float* const factors = rows + t * stride;
    // Two decisions from each number.
    for (std::size_t u = 0; u < units; u += 2) {
      const std::uint32_t bits = rng.next_u32();
      factors[u] = (bits & 0xFFFFU) < threshold_ ? 0.0F : scale_;
      if (u + 1 < units) factors[u + 1] = (bits >> 16U) < threshold_ ? 0.0F : scale_;
    }
  }
}

}  // namespace unroll
