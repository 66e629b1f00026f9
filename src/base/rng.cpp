#include "base/rng.h"

#include <Random123/philox.h>

#include <cmath>
#include <numbers>
#include <utility>

namespace unroll {

Rng::Rng(Seed seed, Purpose purpose, std::uint32_t stream, std::uint32_t part)
    : key_{seed.sweep, seed.replicate}, counter_{0, part, stream, static_cast<std::uint32_t>(purpose)} {}

void Rng::refill() {
  r123::Philox4x32::ctr_type counter{{counter_[0], counter_[1], counter_[2], counter_[3]}};
  const r123::Philox4x32::key_type key{{key_[0], key_[1]}};
  const auto block = r123::Philox4x32()(counter, key);
  for (std::size_t i = 0; i < 4; ++i) block_[i] = block[i];
  if (++counter_[0] == 0) ++counter_[1];
  used_ = 0;
}

std::uint32_t Rng::next_u32() {
  if (used_ == 4) refill();
  return block_[static_cast<std::size_t>(used_++)];
}

double Rng::uniform() {
  const std::uint64_t high = next_u32() >> 5;  // 27 bits
  const std::uint64_t low = next_u32() >> 6;   // 26 bits
  return static_cast<double>((high << 26) | low) * 0x1p-53;
}

double Rng::uniform(double low, double high) {
  return low + (high - low) * uniform();
}

double Rng::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));  // 1 - u is in (0, 1]
  const double angle = 2.0 * std::numbers::pi * uniform();
  spare_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

std::uint32_t Rng::below(std::uint32_t n) {
  // Lemire's method: the high half of a 64-bit product, rejecting the few values that would bias it.
  std::uint64_t product = std::uint64_t{next_u32()} * n;
  if (static_cast<std::uint32_t>(product) < n) {
    const std::uint32_t threshold = (0U - n) % n;
    while (static_cast<std::uint32_t>(product) < threshold) product = std::uint64_t{next_u32()} * n;
  }
  return static_cast<std::uint32_t>(product >> 32);
}

std::vector<std::uint32_t> Rng::permutation(std::size_t n) {
  std::vector<std::uint32_t> order(n);
  for (std::size_t i = 0; i < n; ++i) order[i] = static_cast<std::uint32_t>(i);
  for (std::size_t i = n; i > 1; --i) std::swap(order[i - 1], order[below(static_cast<std::uint32_t>(i))]);
  return order;
}

}  // namespace unroll
