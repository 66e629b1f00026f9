// The GRU with the reset gate after the product. A panel of `saved` holds n, r, z, q = U_n h + b_hn of one
// vector of units, so that both windows of the weights are neighbours: recurrent rows feed r, z, q and input
// rows n, r, z. Equations: nn/gru.cpp.
#include <cstddef>

#include "simd/kernels.h"
#include "simd/registry.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/gru.cpp"
#include <hwy/foreach_target.h>

#include "simd/recurrent-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::simd {
namespace HWY_NAMESPACE {
namespace {

constexpr std::size_t kSaved = 4 * kLanes;
constexpr std::size_t kColumns = 3 * kLanes;

struct GruForward {
  template <std::size_t M>
  static HWY_INLINE void run(std::size_t b, const LayerPass& s, std::size_t t, std::size_t p) {
    const float* row = input_row(s, t, b);
    const float* w = s.weights + p * kColumns * s.weight_rows;
    const float* bias = s.bias + p * kSaved;
    float* gates = s.saved + (p * saved_rows(s) + saved_row(s, t, b)) * kSaved;
    Tile<M, 3> z;
    fill_rows(z, bias);
    add_input(z, s, t, b, w + s.shape.units * kColumns, kColumns);
    // The input's part of n waits in memory while r, z and q run over the recurrent rows.
    const V q0 = load(bias + 3 * kLanes);
    UNROLL_TILE_LOOP
    for (std::size_t m = 0; m < M; ++m) {
      store(z.v[m][0], gates + m * kSaved);
      z.v[m][0] = z.v[m][1];
      z.v[m][1] = z.v[m][2];
      z.v[m][2] = q0;
    }
    multiply_add(z, Left<0>{row, s.row_stride, 1}, w, kColumns, s.shape.units);
    V r[M], u[M], n[M];
    UNROLL_TILE_LOOP
    for (std::size_t m = 0; m < M; ++m) {
      r[m] = z.v[m][0];
      u[m] = z.v[m][1];
    }
    sigmoid_all(r);
    UNROLL_TILE_LOOP
    for (std::size_t m = 0; m < M; ++m) {
      float* at = gates + m * kSaved;
      n[m] = hn::MulAdd(r[m], z.v[m][2], load(at));
      store(r[m], at + kLanes);
      store(z.v[m][2], at + 3 * kLanes);
    }
    sigmoid_all(u);
    tanh_all(n);
    Tile<M, 1> h;
    UNROLL_TILE_LOOP
    for (std::size_t m = 0; m < M; ++m) {
      const V before = load(row + m * s.row_stride + p * kLanes);
      h.v[m][0] = hn::MulAdd(u[m], hn::Sub(before, n[m]), n[m]);
      store(n[m], gates + m * kSaved);
      store(u[m], gates + m * kSaved + 2 * kLanes);
    }
    store_hidden(h, s, t, b, p * kLanes);
  }
};

struct GruGradient {
  static constexpr bool kCarry = true;
  static constexpr std::size_t kSavedColumns = kSaved;

  template <std::size_t M, std::size_t N>
  static HWY_INLINE void gradients(const Tile<M, N>& dh, const LayerPass& s, std::size_t t, std::size_t b,
                                   std::size_t q) {
    const V one = set(1.0F);
    const std::size_t stride = s.shape.padded();
    UNROLL_TILE_LOOP
    for (std::size_t n = 0; n < N; ++n) {
      const std::size_t p = q * kTileVectors + n;
      float* gates = s.saved + (p * saved_rows(s) + t * s.batch + b) * kSaved;
      const float* before = input_row(s, t, b) + p * kLanes;
      float* carry = s.carry + b * stride + p * kLanes;
      UNROLL_TILE_LOOP
      for (std::size_t m = 0; m < M; ++m) {
        float* at = gates + m * kSaved;
        const V c = load(at);
        const V r = load(at + kLanes);
        const V u = load(at + 2 * kLanes);
        const V d = dh.v[m][n];
        const V keep = hn::Mul(d, u);
        store(keep, carry + m * stride);
        const V dn = hn::Mul(hn::Sub(d, keep), hn::NegMulAdd(c, c, one));
        const V dq = hn::Mul(dn, r);
        store(dn, at);
        store(hn::Mul(hn::Mul(dq, load(at + 3 * kLanes)), hn::Sub(one, r)), at + kLanes);
        store(hn::Mul(hn::Mul(keep, hn::Sub(load(before + m * s.row_stride), c)), hn::Sub(one, u)),
              at + 2 * kLanes);
        store(dq, at + 3 * kLanes);
      }
    }
  }
};

void gru_forward(const LayerPass& s, std::size_t begin, std::size_t end) {
  const std::size_t panels = s.shape.panels();
  for (std::size_t t = begin; t < end; ++t) {
    for (std::size_t p = 0; p < panels; ++p) for_each_sequence<GruForward, 3>(s, t, p);
  }
}

void gru_backward(const LayerPass& s, std::size_t begin, std::size_t end) {
  const PanelProduct product = recurrent_product(s, {1, 3}, 3, 0);
  for (std::size_t t = end; t-- > begin;) for_each_block<HiddenGradient<GruGradient>::Width>(s, product, t);
}

void fill(Kernels& table) {
  table.gru = {gru_forward, gru_backward};
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace unroll::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unroll::simd {
HWY_EXPORT(fill);
void fill_gru(std::size_t index, Kernels& table) {
  HWY_DISPATCH_TABLE(fill)[index](table);
}
}  // namespace unroll::simd
#endif
