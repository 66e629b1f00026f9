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

// What one formula sees of a number: the parameter after decoupled decay, and the gradient after clipping
// with the penalties that are added to it.
struct Point {
  V p;
  V g;
};

HWY_INLINE Point point_at(const UpdatePass& s, std::size_t i) {
  const V p = load(s.p + i);
  const V scaled = hn::Mul(load(s.g + i), set(s.scale));
  Point x{hn::Mul(p, set(s.shrink)), hn::MulAdd(set(s.weight_decay), p, scaled)};
  if (s.l1 != 0.0F) {
    x.g = hn::Add(x.g, hn::IfThenElseZero(hn::Ne(p, hn::Zero(D())), hn::CopySign(set(s.l1), p)));
  }
  return x;
}

// keep * old + rate * x^2
HWY_INLINE V mean_square(const UpdatePass& s, V x, V old) {
  return hn::MulAdd(hn::Mul(set(s.square_rate), x), x, hn::Mul(set(s.square_keep), old));
}

void sgd(const UpdatePass& s) {
  const V momentum = set(s.momentum);
  for (std::size_t i = 0; i < s.count; i += kLanes) {
    const Point x = point_at(s, i);
    V d = x.g;
    if (s.momentum != 0.0F) {
      const V velocity = hn::MulAdd(momentum, load(s.first + i), d);
      store(velocity, s.first + i);
      d = s.nesterov ? hn::MulAdd(momentum, velocity, d) : velocity;
    }
    store(hn::NegMulAdd(set(s.lr), d, x.p), s.p + i);
  }
}

void rmsprop(const UpdatePass& s) {
  for (std::size_t i = 0; i < s.count; i += kLanes) {
    const Point x = point_at(s, i);
    const V square = mean_square(s, x.g, load(s.second + i));
    store(square, s.second + i);
    V d = hn::Div(x.g, hn::Add(hn::Sqrt(square), set(s.eps)));
    if (s.momentum != 0.0F) {
      d = hn::MulAdd(set(s.momentum), load(s.first + i), d);
      store(d, s.first + i);
    }
    store(hn::NegMulAdd(set(s.lr), d, x.p), s.p + i);
  }
}

void adam(const UpdatePass& s) {
  for (std::size_t i = 0; i < s.count; i += kLanes) {
    const Point x = point_at(s, i);
    const V m = load(s.first + i);
    const V mean = hn::MulAdd(set(s.mean_rate), hn::Sub(x.g, m), m);
    const V square = mean_square(s, x.g, load(s.second + i));
    store(mean, s.first + i);
    store(square, s.second + i);
    const V root = hn::MulAdd(hn::Sqrt(square), set(s.root_scale), set(s.eps));
    store(hn::NegMulAdd(set(s.lr), hn::Div(mean, root), x.p), s.p + i);
  }
}

void adagrad(const UpdatePass& s) {
  for (std::size_t i = 0; i < s.count; i += kLanes) {
    const Point x = point_at(s, i);
    const V sum = hn::MulAdd(x.g, x.g, load(s.second + i));
    store(sum, s.second + i);
    store(hn::NegMulAdd(set(s.lr), hn::Div(x.g, hn::Add(hn::Sqrt(sum), set(s.eps))), x.p), s.p + i);
  }
}

void adadelta(const UpdatePass& s) {
  const V eps = set(s.eps);
  for (std::size_t i = 0; i < s.count; i += kLanes) {
    const Point x = point_at(s, i);
    const V updates = load(s.first + i);
    const V square = mean_square(s, x.g, load(s.second + i));
    const V d = hn::Mul(hn::Div(hn::Sqrt(hn::Add(updates, eps)), hn::Sqrt(hn::Add(square, eps))), x.g);
    store(mean_square(s, d, updates), s.first + i);
    store(square, s.second + i);
    store(hn::NegMulAdd(set(s.lr), d, x.p), s.p + i);
  }
}

void fill(Kernels& table) {
  table.sgd = sgd;
  table.rmsprop = rmsprop;
  table.adam = adam;
  table.adagrad = adagrad;
  table.adadelta = adadelta;
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
