// The register tile: M rows x N vectors of accumulators, and how rows are split into tiles.
#if defined(UNROLL_SIMD_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef UNROLL_SIMD_TILE_INL_H_
#undef UNROLL_SIMD_TILE_INL_H_
#else
#define UNROLL_SIMD_TILE_INL_H_
#endif

#include "simd/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace unroll::simd {
namespace HWY_NAMESPACE {

template <std::size_t M, std::size_t N>
struct Tile {
  V v[M][N];
};

// Vector registers of the target: 24 accumulators where there are 32, 12 where there are 16. A few for the
// fallback, which is for little code rather than speed, and for builds with sanitizers, in which large tiles
// take minutes to compile.
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128 || defined(UNROLL_SMALL_TILES)
inline constexpr std::size_t kAccumulators = 4;
#elif HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL || HWY_TARGET == HWY_NEON
inline constexpr std::size_t kAccumulators = 24;
#else
inline constexpr std::size_t kAccumulators = 12;
#endif

// Rows of the highest tile of N vectors.
template <std::size_t N>
inline constexpr std::size_t kMaxRows = N == 1 ? kAccumulators * 2 / 3 : kAccumulators / N;

template <std::size_t M, std::size_t N>
HWY_INLINE void zero(Tile<M, N>& acc) {
  UNROLL_TILE_LOOP
  for (std::size_t m = 0; m < M; ++m) {
    UNROLL_TILE_LOOP
    for (std::size_t n = 0; n < N; ++n) acc.v[m][n] = hn::Zero(D());
  }
}

// Every row starts from the same N vectors.
template <std::size_t M, std::size_t N>
HWY_INLINE void fill_rows(Tile<M, N>& acc, const float* row) {
  UNROLL_TILE_LOOP
  for (std::size_t n = 0; n < N; ++n) {
    const V v = load(row + n * kLanes);
    UNROLL_TILE_LOOP
    for (std::size_t m = 0; m < M; ++m) acc.v[m][n] = v;
  }
}

template <std::size_t M, std::size_t N>
HWY_INLINE void load_rows(Tile<M, N>& acc, const float* p, std::size_t stride) {
  UNROLL_TILE_LOOP
  for (std::size_t m = 0; m < M; ++m) {
    UNROLL_TILE_LOOP
    for (std::size_t n = 0; n < N; ++n) acc.v[m][n] = load(p + m * stride + n * kLanes);
  }
}

template <std::size_t M, std::size_t N>
HWY_INLINE void store_rows(const Tile<M, N>& acc, float* p, std::size_t stride) {
  UNROLL_TILE_LOOP
  for (std::size_t m = 0; m < M; ++m) {
    UNROLL_TILE_LOOP
    for (std::size_t n = 0; n < N; ++n) store(acc.v[m][n], p + m * stride + n * kLanes);
  }
}

// The left factor of a product: rows `row` apart, steps of the sum `step` apart. kRow: the distance of rows
// if it is known when compiled, else 0.
template <std::size_t kRow>
struct Left {
  const float* p;
  std::size_t row;
  std::size_t step;
};

// Pointers to the rows of a tile. With a distance known when compiled one pointer serves all rows; else one
// serves three rows, which the addresses p, p + row and p + 2 row reach: there are too few registers for one
// each.
template <std::size_t kRow, std::size_t M>
struct RowPointers {
  static constexpr std::size_t kGroup = kRow != 0 ? M : 3;
  static constexpr std::size_t kCount = (M + kGroup - 1) / kGroup;

  HWY_INLINE explicit RowPointers(const Left<kRow>& a) : row(kRow != 0 ? kRow : a.row), step(a.step) {
    UNROLL_TILE_LOOP
    for (std::size_t g = 0; g < kCount; ++g) base[g] = a.p + g * kGroup * row;
  }
  HWY_INLINE float at(std::size_t m) const { return base[m / kGroup][m % kGroup * row]; }
  HWY_INLINE void next() {
    UNROLL_TILE_LOOP
    for (std::size_t g = 0; g < kCount; ++g) {
      base[g] += step;
#if HWY_COMPILER_GCC || HWY_COMPILER_CLANG
      __asm__("" : "+r"(base[g]));  // else the compiler makes a pointer for each row again
#endif
    }
  }

  const float* base[kCount];
  std::size_t row;
  std::size_t step;
};

// One step of the sum: acc[m][n] += a[m] * b[n].
template <std::size_t M, std::size_t N, class Rows>
HWY_INLINE void multiply_add_step(Tile<M, N>& acc, const Rows& a, const float* b) {
  V w[N];
  UNROLL_TILE_LOOP
  for (std::size_t n = 0; n < N; ++n) w[n] = load(b + n * kLanes);
  UNROLL_TILE_LOOP
  for (std::size_t m = 0; m < M; ++m) {
    const V x = set(a.at(m));
    UNROLL_TILE_LOOP
    for (std::size_t n = 0; n < N; ++n) acc.v[m][n] = hn::MulAdd(x, w[n], acc.v[m][n]);
  }
}

// acc[m][n] += sum over k < count of a(m, k) * b[k * b_step + n]. A tile with too few accumulators to hide
// the latency of the multiply-add splits the sum over several sets of them.
template <std::size_t M, std::size_t N, std::size_t kRow>
HWY_INLINE void multiply_add(Tile<M, N>& acc, const Left<kRow>& a, const float* HWY_RESTRICT b,
                             std::size_t b_step, std::size_t count) {
  constexpr std::size_t kSplit = M * N >= 8 ? 1 : M * N >= 4 ? 2 : M * N >= 2 ? 4 : 8;
  RowPointers<kRow, M> rows(a);
  if constexpr (kSplit > 1) {
    if (count >= 2 * kSplit) {
      Tile<M, N> part[kSplit - 1];
      UNROLL_TILE_LOOP
      for (std::size_t s = 0; s + 1 < kSplit; ++s) zero(part[s]);
      for (; count >= kSplit; count -= kSplit) {
        multiply_add_step(acc, rows, b);
        rows.next();
        b += b_step;
        UNROLL_TILE_LOOP
        for (std::size_t s = 0; s + 1 < kSplit; ++s) {
          multiply_add_step(part[s], rows, b);
          rows.next();
          b += b_step;
        }
      }
      UNROLL_TILE_LOOP
      for (std::size_t s = 0; s + 1 < kSplit; ++s) {
        UNROLL_TILE_LOOP
        for (std::size_t m = 0; m < M; ++m) {
          UNROLL_TILE_LOOP
          for (std::size_t n = 0; n < N; ++n) acc.v[m][n] = hn::Add(acc.v[m][n], part[s].v[m][n]);
        }
      }
    }
  }
  for (; count > 0; --count) {
    multiply_add_step(acc, rows, b);
    rows.next();
    b += b_step;
  }
}

// The highest tile of N vectors that covers at most this many rows. All heights are compiled for N = 4, where
// most of the work is, and a few for narrow tiles.
template <std::size_t N>
inline constexpr std::size_t tile_height(std::size_t rows) {
  if (N == kTileVectors) return rows < kMaxRows<N> ? rows : kMaxRows<N>;
  if (rows >= kMaxRows<N>) return kMaxRows<N>;
  return rows >= 8 ? 8 : rows >= 4 ? 4 : rows >= 2 ? 2 : 1;
}

template <class Kernel, std::size_t N, std::size_t M, class... Args>
HWY_INLINE void run_tile(std::size_t height, std::size_t row, const Args&... args) {
  if (height == M) {
    Kernel::template run<M>(row, args...);
  } else if constexpr (M > 1) {
    run_tile<Kernel, N, tile_height<N>(M - 1)>(height, row, args...);
  }
}

// Covers rows [begin, end) with tiles of nearly equal height: Kernel::run<M>(first row, args...).
template <class Kernel, std::size_t N, class... Args>
HWY_INLINE void for_each_tile(std::size_t begin, std::size_t end, const Args&... args) {
  constexpr std::size_t kMax = kMaxRows<N>;
  while (begin < end) {
    const std::size_t left = end - begin;
    const std::size_t tiles = (left + kMax - 1) / kMax;
    const std::size_t height = tile_height<N>((left + tiles - 1) / tiles);
    run_tile<Kernel, N, kMax>(height, begin, args...);
    begin += height;
  }
}

// Kernel<N>::run for a width that is known at run time.
template <template <std::size_t> class Kernel, class... Args>
HWY_INLINE void for_each_tile_of_width(std::size_t vectors, std::size_t begin, std::size_t end,
                                       const Args&... args) {
  switch (vectors) {
    case 1:
      return for_each_tile<Kernel<1>, 1>(begin, end, args...);
    case 2:
      return for_each_tile<Kernel<2>, 2>(begin, end, args...);
    case 3:
      return for_each_tile<Kernel<3>, 3>(begin, end, args...);
    default:
      return for_each_tile<Kernel<4>, 4>(begin, end, args...);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace unroll::simd
HWY_AFTER_NAMESPACE();

#endif  // UNROLL_SIMD_TILE_INL_H_
