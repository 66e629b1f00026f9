// Vectors of floats, and exp, tanh and sigmoid over them. Error bounds: simd/kernels.h.
// Source of the scheme: Cody and Waite, "Software Manual for the Elementary Functions", 1980; the polynomials
// minimise the largest relative error on |r| <= 0.3473.
#if defined(UNROLL_SIMD_MATH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef UNROLL_SIMD_MATH_INL_H_
#undef UNROLL_SIMD_MATH_INL_H_
#else
#define UNROLL_SIMD_MATH_INL_H_
#endif

#include <hwy/highway.h>

#include <cstddef>

HWY_BEFORE_NAMESPACE();
namespace unroll::simd {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;
inline constexpr std::size_t kLanes = HWY_LANES(float);

HWY_INLINE V set(float x) {
  return hn::Set(D(), x);
}
HWY_INLINE V load(const float* p) {
  return hn::LoadU(D(), p);
}
HWY_INLINE void store(V v, float* p) {
  hn::StoreU(v, D(), p);
}
// A NaN in x survives both: the instructions return their second operand if either is a NaN.
HWY_INLINE V at_least(float low, V x) {
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128
  return hn::IfThenElse(hn::Lt(x, set(low)), set(low), x);
#else
  return hn::Max(set(low), x);
#endif
}
HWY_INLINE V at_most(float high, V x) {
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128
  return hn::IfThenElse(hn::Gt(x, set(high)), set(high), x);
#else
  return hn::Min(set(high), x);
#endif
}
HWY_INLINE V clamp(V x, float low, float high) {
  return at_most(high, at_least(low, x));
}

// Loops over a few vectors must unroll completely: only then do these stay in registers.
#define UNROLL_TILE_LOOP HWY_UNROLL(16)

// The activations work on K vectors side by side, operation by operation: one vector alone would wait for
// each result. What they cost is their number of operations of any kind, so each is worth saving.
// 2^(rate x) = scale * 2^f with |f| <= 1/2. The rounding of rate makes an error of about |x| ulp in e^x.
template <std::size_t K>
struct PowerOfTwo {
  V scale[K];
  V f[K];
};

// Requires: |rate x| <= 126.
template <std::size_t K>
HWY_INLINE PowerOfTwo<K> split(const V (&x)[K], float rate) {
  // Adding 1.5 * 2^23 rounds to a whole number and leaves it in the low bits; 127 more make it an exponent.
  const V magic = set(12582912.0F + 127.0F);
  PowerOfTwo<K> e;
  V n[K];
  UNROLL_TILE_LOOP
  for (std::size_t k = 0; k < K; ++k) e.f[k] = hn::Mul(x[k], set(rate));
  UNROLL_TILE_LOOP
  for (std::size_t k = 0; k < K; ++k) n[k] = hn::Add(e.f[k], magic);
  UNROLL_TILE_LOOP
  for (std::size_t k = 0; k < K; ++k) {
    e.scale[k] = hn::BitCast(D(), hn::ShiftLeft<23>(hn::BitCast(hn::RebindToSigned<D>(), n[k])));
  }
  UNROLL_TILE_LOOP
  for (std::size_t k = 0; k < K; ++k) e.f[k] = hn::Sub(e.f[k], hn::Sub(n[k], magic));
  return e;
}

// q = q * f + c
template <std::size_t K>
HWY_INLINE void horner(V (&q)[K], const V (&f)[K], float c) {
  UNROLL_TILE_LOOP
  for (std::size_t k = 0; k < K; ++k) q[k] = hn::MulAdd(q[k], f[k], set(c));
}

// 1 / (1 + 2^(-x log2(e))); 2^f with a relative error of 1e-7.
template <std::size_t K>
HWY_INLINE void sigmoid_all(V (&x)[K]) {
  UNROLL_TILE_LOOP
  for (std::size_t k = 0; k < K; ++k) x[k] = clamp(x[k], -87.0F, 87.0F);
  const PowerOfTwo<K> e = split(x, -1.44269504F);
  UNROLL_TILE_LOOP
  for (std::size_t k = 0; k < K; ++k) x[k] = hn::MulAdd(set(1.32645911e-3F), e.f[k], set(9.67161916e-3F));
  horner(x, e.f, 5.55073507e-2F);
  horner(x, e.f, 2.40222409e-1F);
  horner(x, e.f, 6.93147004e-1F);
  horner(x, e.f, 1.0F);
  horner(x, e.scale, 1.0F);
  UNROLL_TILE_LOOP
  for (std::size_t k = 0; k < K; ++k) x[k] = hn::Div(set(1.0F), x[k]);
}

// m / (m + 2) with m = e^2x - 1 = scale * (2^f - 1) + (scale - 1), which loses nothing near 0; 2^f - 1 with a
// relative error of 2e-8.
template <std::size_t K>
HWY_INLINE void tanh_all(V (&x)[K]) {
  UNROLL_TILE_LOOP
  for (std::size_t k = 0; k < K; ++k) x[k] = clamp(x[k], -10.0F, 10.0F);
  const PowerOfTwo<K> e = split(x, 2.88539008F);
  UNROLL_TILE_LOOP
  for (std::size_t k = 0; k < K; ++k) x[k] = hn::MulAdd(set(1.54035122e-4F), e.f[k], set(1.33908493e-3F));
  horner(x, e.f, 9.61823761e-3F);
  horner(x, e.f, 5.55035733e-2F);
  horner(x, e.f, 2.40226492e-1F);
  horner(x, e.f, 6.93147182e-1F);
  UNROLL_TILE_LOOP
  for (std::size_t k = 0; k < K; ++k) x[k] = hn::Mul(x[k], e.f[k]);
  UNROLL_TILE_LOOP
  for (std::size_t k = 0; k < K; ++k) {
    x[k] = hn::MulAdd(e.scale[k], x[k], hn::Sub(e.scale[k], set(1.0F)));
  }
  UNROLL_TILE_LOOP
  for (std::size_t k = 0; k < K; ++k) x[k] = hn::Div(x[k], hn::Add(x[k], set(2.0F)));
}

HWY_INLINE V vector_sigmoid(V x) {
  V one[1] = {x};
  sigmoid_all(one);
  return one[0];
}

// For the losses: accurate for every |x| <= 87, by ln 2 in two parts.
HWY_INLINE V vector_exp(V x) {
  const hn::RebindToSigned<D> di;
  const V magic = set(12582912.0F);
  const V y = clamp(x, -87.0F, 87.0F);
  const V shifted = hn::MulAdd(y, set(1.44269504F), magic);
  const V n = hn::Sub(shifted, magic);
  const V r = hn::NegMulAdd(n, set(-2.12194440e-4F), hn::NegMulAdd(n, set(0.693359375F), y));
  V q = hn::MulAdd(set(1.3882496e-3F), r, set(8.366653e-3F));
  q = hn::MulAdd(q, r, set(4.1667204e-2F));
  q = hn::MulAdd(q, r, set(1.6666542e-1F));
  q = hn::MulAdd(q, r, set(4.9999997e-1F));
  const auto bits = hn::ShiftLeft<23>(hn::BitCast(di, shifted));
  const V scale = hn::BitCast(D(), hn::Add(bits, hn::Set(di, 0x3F800000)));
  return hn::MulAdd(scale, hn::MulAdd(hn::Mul(r, r), q, r), scale);
}

}  // namespace HWY_NAMESPACE
}  // namespace unroll::simd
HWY_AFTER_NAMESPACE();

#endif  // UNROLL_SIMD_MATH_INL_H_
