// Sums over arrays, clipping by value, and the elementary functions over arrays.
#include <cstddef>

#include "simd/kernels.h"
#include "simd/registry.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/reductions.cpp"
#include <hwy/foreach_target.h>

#include "simd/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::simd {
namespace HWY_NAMESPACE {
namespace {

// Doubles of the lower or the upper half of a vector.
using Wide = hn::ScalableTag<double>;
using Narrow = hn::Rebind<float, Wide>;

double square_sum(const float* x, std::size_t count) {
  const Wide wide;
  auto total0 = hn::Zero(wide);
  auto total1 = hn::Zero(wide);
  const std::size_t step = hn::Lanes(wide);
  std::size_t i = 0;
  for (; i + 2 * step <= count; i += 2 * step) {
    const auto a = hn::PromoteTo(wide, hn::LoadU(Narrow(), x + i));
    const auto b = hn::PromoteTo(wide, hn::LoadU(Narrow(), x + i + step));
    total0 = hn::MulAdd(a, a, total0);
    total1 = hn::MulAdd(b, b, total1);
  }
  double sum = hn::GetLane(hn::SumOfLanes(wide, hn::Add(total0, total1)));
  for (; i < count; ++i) sum += static_cast<double>(x[i]) * static_cast<double>(x[i]);
  return sum;
}

bool clip(float* x, std::size_t count, float limit) {
  auto outside = hn::Gt(hn::Zero(D()), hn::Zero(D()));
  for (std::size_t i = 0; i < count; i += kLanes) {
    const V v = load(x + i);
    outside = hn::Or(outside, hn::Gt(hn::Abs(v), set(limit)));
    store(clamp(v, -limit, limit), x + i);
  }
  return !hn::AllFalse(D(), outside);
}

void moments(const float* x, std::size_t rows, std::size_t stride, std::size_t count, Moments& out) {
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t i = 0; i < count; ++i) {
      const double v = static_cast<double>(x[r * stride + i]);
      const double size = v < 0.0 ? -v : v;
      if (!(size <= 3.5e38)) {
        ++out.nonfinite;
        continue;
      }
      out.sum += v;
      out.squares += v * v;
      out.max = size > out.max ? size : out.max;
      if (size == 0.0) ++out.zeros;
    }
  }
}

template <std::size_t K>
HWY_INLINE void exp_all(V (&x)[K]) {
  UNROLL_TILE_LOOP
  for (std::size_t k = 0; k < K; ++k) x[k] = vector_exp(x[k]);
}

// count need not be padded.
template <void (*kFunction)(V (&)[4])>
HWY_NOINLINE void map(const float* x, float* y, std::size_t count) {
  constexpr std::size_t kStep = 4 * kLanes;
  HWY_ALIGN float part[kStep] = {};
  for (std::size_t i = 0; i < count; i += kStep) {
    const std::size_t left = HWY_MIN(kStep, count - i);
    const float* from = x + i;
    float* to = y + i;
    if (left < kStep) {
      for (std::size_t k = 0; k < left; ++k) part[k] = from[k];
      from = part;
      to = part;
    }
    V v[4];
    for (std::size_t k = 0; k < 4; ++k) v[k] = load(from + k * kLanes);
    kFunction(v);
    for (std::size_t k = 0; k < 4; ++k) store(v[k], to + k * kLanes);
    for (std::size_t k = 0; left < kStep && k < left; ++k) y[i + k] = part[k];
  }
}

void fill(Kernels& table) {
  table.square_sum = square_sum;
  table.clip = clip;
  table.moments = moments;
  table.exp = map<exp_all<4>>;
  table.tanh = map<tanh_all<4>>;
  table.sigmoid = map<sigmoid_all<4>>;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace unroll::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unroll::simd {
HWY_EXPORT(fill);
void fill_reductions(std::size_t index, Kernels& table) {
  HWY_DISPATCH_TABLE(fill)[index](table);
}
}  // namespace unroll::simd
#endif
