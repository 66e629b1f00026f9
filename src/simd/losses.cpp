// Losses and their gradients; contracts in simd/kernels.h. Sums over rows are in double.
#include <cstddef>
#include <cstdint>

#include "simd/kernels.h"
#include "simd/registry.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/losses.cpp"
#include <hwy/foreach_target.h>

#include <hwy/contrib/math/math-inl.h>
#include "simd/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::simd {
namespace HWY_NAMESPACE {
namespace {

// Up to a vector of numbers from p; `rest` in the lanes past `count`.
HWY_INLINE V load_part(const float* p, std::size_t count, float rest) {
  if (count >= kLanes) return load(p);
  HWY_ALIGN float part[kLanes];
  for (std::size_t i = 0; i < kLanes; ++i) part[i] = i < count ? p[i] : rest;
  return hn::Load(D(), part);
}

HWY_INLINE V zero_past(V v, std::size_t count) {
  return count >= kLanes ? v : hn::IfThenElseZero(hn::FirstN(D(), count), v);
}

HWY_INLINE float sum_lanes(V v) {
  return hn::GetLane(hn::SumOfLanes(D(), v));
}

LossSums mse_loss(const LossPass& s) {
  LossSums sums;
  const float slope = 2.0F * s.scale / static_cast<float>(s.outputs);
  const double share = 1.0 / static_cast<double>(s.outputs);
  for (std::size_t r = 0; r < s.rows; ++r) {
    const float* y = s.y + r * s.stride;
    const float* target = s.targets + r * s.outputs;
    double loss = 0.0;
    for (std::size_t o = 0; o < s.outputs; ++o) {
      const float e = y[o] - target[o];
      loss += static_cast<double>(e) * static_cast<double>(e);
    }
    sums.loss += loss * share;
    if (s.dy == nullptr) continue;
    float* dy = s.dy + r * s.stride;
    for (std::size_t o = 0; o < s.stride; ++o) dy[o] = o < s.outputs ? slope * (y[o] - target[o]) : 0.0F;
  }
  return sums;
}

LossSums softmax_loss(const LossPass& s) {
  LossSums sums;
  // Logarithms of kLanes rows at once.
  HWY_ALIGN float totals[kLanes];
  HWY_ALIGN float rest[kLanes];
  for (std::size_t first = 0; first < s.rows; first += kLanes) {
    const std::size_t rows = HWY_MIN(kLanes, s.rows - first);
    for (std::size_t i = 0; i < kLanes; ++i) {
      totals[i] = 1.0F;
      rest[i] = 0.0F;
    }
    for (std::size_t i = 0; i < rows; ++i) {
      const std::size_t r = first + i;
      const float* y = s.y + r * s.stride;
      const auto wanted = static_cast<std::size_t>(s.classes[r]);
      std::size_t best = 0;
      for (std::size_t o = 1; o < s.outputs; ++o) best = y[o] > y[best] ? o : best;
      if (best == wanted) sums.correct += 1.0;
      const float top = y[best];
      const float at_wanted = y[wanted];
      V total = hn::Zero(D());
      for (std::size_t o = 0; o < s.stride; o += kLanes) {
        const std::size_t left = s.outputs > o ? s.outputs - o : 0;
        const V e = zero_past(vector_exp(hn::Sub(load(y + o), set(top))), left);
        total = hn::Add(total, e);
        if (s.dy != nullptr) store(e, s.dy + r * s.stride + o);
      }
      totals[i] = sum_lanes(total);
      rest[i] = top - at_wanted;
      if (s.dy == nullptr) continue;
      float* dy = s.dy + r * s.stride;
      const V factor = set(s.scale / totals[i]);
      for (std::size_t o = 0; o < s.stride; o += kLanes) store(hn::Mul(load(dy + o), factor), dy + o);
      dy[wanted] -= s.scale;
    }
    const V loss = hn::Add(hn::Log(D(), hn::Load(D(), totals)), hn::Load(D(), rest));
    hn::Store(loss, D(), rest);
    for (std::size_t i = 0; i < rows; ++i) sums.loss += static_cast<double>(rest[i]);
  }
  return sums;
}

LossSums sigmoid_loss(const LossPass& s) {
  LossSums sums;
  const V zero = hn::Zero(D());
  const V one = set(1.0F);
  for (std::size_t r = 0; r < s.rows; ++r) {
    V total = zero;
    bool right = true;
    for (std::size_t o = 0; o < s.stride; o += kLanes) {
      const std::size_t left = s.outputs > o ? s.outputs - o : 0;
      const V y = load(s.y + r * s.stride + o);
      const V target = load_part(s.targets + r * s.outputs + o, left, 0.0F);
      // max(y, 0) - y * target + log(1 + e^-|y|)
      const V log = hn::Log1p(D(), vector_exp(hn::Neg(hn::Abs(y))));
      const V loss = hn::Add(hn::NegMulAdd(y, target, hn::Max(zero, y)), log);
      total = hn::Add(total, zero_past(loss, left));
      const V guess = hn::IfThenElseZero(hn::Gt(y, zero), one);
      const V truth = hn::IfThenElseZero(hn::Gt(target, set(0.5F)), one);
      right = right && hn::AllTrue(D(), hn::Eq(zero_past(guess, left), truth));
      if (s.dy != nullptr) {
        const V dy = hn::Mul(hn::Sub(vector_sigmoid(y), target), set(s.scale));
        store(zero_past(dy, left), s.dy + r * s.stride + o);
      }
    }
    sums.loss += static_cast<double>(sum_lanes(total));
    if (right) sums.correct += 1.0;
  }
  return sums;
}

void fill(Kernels& table) {
  table.mse_loss = mse_loss;
  table.softmax_loss = softmax_loss;
  table.sigmoid_loss = sigmoid_loss;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace unroll::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unroll::simd {
HWY_EXPORT(fill);
void fill_losses(std::size_t index, Kernels& table) {
  HWY_DISPATCH_TABLE(fill)[index](table);
}
}  // namespace unroll::simd
#endif
