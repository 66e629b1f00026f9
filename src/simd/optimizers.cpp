// One pass over parameters, gradients and optimizer state. Formulas: nn/optimizers.h.
#include <cstddef>

#include "simd/kernels.h"
#include "simd/registry.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/optimizers.cpp"
#include <hwy/foreach_target.h>

#include "simd/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::simd {
namespace HWY_NAMESPACE {
namespace {

// The gradient after clipping, with weight decay where it is added to the gradient.
HWY_INLINE V gradient_at(const UpdatePass& s, std::size_t i, V p) {
  const V g = hn::Mul(load(s.g + i), set(s.scale));
  return hn::MulAdd(set(s.weight_decay), p, g);
}

void sgd(const UpdatePass& s) {
  const V lr = set(s.lr);
  const V momentum = set(s.momentum);
  for (std::size_t i = 0; i < s.count; i += kLanes) {
    const V p = load(s.p + i);
    V d = gradient_at(s, i, p);
    if (s.momentum != 0.0F) {
      const V velocity = hn::MulAdd(momentum, load(s.first + i), d);
      store(velocity, s.first + i);
      d = s.nesterov ? hn::MulAdd(momentum, velocity, d) : velocity;
    }
    store(hn::NegMulAdd(lr, d, p), s.p + i);
  }
}

void rmsprop(const UpdatePass& s) {
  const V lr = set(s.lr);
  const V keep = set(s.square_keep);
  const V rate = set(s.square_rate);
  for (std::size_t i = 0; i < s.count; i += kLanes) {
    const V p = load(s.p + i);
    const V g = gradient_at(s, i, p);
    const V square = hn::MulAdd(hn::Mul(rate, g), g, hn::Mul(keep, load(s.second + i)));
    store(square, s.second + i);
    V d = hn::Div(g, hn::Add(hn::Sqrt(square), set(s.eps)));
    if (s.momentum != 0.0F) {
      d = hn::MulAdd(set(s.momentum), load(s.first + i), d);
      store(d, s.first + i);
    }
    store(hn::NegMulAdd(lr, d, p), s.p + i);
  }
}

// Adam from the gradient g and the parameters p, both as they enter the formula.
HWY_INLINE void adam_step(const UpdatePass& s, std::size_t i, V g, V p) {
  const V m = load(s.first + i);
  const V mean = hn::MulAdd(set(s.mean_rate), hn::Sub(g, m), m);
  const V old_square = hn::Mul(set(s.square_keep), load(s.second + i));
  const V square = hn::MulAdd(hn::Mul(set(s.square_rate), g), g, old_square);
  store(mean, s.first + i);
  store(square, s.second + i);
  const V root = hn::MulAdd(hn::Sqrt(square), set(s.root_scale), set(s.eps));
  store(hn::NegMulAdd(set(s.lr), hn::Div(mean, root), p), s.p + i);
}

void adam(const UpdatePass& s) {
  for (std::size_t i = 0; i < s.count; i += kLanes) {
    const V p = load(s.p + i);
    adam_step(s, i, gradient_at(s, i, p), p);
  }
}

void adamw(const UpdatePass& s) {
  for (std::size_t i = 0; i < s.count; i += kLanes) {
    adam_step(s, i, hn::Mul(load(s.g + i), set(s.scale)), hn::Mul(load(s.p + i), set(s.shrink)));
  }
}

void fill(Kernels& table) {
  table.sgd = sgd;
  table.rmsprop = rmsprop;
  table.adam = adam;
  table.adamw = adamw;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace unroll::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unroll::simd {
HWY_EXPORT(fill);
void fill_optimizers(std::size_t index, Kernels& table) {
  HWY_DISPATCH_TABLE(fill)[index](table);
}
}  // namespace unroll::simd
#endif
