// The LSTM: gates i, f, g, o in a panel of one vector of units. Equations: nn/lstm.cpp.
#include <cstddef>

#include "simd/kernels.h"
#include "simd/registry.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/lstm.cpp"
#include <hwy/foreach_target.h>

#include "simd/recurrent-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::simd {
namespace HWY_NAMESPACE {
namespace {

constexpr std::size_t kColumns = 4 * kLanes;

struct LstmForward {
  template <std::size_t M>
  static HWY_INLINE void run(std::size_t b, const LayerPass& s, std::size_t t, std::size_t p) {
    Tile<M, 4> z;
    fill_rows(z, s.bias + p * kColumns);
    const float* row = input_row(s, t, b);
    const float* w = s.weights + p * kColumns * s.weight_rows;
    multiply_add(z, Left<0>{row, s.row_stride, 1}, w, kColumns, s.shape.units);
    add_input(z, s, t, b, w + s.shape.units * kColumns, kColumns);

    float* gates = s.saved + (p * saved_rows(s) + saved_row(s, t, b)) * kColumns;
    const std::size_t state_rows = s.keep ? (s.steps + 1) * s.batch : s.batch;
    const float* before = s.state + (p * state_rows + saved_row(s, t, b)) * kLanes;
    float* after = s.state + (p * state_rows + saved_row(s, t + 1, b)) * kLanes;
    float* out = s.state_out + (p * saved_rows(s) + saved_row(s, t, b)) * kLanes;
    V i[M], f[M], g[M], o[M], c[M];
    UNROLL_TILE_LOOP
    for (std::size_t m = 0; m < M; ++m) {
      i[m] = z.v[m][0];
      f[m] = z.v[m][1];
      g[m] = z.v[m][2];
      o[m] = z.v[m][3];
    }
    sigmoid_all(i);
    tanh_all(g);
    sigmoid_all(f);
    Tile<M, 1> h;
    UNROLL_TILE_LOOP
    for (std::size_t m = 0; m < M; ++m) {
      c[m] = hn::MulAdd(f[m], load(before + m * kLanes), hn::Mul(i[m], g[m]));
      store(i[m], gates + m * kColumns);
      store(f[m], gates + m * kColumns + kLanes);
      store(g[m], gates + m * kColumns + 2 * kLanes);
      store(c[m], after + m * kLanes);
    }
    sigmoid_all(o);
    tanh_all(c);
    UNROLL_TILE_LOOP
    for (std::size_t m = 0; m < M; ++m) {
      h.v[m][0] = hn::Mul(o[m], c[m]);
      store(o[m], gates + m * kColumns + 3 * kLanes);
      store(c[m], out + m * kLanes);
    }
    store_hidden(h, s, t, b, p * kLanes);
  }
};

struct LstmGradient {
  static constexpr bool kCarry = false;  // of dh; `carry` is dL/dc
  static constexpr std::size_t kSavedColumns = kColumns;

  template <std::size_t M, std::size_t N>
  static HWY_INLINE void gradients(const Tile<M, N>& dh, const LayerPass& s, std::size_t t, std::size_t b,
                                   std::size_t q) {
    const V one = set(1.0F);
    const std::size_t stride = s.shape.padded();
    UNROLL_TILE_LOOP
    for (std::size_t n = 0; n < N; ++n) {
      const std::size_t p = q * kTileVectors + n;
      const std::size_t row = t * s.batch + b;
      float* gates = s.saved + (p * saved_rows(s) + row) * kColumns;
      const float* before = s.state + (p * (s.steps + 1) * s.batch + row) * kLanes;
      const float* out = s.state_out + (p * saved_rows(s) + row) * kLanes;
      float* carry = s.carry + b * stride + p * kLanes;
      UNROLL_TILE_LOOP
      for (std::size_t m = 0; m < M; ++m) {
        float* at = gates + m * kColumns;
        const V i = load(at);
        const V f = load(at + kLanes);
        const V g = load(at + 2 * kLanes);
        const V o = load(at + 3 * kLanes);
        const V u = load(out + m * kLanes);
        const V dho = hn::Mul(dh.v[m][n], o);
        const V dc = hn::MulAdd(dho, hn::NegMulAdd(u, u, one), load(carry + m * stride));
        store(hn::Mul(dc, f), carry + m * stride);
        if (s.dc_sum != nullptr) store(dc, s.dc_sum + (b + m) * stride + p * kLanes);
        store(hn::Mul(hn::Mul(dc, g), hn::NegMulAdd(i, i, i)), at);
        store(hn::Mul(hn::Mul(dc, load(before + m * kLanes)), hn::NegMulAdd(f, f, f)), at + kLanes);
        store(hn::Mul(hn::Mul(dc, i), hn::NegMulAdd(g, g, one)), at + 2 * kLanes);
        store(hn::Mul(hn::Mul(dho, u), hn::Sub(one, o)), at + 3 * kLanes);
      }
    }
  }
};

void lstm_forward(const LayerPass& s, std::size_t begin, std::size_t end) {
  const std::size_t panels = s.shape.panels();
  for (std::size_t t = begin; t < end; ++t) {
    for (std::size_t p = 0; p < panels; ++p) for_each_sequence<LstmForward, 4>(s, t, p);
  }
}

void lstm_backward(const LayerPass& s, std::size_t begin, std::size_t end) {
  const PanelProduct product = recurrent_product(s, {0, 4}, 4, 0);
  for (std::size_t t = end; t-- > begin;) for_each_block<HiddenGradient<LstmGradient>::Width>(s, product, t);
}

void fill(Kernels& table) {
  table.lanes = kLanes;
  table.lstm = {lstm_forward, lstm_backward};
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace unroll::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unroll::simd {
HWY_EXPORT(fill);
void fill_lstm(std::size_t index, Kernels& table) {
  HWY_DISPATCH_TABLE(fill)[index](table);
}
}  // namespace unroll::simd
#endif
