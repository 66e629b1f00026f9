// Vectors of floats, and exp, tanh and sigmoid over them. Error bounds: simd/kernels.h.
// Source of the scheme: Cody and Waite, "Software Manual for the Elementary Functions", 1980; the polynomial
// is the minimax one for the relative error of e^r - 1 (1.4e-8 on |r| <= 0.347).
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

// e^x = scale * (1 + p) with scale a power of two; p keeps its relative accuracy near x = 0.
struct ExpParts {
  V scale;
  V p;
};

// Requires: |x| <= 87.
HWY_INLINE ExpParts exp_parts(V x) {
  const hn::RebindToSigned<D> di;
  // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits.
  const V magic = set(12582912.0F);
  const V shifted = hn::MulAdd(x, set(1.44269504F), magic);
  const V n = hn::Sub(shifted, magic);
  V r = hn::NegMulAdd(n, set(0.693359375F), x);
  r = hn::NegMulAdd(n, set(-2.12194440e-4F), r);
  V q = set(1.38825e-3F);
  q = hn::MulAdd(q, r, set(8.36665e-3F));
  q = hn::MulAdd(q, r, set(4.16672e-2F));
  q = hn::MulAdd(q, r, set(1.6666543e-1F));
  q = hn::MulAdd(q, r, set(4.9999998e-1F));
  const V p = hn::MulAdd(hn::Mul(r, r), q, r);
  const auto bits = hn::Add(hn::ShiftLeft<23>(hn::BitCast(di, shifted)), hn::Set(di, 0x3F800000));
  return {hn::BitCast(D(), bits), p};
}

HWY_INLINE V vector_exp(V x) {
  const ExpParts e = exp_parts(clamp(x, -87.0F, 87.0F));
  return hn::MulAdd(e.scale, e.p, e.scale);
}

// 1 / (1 + e^-x)
HWY_INLINE V vector_sigmoid(V x) {
  const ExpParts e = exp_parts(clamp(hn::Neg(x), -87.0F, 87.0F));
  return hn::Div(set(1.0F), hn::Add(set(1.0F), hn::MulAdd(e.scale, e.p, e.scale)));
}

// (e^2x - 1) / (e^2x + 1), by e^2x - 1 = scale * p + (scale - 1), which is exact near 0.
HWY_INLINE V vector_tanh(V x) {
  const ExpParts e = exp_parts(clamp(hn::Add(x, x), -20.0F, 20.0F));
  const V m = hn::MulAdd(e.scale, e.p, hn::Sub(e.scale, set(1.0F)));
  return hn::Div(m, hn::Add(m, set(2.0F)));
}

}  // namespace HWY_NAMESPACE
}  // namespace unroll::simd
HWY_AFTER_NAMESPACE();

#endif  // UNROLL_SIMD_MATH_INL_H_
