// Matrix products over register tiles; contracts in simd/kernels.h.
#include <cstddef>

#include "simd/kernels.h"
#include "simd/registry.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/products.cpp"
#include <hwy/foreach_target.h>

#include "simd/recurrent-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::simd {
namespace HWY_NAMESPACE {
namespace {

// Rows of a sum that are taken at once, so that a panel's part of b stays in the first-level cache.
constexpr std::size_t kRowBlock = 128;

template <std::size_t N>
struct ProductTile {
  template <std::size_t M>
  static HWY_INLINE void run(std::size_t row, const Product& s, std::size_t column) {
    Tile<M, N> acc;
    if (s.init != nullptr) {
      fill_rows(acc, s.init + column);
    } else {
      zero(acc);
    }
    multiply_add(acc, Left<0>{s.a + row * s.a_stride, s.a_stride, 1}, s.b + column, s.b_stride, s.depth);
    store_rows(acc, s.out + row * s.out_stride + column, s.out_stride);
  }
};

void product(const Product& s) {
  for (std::size_t column = 0; column < s.columns; column += kBlock) {
    const std::size_t vectors = HWY_MIN(kTileVectors, (s.columns - column) / kLanes);
    for_each_tile_of_width<ProductTile>(vectors, 0, s.rows, s, column);
  }
}

template <std::size_t N>
struct OuterTile {
  template <std::size_t M>
  static HWY_INLINE void run(std::size_t k, const OuterSum& s) {
    Tile<M, N> acc;
    float* out = s.out + k * s.out_stride;
    if (s.accumulate) {
      load_rows(acc, out, s.out_stride);
    } else {
      zero(acc);
    }
    multiply_add(acc, Left<1>{s.a + k, 1, s.a_stride}, s.b, s.b_stride, s.rows);
    store_rows(acc, out, s.out_stride);
  }
};

void outer_sum(const OuterSum& s) {
  for (std::size_t row = 0; row < s.rows; row += kRowBlock) {
    for (std::size_t column = 0; column < s.columns; column += kBlock) {
      OuterSum block = s;
      block.rows = HWY_MIN(kRowBlock, s.rows - row);
      block.a += row * s.a_stride;
      block.b += row * s.b_stride + column;
      block.out += column;
      block.accumulate = s.accumulate || row > 0;
      const std::size_t vectors = HWY_MIN(kTileVectors, (s.columns - column) / kLanes);
      for_each_tile_of_width<OuterTile>(vectors, 0, s.depth, block);
    }
  }
}

void scatter_sum(const ScatterSum& s) {
  for (std::size_t r = 0; r < s.rows; ++r) {
    const float* from = s.b + r * s.b_stride;
    float* to = s.out + static_cast<std::size_t>(s.index[r]) * s.out_stride;
    for (std::size_t c = 0; c < s.columns; c += kLanes) store(hn::Add(load(to + c), load(from + c)), to + c);
  }
}

void panel_outer_sum(const PanelOuterSum& s) {
  OuterSum block;
  block.depth = s.depth;
  block.a_stride = s.a_stride;
  for (std::size_t row = s.first_row; row < s.last_row; row += kRowBlock) {
    block.rows = HWY_MIN(kRowBlock, s.last_row - row);
    block.a = s.a + row * s.a_stride;
    block.accumulate = s.accumulate || row > s.first_row;
    for (std::size_t p = 0; p < s.b_shape.panels(); ++p) {
      const std::size_t lanes = s.b_shape.lanes_of(p);
      block.b_stride = s.b_shape.columns(p);
      block.b = s.b + s.b_shape.offset(p, s.b_rows) + row * block.b_stride + s.b_window.first * lanes;
      block.out_stride = s.out_shape.columns(p);
      block.out =
          s.out + s.out_shape.offset(p, s.out_rows) + s.out_row * block.out_stride + s.out_gate * lanes;
      // A window of wide panels is cut into tiles of nearly equal width.
      std::size_t vectors = s.b_window.count * lanes / kLanes;
      for (std::size_t tiles = (vectors + kTileVectors - 1) / kTileVectors; tiles > 0; --tiles) {
        const std::size_t width = (vectors + tiles - 1) / tiles;
        for_each_tile_of_width<OuterTile>(width, 0, s.depth, block);
        block.b += width * kLanes;
        block.out += width * kLanes;
        vectors -= width;
      }
    }
  }
}

template <std::size_t N>
struct PanelProductTile {
  template <std::size_t M>
  static HWY_INLINE void run(std::size_t row, const PanelProduct& s, std::size_t q) {
    Tile<M, N> acc;
    zero(acc);
    add_panel_product<0>(acc, s, row, transposed_block(s, q));
    store_rows(acc, s.out + row * s.out_stride + q * kBlock, s.out_stride);
  }
};

void panel_product(const PanelProduct& s) {
  const std::size_t padded = round_up(s.columns, kLanes);
  for (std::size_t q = 0; q * kBlock < padded; ++q) {
    const std::size_t vectors = HWY_MIN(kTileVectors, (padded - q * kBlock) / kLanes);
    for_each_tile_of_width<PanelProductTile>(vectors, s.first_row, s.last_row, s, q);
  }
}

// A square of kLanes x kLanes: each pass moves the lowest bit of the lane to the top of the row number, and
// the lowest bit of the row number to the top of the lane.
HWY_INLINE void transpose_square([[maybe_unused]] V (&v)[kLanes]) {
#if HWY_TARGET != HWY_SCALAR
  constexpr std::size_t kHalf = kLanes / 2;
  V t[kLanes];
  UNROLL_TILE_LOOP
  for (std::size_t pass = 1; pass < kLanes; pass *= 2) {
    UNROLL_TILE_LOOP
    for (std::size_t i = 0; i < kHalf; ++i) {
      t[i] = hn::ConcatEven(D(), v[2 * i + 1], v[2 * i]);
      t[i + kHalf] = hn::ConcatOdd(D(), v[2 * i + 1], v[2 * i]);
    }
    UNROLL_TILE_LOOP
    for (std::size_t i = 0; i < kLanes; ++i) v[i] = t[i];
  }
#endif
}

void transpose(const Transpose& s) {
  const std::size_t padded = round_up(s.count, kLanes);
  const std::size_t out_rows = s.shape.padded() * s.shape.gates;
  for (std::size_t p = 0; p < s.shape.panels(); ++p) {
    const std::size_t columns = s.shape.columns(p);
    const float* from = s.weights + s.shape.offset(p, s.weight_rows) + s.first * columns;
    for (std::size_t unit = 0; unit < padded; unit += kLanes) {
      const std::size_t q = unit / kBlock;
      const std::size_t width = HWY_MIN(kBlock, padded - q * kBlock);
      float* to = s.out + q * kBlock * out_rows + s.shape.offset(p, 1) * width + unit % kBlock;
      const std::size_t rows = HWY_MIN(kLanes, s.count - unit);
      for (std::size_t c = 0; c < columns; c += kLanes) {
        V v[kLanes];
        UNROLL_TILE_LOOP
        for (std::size_t i = 0; i < kLanes; ++i) {
          v[i] = i < rows ? load(from + (unit + i) * columns + c) : hn::Zero(D());
        }
        transpose_square(v);
        UNROLL_TILE_LOOP
        for (std::size_t i = 0; i < kLanes; ++i) store(v[i], to + (c + i) * width);
      }
    }
  }
}

void fill(Kernels& table) {
  table.product = product;
  table.outer_sum = outer_sum;
  table.scatter_sum = scatter_sum;
  table.panel_outer_sum = panel_outer_sum;
  table.panel_product = panel_product;
  table.transpose = transpose;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace unroll::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace unroll::simd {
HWY_EXPORT(fill);
void fill_products(std::size_t index, Kernels& table) {
  HWY_DISPATCH_TABLE(fill)[index](table);
}
}  // namespace unroll::simd
#endif
