// The GRU with the reset gate before the product: two passes over the units in each step, because the
// candidate needs r * h of all units. A panel of `saved` and of the weights holds r, z, n of one vector of
// units. Equations: nn/gru_reset_before.cpp.
#include <cstddef>

#include "simd/kernels.h"
#include "simd/registry.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/gru_reset_before.cpp"
#include <hwy/foreach_target.h>

#include "simd/recurrent-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::simd {
namespace HWY_NAMESPACE {
namespace {

constexpr std::size_t kColumns = 3 * kLanes;

// Gates first .. first + N - 1 of one panel before their activation, from `hidden` rows and x.
template <std::size_t M, std::size_t N>
HWY_INLINE Tile<M, N> gate_inputs(const LayerPass& s, std::size_t t, std::size_t b, std::size_t p,
                                  std::size_t first, const float* hidden, std::size_t hidden_stride) {
  const float* w = s.weights + p * kColumns * s.weight_rows + first * kLanes;
  Tile<M, N> z;
  fill_rows(z, s.bias + p * kColumns + first * kLanes);
  add_input(z, s, t, b, w + s.shape.units * kColumns, kColumns);
  multiply_add(z, Left<0>{hidden, hidden_stride, 1}, w, kColumns, s.shape.units);
  return z;
}

HWY_INLINE float* reset_row(const LayerPass& s, std::size_t t, std::size_t b) {
  return s.reset_rows + saved_row(s, t, b) * s.shape.padded();
}

// r, z and r * h.
struct ResetForward {
  template <std::size_t M>
  static HWY_INLINE void run(std::size_t b, const LayerPass& s, std::size_t t, std::size_t p) {
    const float* row = input_row(s, t, b);
    const Tile<M, 2> z = gate_inputs<M, 2>(s, t, b, p, 0, row, s.row_stride);
    float* gates = s.saved + (p * saved_rows(s) + saved_row(s, t, b)) * kColumns;
    float* reset = reset_row(s, t, b) + p * kLanes;
    V r[M], u[M];
    UNROLL_TILE_LOOP
    for (std::size_t m = 0; m < M; ++m) {
      r[m] = z.v[m][0];
      u[m] = z.v[m][1];
    }
    sigmoid_all(r);
    sigmoid_all(u);
    UNROLL_TILE_LOOP
    for (std::size_t m = 0; m < M; ++m) {
      store(r[m], gates + m * kColumns);
      store(u[m], gates + m * kColumns + kLanes);
      store(hn::Mul(r[m], load(row + m * s.row_stride + p * kLanes)), reset + m * s.shape.padded());
    }
  }
};

// n and h.
struct CandidateForward {
  template <std::size_t M>
  static HWY_INLINE void run(std::size_t b, const LayerPass& s, std::size_t t, std::size_t p) {
    const float* row = input_row(s, t, b);
    const Tile<M, 1> z = gate_inputs<M, 1>(s, t, b, p, 2, reset_row(s, t, b), s.shape.padded());
    float* gates = s.saved + (p * saved_rows(s) + saved_row(s, t, b)) * kColumns;
    V n[M];
    UNROLL_TILE_LOOP
    for (std::size_t m = 0; m < M; ++m) n[m] = z.v[m][0];
    tanh_all(n);
    Tile<M, 1> h;
    UNROLL_TILE_LOOP
    for (std::size_t m = 0; m < M; ++m) {
      store(n[m], gates + m * kColumns + 2 * kLanes);
      const V before = load(row + m * s.row_stride + p * kLanes);
      h.v[m][0] = hn::MulAdd(load(gates + m * kColumns + kLanes), hn::Sub(before, n[m]), n[m]);
    }
    store_hidden(h, s, t, b, p * kLanes);
  }
};

// Gradients of z and n from dL/dh.
struct CandidateGradient {
  static constexpr bool kCarry = true;
  static constexpr std::size_t kSavedColumns = kColumns;

  template <std::size_t M, std::size_t N>
  static HWY_INLINE void gradients(const Tile<M, N>& dh, const LayerPass& s, std::size_t t, std::size_t b,
                                   std::size_t q) {
    const V one = set(1.0F);
    const std::size_t stride = s.shape.padded();
    UNROLL_TILE_LOOP
    for (std::size_t n = 0; n < N; ++n) {
      const std::size_t p = q * kTileVectors + n;
      float* gates = s.saved + (p * saved_rows(s) + t * s.batch + b) * kColumns;
      const float* before = input_row(s, t, b) + p * kLanes;
      float* carry = s.carry + b * stride + p * kLanes;
      UNROLL_TILE_LOOP
      for (std::size_t m = 0; m < M; ++m) {
        float* at = gates + m * kColumns;
        const V u = load(at + kLanes);
        const V c = load(at + 2 * kLanes);
        const V d = dh.v[m][n];
        const V keep = hn::Mul(d, u);
        store(keep, carry + m * stride);
        store(hn::Mul(hn::Mul(keep, hn::Sub(load(before + m * s.row_stride), c)), hn::Sub(one, u)),
              at + kLanes);
        store(hn::Mul(hn::Sub(d, keep), hn::NegMulAdd(c, c, one)), at + 2 * kLanes);
      }
    }
  }
};

// Gradient of r from dL/d(r * h) = dL/dn times the candidate's weights.
template <std::size_t N>
struct ResetGradient {
  template <std::size_t M>
  static HWY_INLINE void run(std::size_t b, const LayerPass& s, const PanelProduct& product, std::size_t t,
                             std::size_t q) {
    const std::size_t stride = s.shape.padded();
    Tile<M, N> d;
    zero(d);
    add_panel_product<kColumns>(d, product, t * s.batch + b, transposed_block(product, q));
    UNROLL_TILE_LOOP
    for (std::size_t n = 0; n < N; ++n) {
      const std::size_t p = q * kTileVectors + n;
      float* gates = s.saved + (p * saved_rows(s) + t * s.batch + b) * kColumns;
      const float* before = input_row(s, t, b) + p * kLanes;
      float* carry = s.carry + b * stride + p * kLanes;
      UNROLL_TILE_LOOP
      for (std::size_t m = 0; m < M; ++m) {
        const V r = load(gates + m * kColumns);
        const V dr = hn::Mul(d.v[m][n], r);
        store(hn::Add(load(carry + m * stride), dr), carry + m * stride);
        store(hn::Mul(hn::Mul(dr, load(before + m * s.row_stride)), hn::Sub(set(1.0F), r)),
              gates + m * kColumns);
      }
    }
  }
};

void gru_reset_before_forward(const LayerPass& s, std::size_t begin, std::size_t end) {
  const std::size_t panels = s.shape.panels();
  for (std::size_t t = begin; t < end; ++t) {
    for (std::size_t p = 0; p < panels; ++p) for_each_tile<ResetForward, 2>(0, s.active, s, t, p);
    for (std::size_t p = 0; p < panels; ++p) for_each_tile<CandidateForward, 1>(0, s.active, s, t, p);
  }
}

void gru_reset_before_backward(const LayerPass& s, std::size_t begin, std::size_t end) {
  const PanelProduct gates = recurrent_product(s, {0, 2}, 3, 0);
  const PanelProduct candidate = recurrent_product(s, {2, 1}, 3, 2);
  for (std::size_t t = end; t-- > begin;) {
    for_each_block<HiddenGradient<CandidateGradient>::Width>(s, gates, t);
    for_each_block<ResetGradient>(s, candidate, t);
  }
}

void fill(Kernels& table) {
  table.gru_reset_before = {gru_reset_before_forward, gru_reset_before_backward};
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace unroll::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unroll::simd {
HWY_EXPORT(fill);
void fill_gru_reset_before(std::size_t index, Kernels& table) {
  HWY_DISPATCH_TABLE(fill)[index](table);
}
}  // namespace unroll::simd
#endif
