// What the cells share: where their numbers lie, and the backward pass up to the derivatives of the gates.
#if defined(UNROLL_SIMD_RECURRENT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef UNROLL_SIMD_RECURRENT_INL_H_
#undef UNROLL_SIMD_RECURRENT_INL_H_
#else
#define UNROLL_SIMD_RECURRENT_INL_H_
#endif

#include "simd/kernels.h"
#include "simd/tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::simd {
namespace HWY_NAMESPACE {

inline constexpr std::size_t kBlock = kTileVectors * kLanes;  // units of a block of hidden gradients

// Row r(t, b) of `saved` and of `state`, which keep all steps or only one.
HWY_INLINE std::size_t saved_row(const LayerPass& s, std::size_t t, std::size_t b) {
  return (s.keep ? t * s.batch : 0) + b;
}
HWY_INLINE std::size_t saved_rows(const LayerPass& s) {
  return (s.keep ? s.steps : 1) * s.batch;
}
HWY_INLINE float* input_row(const LayerPass& s, std::size_t t, std::size_t b) {
  return s.rows + (t * s.batch + b) * s.row_stride;
}

template <Activation kActivation, std::size_t K>
HWY_INLINE void activate(V (&x)[K]) {
  if constexpr (kActivation == Activation::kTanh) tanh_all(x);
  if constexpr (kActivation == Activation::kSigmoid) sigmoid_all(x);
  if constexpr (kActivation == Activation::kRelu) {
    UNROLL_TILE_LOOP
    for (std::size_t k = 0; k < K; ++k) x[k] = at_least(0.0F, x[k]);
  }
}

// Of a whole tile, about four vectors at a time.
template <Activation kActivation, std::size_t M, std::size_t N>
HWY_INLINE void activate_tile(Tile<M, N>& z) {
  constexpr std::size_t kRows = N >= 3 ? 1 : HWY_MIN(M, 4 / N);
  static_assert(M % kRows == 0);
  UNROLL_TILE_LOOP
  for (std::size_t first = 0; first < M; first += kRows) {
    V x[kRows * N];
    UNROLL_TILE_LOOP
    for (std::size_t k = 0; k < kRows * N; ++k) x[k] = z.v[first + k / N][k % N];
    activate<kActivation>(x);
    UNROLL_TILE_LOOP
    for (std::size_t k = 0; k < kRows * N; ++k) z.v[first + k / N][k % N] = x[k];
  }
}

// h(t) of M sequences from b on, N vectors of units from `unit` on, to where it is needed next.
template <std::size_t M, std::size_t N>
HWY_INLINE void store_hidden(const Tile<M, N>& h, const LayerPass& s, std::size_t t, std::size_t b,
                             std::size_t unit) {
  store_rows(h, input_row(s, t + 1, b) + unit, s.row_stride);
  if (s.above != nullptr) store_rows(h, s.above + (t * s.batch + b) * s.above_stride + unit, s.above_stride);
}

// z += x(t) times w, the rows of weights that the input multiplies.
template <std::size_t M, std::size_t N>
HWY_INLINE void add_input(Tile<M, N>& z, const LayerPass& s, std::size_t t, std::size_t b, const float* w,
                          std::size_t columns) {
  if (s.codes == nullptr) {
    multiply_add(z, Left<0>{input_row(s, t, b) + s.input_offset, s.row_stride, 1}, w, columns, s.input);
    return;
  }
  const std::int32_t* code = s.codes + t * s.batch + b;
  UNROLL_TILE_LOOP
  for (std::size_t m = 0; m < M; ++m) {
    const float* row = w + static_cast<std::size_t>(code[m]) * columns;
    UNROLL_TILE_LOOP
    for (std::size_t n = 0; n < N; ++n) z.v[m][n] = hn::Add(z.v[m][n], load(row + n * kLanes));
  }
}

// acc += a's window times b, for the rows from `row` on; b points to the panel of the wanted columns.
// kColumns: the columns of a's panels if they are known when compiled, else 0.
template <std::size_t kColumns, std::size_t M, std::size_t N>
HWY_INLINE void add_panel_product(Tile<M, N>& acc, const PanelProduct& s, std::size_t row, const float* b) {
  const std::size_t panels = s.shape.panels();
  for (std::size_t p = 0; p < panels; ++p) {
    const std::size_t lanes = s.shape.lanes_of(p);
    const std::size_t columns = s.shape.gates * lanes;
    const std::size_t units = s.shape.units_of(p);
    const float* x = s.a + s.shape.offset(p, s.a_rows) + row * columns + s.window.first * lanes;
    const float* w = b + (p * s.shape.width * kLanes * s.b_gates + s.b_gate * lanes) * (N * kLanes);
    // The gates of a full panel lie side by side; in a ragged one the padding is skipped.
    const bool full = units == lanes;
    const std::size_t pieces = full ? 1 : s.window.count;
    const std::size_t length = full ? s.window.count * lanes : units;
    for (std::size_t g = 0; g < pieces; ++g) {
      multiply_add(acc, Left<kColumns>{x + g * lanes, columns, 1}, w + g * lanes * (N * kLanes), N * kLanes,
                   length);
    }
  }
}

// The panel of `transposed` that holds the columns of block q.
HWY_INLINE const float* transposed_block(const PanelProduct& s, std::size_t q) {
  return s.b + q * kBlock * s.shape.padded() * s.b_gates;
}

// One block of dL/dh(t), then Cell::gradients on it. A Cell says which gates the recurrent weights feed
// (`kWindow`), whether dL/dh also arrives by `carry` (`kCarry`), and what a gate's gradient is.
template <class Cell>
struct HiddenGradient {
  template <std::size_t N>
  struct Width {
    template <std::size_t M>
    static HWY_INLINE void run(std::size_t b, const LayerPass& s, const PanelProduct& product, std::size_t t,
                               std::size_t q) {
      const std::size_t unit = q * kBlock;
      const std::size_t stride = s.shape.padded();
      Tile<M, N> dh;
      if (t >= s.dh_first) {
        load_rows(dh, s.dh + ((t - s.dh_first) * s.batch + b) * stride + unit, stride);
      } else {
        zero(dh);
      }
      if constexpr (Cell::kCarry) {
        UNROLL_TILE_LOOP
        for (std::size_t m = 0; m < M; ++m) {
          UNROLL_TILE_LOOP
          for (std::size_t n = 0; n < N; ++n) {
            dh.v[m][n] = hn::Add(dh.v[m][n], load(s.carry + (b + m) * stride + unit + n * kLanes));
          }
        }
      }
      if (t + 1 < s.steps)
        add_panel_product<Cell::kSavedColumns>(dh, product, (t + 1) * s.batch + b,
                                               transposed_block(product, q));
      if (s.dh_sum != nullptr) store_rows(dh, s.dh_sum + b * stride + unit, stride);
      Cell::gradients(dh, s, t, b, q);
    }
  };
};

// The recurrent weights' part of dL/dh(t): gate gradients of step t + 1 times the transposed weights.
HWY_INLINE PanelProduct recurrent_product(const LayerPass& s, Window window, std::size_t weight_gates,
                                          std::size_t weight_gate) {
  PanelProduct product;
  product.shape = s.shape;
  product.a = s.saved;
  product.a_rows = saved_rows(s);
  product.window = window;
  product.b = s.transposed;
  product.b_gates = weight_gates;
  product.b_gate = weight_gate;
  return product;
}

// Kernel::run over the sequences of a pass, part by part.
template <class Kernel, std::size_t N, class... Args>
HWY_INLINE void for_each_sequence(const LayerPass& s, const Args&... args) {
  for (std::size_t b = s.first; b < s.active; b += s.part) {
    for_each_tile<Kernel, N>(b, HWY_MIN(s.active, b + s.part), s, args...);
  }
}
template <template <std::size_t> class Kernel, class... Args>
HWY_INLINE void for_each_sequence_of_width(std::size_t vectors, const LayerPass& s, const Args&... args) {
  for (std::size_t b = s.first; b < s.active; b += s.part) {
    for_each_tile_of_width<Kernel>(vectors, b, HWY_MIN(s.active, b + s.part), s, args...);
  }
}

// Kernel<N>::run over the sequences, for each panel of up to four vectors.
template <template <std::size_t> class Kernel>
HWY_INLINE void for_each_panel(const LayerPass& s, std::size_t t) {
  for (std::size_t p = 0; p < s.shape.panels(); ++p) {
    for_each_sequence_of_width<Kernel>(s.shape.lanes_of(p) / kLanes, s, t, p);
  }
}

// Kernel<N>::run over the sequences, for each block of units.
template <template <std::size_t> class Kernel>
HWY_INLINE void for_each_block(const LayerPass& s, const PanelProduct& product, std::size_t t) {
  const std::size_t padded = s.shape.padded();
  for (std::size_t q = 0; q * kBlock < padded; ++q) {
    const std::size_t vectors = HWY_MIN(kTileVectors, (padded - q * kBlock) / kLanes);
    for_each_sequence_of_width<Kernel>(vectors, s, product, t, q);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace unroll::simd
HWY_AFTER_NAMESPACE();

#endif  // UNROLL_SIMD_RECURRENT_INL_H_
