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
  const V rho = set(s.rho);
  const V rest = set(1.0F - s.rho);
  for (std::size_t i = 0; i < s.count; i += kLanes) {
    const V p = load(s.p + i);
    const V g = gradient_at(s, i, p);
    const V square = hn::MulAdd(hn::Mul(rest, g), g, hn::Mul(rho, load(s.second + i)));
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
  const V mean = hn::MulAdd(set(1.0F - s.beta1), hn::Sub(g, m), m);
  const V square = hn::MulAdd(hn::Mul(set(1.0F - s.beta2), g), g, hn::Mul(set(s.beta2), load(s.second + i)));
  store(mean, s.first + i);
  store(square, s.second + i);
  const V root = hn::MulAdd(hn::Sqrt(square), set(1.0F / s.correction2_root), set(s.eps));
  store(hn::NegMulAdd(set(s.lr / s.correction1), hn::Div(mean, root), p), s.p + i);
}

void adam(const UpdatePass& s) {
  for (std::size_t i = 0; i < s.count; i += kLanes) {
    const V p = load(s.p + i);
    adam_step(s, i, gradient_at(s, i, p), p);
  }
}

void adamw(const UpdatePass& s) {
  const V decay = set(1.0F - s.lr * s.weight_decay);
  for (std::size_t i = 0; i < s.count; i += kLanes) {
    adam_step(s, i, hn::Mul(load(s.g + i), set(s.scale)), hn::Mul(load(s.p + i), decay));
  }
}

void fill(Kernels& table) {
  table.sgd = sgd;
  table.rmsprop = rmsprop;
  table.adam = adam;
  table.adamw = adamw;
}

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
