// The GRU with the reset gate before the product: two passes over the units in each step, because the
// candidate needs r * h of all units. No gate needs another one of its unit while its product is in
// registers, so a panel of `saved` and of the weights holds r, then z, then n of up to four vectors of units,
// and a product is four vectors wide. Equations: nn/gru_reset_before.cpp.
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

constexpr std::size_t kGates = 3;
enum Gate : std::size_t { kReset, kUpdate, kCandidate };

// Row r(t, b) of `saved`, gate r; the other gates follow, N vectors each.
template <std::size_t N>
HWY_INLINE float* saved_gates(const LayerPass& s, std::size_t t, std::size_t b, std::size_t p) {
  return s.saved + p * kBlock * kGates * saved_rows(s) + saved_row(s, t, b) * kGates * N * kLanes;
}

HWY_INLINE float* reset_row(const LayerPass& s, std::size_t t, std::size_t b) {
  return s.reset_rows + saved_row(s, t, b) * s.shape.padded();
}

// A gate of one panel before its activation, from `hidden` rows and x.
template <std::size_t M, std::size_t N>
HWY_INLINE Tile<M, N> gate_input(const LayerPass& s, std::size_t t, std::size_t b, std::size_t p, Gate gate,
                                 const float* hidden, std::size_t hidden_stride) {
  constexpr std::size_t kColumns = kGates * N * kLanes;
  const std::size_t first = p * kBlock * kGates;
  const float* w = s.weights + first * s.weight_rows + gate * N * kLanes;
  Tile<M, N> z;
  fill_rows(z, s.bias + first + gate * N * kLanes);
  add_input(z, s, t, b, w + s.shape.units * kColumns, kColumns);
  multiply_add(z, Left<0>{hidden, hidden_stride, 1}, w, kColumns, s.shape.units);
  return z;
}

// r and r * h.
template <std::size_t N>
struct ResetForward {
  template <std::size_t M>
  static HWY_INLINE void run(std::size_t b, const LayerPass& s, std::size_t t, std::size_t p) {
    const float* row = input_row(s, t, b);
    Tile<M, N> r = gate_input<M, N>(s, t, b, p, kReset, row, s.row_stride);
    activate_tile<Activation::kSigmoid>(r);
    store_rows(r, saved_gates<N>(s, t, b, p), kGates * N * kLanes);
    UNROLL_TILE_LOOP
    for (std::size_t m = 0; m < M; ++m) {
      UNROLL_TILE_LOOP
      for (std::size_t n = 0; n < N; ++n) {
        r.v[m][n] = hn::Mul(r.v[m][n], load(row + m * s.row_stride + p * kBlock + n * kLanes));
      }
    }
    store_rows(r, reset_row(s, t, b) + p * kBlock, s.shape.padded());
  }
};

template <std::size_t N>
struct UpdateForward {
  template <std::size_t M>
  static HWY_INLINE void run(std::size_t b, const LayerPass& s, std::size_t t, std::size_t p) {
    Tile<M, N> u = gate_input<M, N>(s, t, b, p, kUpdate, input_row(s, t, b), s.row_stride);
    activate_tile<Activation::kSigmoid>(u);
    store_rows(u, saved_gates<N>(s, t, b, p) + kUpdate * N * kLanes, kGates * N * kLanes);
  }
};

// n and h.
template <std::size_t N>
struct CandidateForward {
  template <std::size_t M>
  static HWY_INLINE void run(std::size_t b, const LayerPass& s, std::size_t t, std::size_t p) {
    Tile<M, N> h = gate_input<M, N>(s, t, b, p, kCandidate, reset_row(s, t, b), s.shape.padded());
    activate_tile<Activation::kTanh>(h);
    float* gates = saved_gates<N>(s, t, b, p);
    store_rows(h, gates + kCandidate * N * kLanes, kGates * N * kLanes);
    const float* row = input_row(s, t, b) + p * kBlock;
    UNROLL_TILE_LOOP
    for (std::size_t m = 0; m < M; ++m) {
      UNROLL_TILE_LOOP
      for (std::size_t n = 0; n < N; ++n) {
        const V u = load(gates + (m * kGates * N + kUpdate * N + n) * kLanes);
        const V before = load(row + m * s.row_stride + n * kLanes);
        h.v[m][n] = hn::MulAdd(u, hn::Sub(before, h.v[m][n]), h.v[m][n]);
      }
    }
    store_hidden(h, s, t, b, p * kBlock);
  }
};

// Gradients of z and n from dL/dh.
struct CandidateGradient {
  static constexpr bool kCarry = true;
  static constexpr std::size_t kSavedColumns = 0;  // depends on the panel

  template <std::size_t M, std::size_t N>
  static HWY_INLINE void gradients(const Tile<M, N>& dh, const LayerPass& s, std::size_t t, std::size_t b,
                                   std::size_t q) {
    const V one = set(1.0F);
    const std::size_t stride = s.shape.padded();
    float* gates = saved_gates<N>(s, t, b, q);
    const float* before = input_row(s, t, b) + q * kBlock;
    float* carry = s.carry + b * stride + q * kBlock;
    UNROLL_TILE_LOOP
    for (std::size_t m = 0; m < M; ++m) {
      UNROLL_TILE_LOOP
      for (std::size_t n = 0; n < N; ++n) {
        float* at = gates + (m * kGates * N + n) * kLanes;
        const V u = load(at + kUpdate * N * kLanes);
        const V c = load(at + kCandidate * N * kLanes);
        const V d = dh.v[m][n];
        const V keep = hn::Mul(d, u);
        store(keep, carry + m * stride + n * kLanes);
        store(
            hn::Mul(hn::Mul(keep, hn::Sub(load(before + m * s.row_stride + n * kLanes), c)), hn::Sub(one, u)),
            at + kUpdate * N * kLanes);
        store(hn::Mul(hn::Sub(d, keep), hn::NegMulAdd(c, c, one)), at + kCandidate * N * kLanes);
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
    add_panel_product<0>(d, product, t * s.batch + b, transposed_block(product, q));
    float* gates = saved_gates<N>(s, t, b, q);
    const float* before = input_row(s, t, b) + q * kBlock;
    float* carry = s.carry + b * stride + q * kBlock;
    UNROLL_TILE_LOOP
    for (std::size_t m = 0; m < M; ++m) {
      UNROLL_TILE_LOOP
      for (std::size_t n = 0; n < N; ++n) {
        float* at = gates + (m * kGates * N + n) * kLanes;
        float* kept = carry + m * stride + n * kLanes;
        const V r = load(at);
        const V dr = hn::Mul(d.v[m][n], r);
        store(hn::Add(load(kept), dr), kept);
        store(hn::Mul(hn::Mul(dr, load(before + m * s.row_stride + n * kLanes)), hn::Sub(set(1.0F), r)), at);
      }
    }
  }
};

void gru_reset_before_forward(const LayerPass& s, std::size_t begin, std::size_t end) {
  for (std::size_t t = begin; t < end; ++t) {
    for_each_panel<ResetForward>(s, t);
    for_each_panel<UpdateForward>(s, t);
    for_each_panel<CandidateForward>(s, t);
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
