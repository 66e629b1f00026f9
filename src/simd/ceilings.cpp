// What the core can do at most: the yardsticks of the other kernels.
#include <cstddef>

#include "simd/kernels.h"
#include "simd/registry.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/ceilings.cpp"
#include <hwy/foreach_target.h>

#include "simd/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::simd {
namespace HWY_NAMESPACE {
namespace {

// acc = acc * 1/2 + 1/2 goes to 1 and stays there: no value ever gets slow. The product depends on acc, so
// that a target without a fused multiply-add cannot take it out of the loop.
float multiply_adds(std::size_t rounds) {
  const V half = set(0.5F);
  V acc[kMultiplyAddChains];
  HWY_UNROLL(16)
  for (std::size_t i = 0; i < kMultiplyAddChains; ++i) acc[i] = set(static_cast<float>(i));
  for (std::size_t round = 0; round < rounds; ++round) {
    HWY_UNROLL(16)
    for (std::size_t i = 0; i < kMultiplyAddChains; ++i) acc[i] = hn::MulAdd(acc[i], half, half);
  }
  V sum = acc[0];
  HWY_UNROLL(16)
  for (std::size_t i = 1; i < kMultiplyAddChains; ++i) sum = hn::Add(sum, acc[i]);
  return hn::GetLane(hn::SumOfLanes(D(), sum));
}

float read(const float* x, std::size_t count, std::size_t passes) {
  constexpr std::size_t kChains = 8;
  V acc[kChains];
  HWY_UNROLL(16)
  for (std::size_t i = 0; i < kChains; ++i) acc[i] = hn::Zero(D());
  for (std::size_t pass = 0; pass < passes; ++pass) {
    for (std::size_t at = 0; at < count; at += kChains * kLanes) {
      HWY_UNROLL(16)
      for (std::size_t i = 0; i < kChains; ++i) acc[i] = hn::Add(acc[i], load(x + at + i * kLanes));
    }
  }
  V sum = acc[0];
  HWY_UNROLL(16)
  for (std::size_t i = 1; i < kChains; ++i) sum = hn::Add(sum, acc[i]);
  return hn::GetLane(hn::SumOfLanes(D(), sum));
}

void fill(Kernels& table) {
  table.multiply_adds = multiply_adds;
  table.read = read;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace unroll::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unroll::simd {
HWY_EXPORT(fill);
void fill_ceilings(std::size_t index, Kernels& table) {
  HWY_DISPATCH_TABLE(fill)[index](table);
}
}  // namespace unroll::simd
#endif
