// Matrix products against plain loops in double, with shapes that fit no tile.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/buffer.h"
#include "base/rng.h"
#include "simd/kernels.h"
#include "tests/support/every_target.h"

namespace unroll {
namespace {

Buffer<float> random_buffer(std::size_t size, std::uint32_t stream) {
  Buffer<float> buffer(size);
  Rng rng({5, 0}, Purpose::kSample, stream);
  for (std::size_t i = 0; i < size; ++i) buffer[i] = static_cast<float>(rng.normal());
  return buffer;
}

// A sum of n products of numbers of size one: each rounding is at most half an ulp of the partial sum.
double bound(std::size_t n) {
  return 2e-7 * static_cast<double>(n + 4);
}

TEST(Products, ProductAgreesWithPlainLoops) {
  on_every_target([] {
    const simd::Kernels& k = simd::kernels();
    for (std::size_t rows : {1U, 2U, 5U, 6U, 7U, 13U, 32U, 37U}) {
      for (std::size_t depth : {1U, 2U, 3U, 17U, 70U}) {
        for (std::size_t vectors : {1U, 2U, 3U, 4U, 5U, 9U}) {
          for (bool with_init : {false, true}) {
            simd::Product s;
            s.rows = rows;
            s.depth = depth;
            s.columns = vectors * k.lanes;
            s.a_stride = depth + 3;
            s.b_stride = s.columns + k.lanes;
            s.out_stride = s.columns + 2 * k.lanes;
            const Buffer<float> a = random_buffer(rows * s.a_stride, 1);
            const Buffer<float> b = random_buffer(depth * s.b_stride, 2);
            const Buffer<float> init = random_buffer(s.columns, 3);
            Buffer<float> out = random_buffer(rows * s.out_stride, 4);
            const Buffer<float> before = random_buffer(rows * s.out_stride, 4);
            s.a = a.data();
            s.b = b.data();
            s.init = with_init ? init.data() : nullptr;
            s.out = out.data();
            k.product(s);
            for (std::size_t r = 0; r < rows; ++r) {
              for (std::size_t c = 0; c < s.out_stride; ++c) {
                const std::size_t at = r * s.out_stride + c;
                if (c >= s.columns) {
                  ASSERT_EQ(out[at], before[at]) << "written past the columns";
                  continue;
                }
                double sum = with_init ? static_cast<double>(init[c]) : 0.0;
                double size = std::abs(sum);
                for (std::size_t i = 0; i < depth; ++i) {
                  const double term =
                      static_cast<double>(a[r * s.a_stride + i]) * static_cast<double>(b[i * s.b_stride + c]);
                  sum += term;
                  size += std::abs(term);
                }
                ASSERT_NEAR(static_cast<double>(out[at]), sum, bound(1) * size)
                    << rows << ' ' << depth << ' ' << vectors;
              }
            }
          }
        }
      }
    }
  });
}

TEST(Products, OuterSumAgreesWithPlainLoops) {
  on_every_target([] {
    const simd::Kernels& k = simd::kernels();
    for (std::size_t rows : {1U, 3U, 127U, 128U, 300U}) {
      for (std::size_t depth : {1U, 2U, 7U, 18U, 34U}) {
        for (std::size_t vectors : {1U, 2U, 3U, 4U, 7U}) {
          for (bool accumulate : {false, true}) {
            simd::OuterSum s;
            s.rows = rows;
            s.depth = depth;
            s.columns = vectors * k.lanes;
            s.a_stride = depth + 1;
            s.b_stride = s.columns;
            s.out_stride = s.columns;
            s.accumulate = accumulate;
            const Buffer<float> a = random_buffer(rows * s.a_stride, 1);
            const Buffer<float> b = random_buffer(rows * s.b_stride, 2);
            Buffer<float> out = random_buffer(depth * s.out_stride, 3);
            const Buffer<float> before = random_buffer(depth * s.out_stride, 3);
            s.a = a.data();
            s.b = b.data();
            s.out = out.data();
            k.outer_sum(s);
            for (std::size_t i = 0; i < depth; ++i) {
              for (std::size_t c = 0; c < s.columns; ++c) {
                double sum = accumulate ? static_cast<double>(before[i * s.out_stride + c]) : 0.0;
                double size = std::abs(sum);
                for (std::size_t r = 0; r < rows; ++r) {
                  const double term =
                      static_cast<double>(a[r * s.a_stride + i]) * static_cast<double>(b[r * s.b_stride + c]);
                  sum += term;
                  size += std::abs(term);
                }
                ASSERT_NEAR(static_cast<double>(out[i * s.out_stride + c]), sum, bound(4) * size)
                    << rows << ' ' << depth << ' ' << vectors;
              }
            }
          }
        }
      }
    }
  });
}

// Position of (row, gate, unit) in panels.
std::size_t at(const simd::PanelShape& shape, std::size_t rows, std::size_t row, std::size_t gate,
               std::size_t unit) {
  const std::size_t full = shape.width * shape.lanes;
  const std::size_t p = unit / full;
  return shape.offset(p, rows) + row * shape.columns(p) + gate * shape.lanes_of(p) + unit % full;
}

TEST(Products, PanelsAndTheirTransposeAgreeWithPlainLoops) {
  on_every_target([] {
    const simd::Kernels& k = simd::kernels();
    for (std::size_t units : {1U, 16U, 17U, 50U, 70U}) {
      for (std::size_t width : {1U, 4U}) {
        const std::size_t gates = width == 1 ? 3 : 1;
        const simd::PanelShape shape{units, k.lanes, width, gates};
        const std::size_t rows = 11;
        const std::size_t depth = 21;  // weight rows 2 .. 22 of 25
        Buffer<float> a(shape.size(rows));
        Buffer<float> w(shape.size(25));
        Rng rng({6, 0}, Purpose::kSample);
        for (std::size_t g = 0; g < gates; ++g) {
          for (std::size_t u = 0; u < units; ++u) {
            for (std::size_t r = 0; r < rows; ++r)
              a[at(shape, rows, r, g, u)] = static_cast<float>(rng.normal());
            for (std::size_t r = 0; r < 25; ++r) w[at(shape, 25, r, g, u)] = static_cast<float>(rng.normal());
          }
        }
        Buffer<float> transposed(simd::transposed_size(shape, depth));
        simd::Transpose t;
        t.shape = shape;
        t.weights = w.data();
        t.weight_rows = 25;
        t.first = 2;
        t.count = depth;
        t.out = transposed.data();
        k.transpose(t);

        // The last gates, so that windows are covered too.
        const simd::Window window{gates - 1, 1};
        Buffer<float> out(rows * 3 * 64);
        simd::PanelProduct s;
        s.first_row = 2;
        s.last_row = rows;
        s.shape = shape;
        s.a = a.data();
        s.a_rows = rows;
        s.window = window;
        s.b = transposed.data();
        s.b_gates = gates;
        s.b_gate = gates - 1;
        s.columns = depth;
        s.out = out.data();
        s.out_stride = 3 * 64;
        k.panel_product(s);
        for (std::size_t r = 2; r < rows; ++r) {
          for (std::size_t c = 0; c < simd::round_up(depth, k.lanes); ++c) {
            double sum = 0.0;
            double size = 1e-30;
            for (std::size_t u = 0; c < depth && u < units; ++u) {
              const double term = static_cast<double>(a[at(shape, rows, r, gates - 1, u)]) *
                                  static_cast<double>(w[at(shape, 25, c + 2, gates - 1, u)]);
              sum += term;
              size += std::abs(term);
            }
            ASSERT_NEAR(static_cast<double>(out[r * s.out_stride + c]), sum, bound(4) * size)
                << units << ' ' << c;
          }
        }

        // And the sum that makes weight gradients from the same window.
        const Buffer<float> x = random_buffer(rows * 8, 7);
        Buffer<float> sum_out(shape.size(10));
        simd::PanelOuterSum o;
        o.first_row = 2;
        o.last_row = rows;
        o.depth = 5;
        o.a = x.data();
        o.a_stride = 8;
        o.b_shape = shape;
        o.b = a.data();
        o.b_rows = rows;
        o.b_window = window;
        o.out_shape = shape;
        o.out = sum_out.data();
        o.out_rows = 10;
        o.out_row = 4;
        o.out_gate = 0;
        k.panel_outer_sum(o);
        for (std::size_t i = 0; i < 5; ++i) {
          for (std::size_t u = 0; u < units; ++u) {
            double sum = 0.0;
            double size = 0.0;
            for (std::size_t r = 2; r < rows; ++r) {
              const double term = static_cast<double>(x[r * 8 + i]) *
                                  static_cast<double>(a[at(shape, rows, r, gates - 1, u)]);
              sum += term;
              size += std::abs(term);
            }
            ASSERT_NEAR(static_cast<double>(sum_out[at(shape, 10, 4 + i, 0, u)]), sum, bound(4) * size);
          }
        }
        double written = 0.0;
        for (std::size_t i = 0; i < sum_out.size(); ++i) written += sum_out[i] != 0.0F ? 1.0 : 0.0;
        EXPECT_LE(written, static_cast<double>(5 * units)) << "padding or foreign rows were written";
      }
    }
  });
}

}  // namespace
}  // namespace unroll
