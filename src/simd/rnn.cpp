// Elman's RNN: one gate, so a panel holds up to four vectors of units. Equations: nn/rnn.cpp.
#include <cstddef>

#include "simd/kernels.h"
#include "simd/registry.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/rnn.cpp"
#include <hwy/foreach_target.h>

#include "simd/recurrent-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::simd {
namespace HWY_NAMESPACE {
namespace {

// Derivatives of the activations, from their result.
HWY_INLINE V slope(Activation activation, V h) {
  switch (activation) {
    case Activation::kTanh:
      return hn::NegMulAdd(h, h, set(1.0F));
    case Activation::kRelu:
      return hn::IfThenElseZero(hn::Gt(h, hn::Zero(D())), set(1.0F));
    default:
      return hn::NegMulAdd(h, h, h);
  }
}

template <std::size_t N>
struct RnnForward {
  template <std::size_t M>
  static HWY_INLINE void run(std::size_t b, const LayerPass& s, std::size_t t, std::size_t p) {
    constexpr std::size_t kColumns = N * kLanes;
    Tile<M, N> h;
    fill_rows(h, s.bias + p * kBlock);
    const float* row = input_row(s, t, b);
    const float* w = s.weights + p * kBlock * s.weight_rows;
    multiply_add(h, Left<0>{row, s.row_stride, 1}, w, kColumns, s.shape.units);
    add_input(h, s, t, b, w + s.shape.units * kColumns, kColumns);
    switch (s.activation) {
      case Activation::kTanh:
        activate_tile<Activation::kTanh>(h);
        break;
      case Activation::kRelu:
        activate_tile<Activation::kRelu>(h);
        break;
      case Activation::kSigmoid:
        activate_tile<Activation::kSigmoid>(h);
        // sigmoid(0) is not 0, and padding must not reach the head.
        if (const std::size_t units = s.shape.units_of(p); units < kColumns) {
          const auto real = hn::FirstN(D(), units - (N - 1) * kLanes);
          UNROLL_TILE_LOOP
          for (std::size_t m = 0; m < M; ++m) h.v[m][N - 1] = hn::IfThenElseZero(real, h.v[m][N - 1]);
        }
        break;
    }
    store_hidden(h, s, t, b, p * kBlock);
  }
};

struct RnnGradient {
  static constexpr bool kCarry = false;
  static constexpr std::size_t kSavedColumns = 0;  // depends on the panel

  template <std::size_t M, std::size_t N>
  static HWY_INLINE void gradients(const Tile<M, N>& dh, const LayerPass& s, std::size_t t, std::size_t b,
                                   std::size_t q) {
    float* at = s.saved + q * kBlock * saved_rows(s) + (t * s.batch + b) * N * kLanes;
    const float* after = input_row(s, t + 1, b) + q * kBlock;
    const auto scaled = [&](Activation activation) HWY_ATTR {
      UNROLL_TILE_LOOP
      for (std::size_t m = 0; m < M; ++m) {
        UNROLL_TILE_LOOP
        for (std::size_t n = 0; n < N; ++n) {
          const V h = load(after + m * s.row_stride + n * kLanes);
          store(hn::Mul(dh.v[m][n], slope(activation, h)), at + (m * N + n) * kLanes);
        }
      }
    };
    switch (s.activation) {
      case Activation::kTanh:
        return scaled(Activation::kTanh);
      case Activation::kRelu:
        return scaled(Activation::kRelu);
      case Activation::kSigmoid:
        return scaled(Activation::kSigmoid);
    }
  }
};

void rnn_forward(const LayerPass& s, std::size_t begin, std::size_t end) {
  for (std::size_t t = begin; t < end; ++t) for_each_panel<RnnForward>(s, t);
}

void rnn_backward(const LayerPass& s, std::size_t begin, std::size_t end) {
  const PanelProduct product = recurrent_product(s, {0, 1}, 1, 0);
  for (std::size_t t = end; t-- > begin;) for_each_block<HiddenGradient<RnnGradient>::Width>(s, product, t);
}

void fill(Kernels& table) {
  table.rnn = {rnn_forward, rnn_backward};
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace unroll::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unroll::simd {
HWY_EXPORT(fill);
void fill_rnn(std::size_t index, Kernels& table) {
  HWY_DISPATCH_TABLE(fill)[index](table);
}
}  // namespace unroll::simd
#endif
