#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "base/buffer.h"
#include "simd/kernels.h"
#include "tests/support/every_target.h"

namespace unroll {
namespace {

TEST(Ceilings, MultiplyAddsDoTheirWork) {
  on_every_target([] {
    const simd::Kernels& kernels = simd::kernels();
    // Chain i starts at i and goes half the way to 1 in each round.
    const double chains = static_cast<double>(simd::kMultiplyAddChains);
    const double lanes = static_cast<double>(kernels.lanes);
    const double start = chains * (chains - 1.0) / 2.0;
    EXPECT_FLOAT_EQ(kernels.multiply_adds(0), static_cast<float>(start * lanes));
    EXPECT_FLOAT_EQ(kernels.multiply_adds(1), static_cast<float>((start + chains) / 2.0 * lanes));
    EXPECT_FLOAT_EQ(kernels.multiply_adds(100), static_cast<float>(chains * lanes));
  });
}

TEST(Ceilings, ReadTouchesEveryNumber) {
  on_every_target([] {
    const simd::Kernels& kernels = simd::kernels();
    Buffer<float> x(3 * 8 * kernels.lanes);
    std::iota(x.data(), x.data() + x.size(), 1.0F);
    const double n = static_cast<double>(x.size());
    EXPECT_FLOAT_EQ(kernels.read(x.data(), x.size(), 5), static_cast<float>(5.0 * n * (n + 1.0) / 2.0));
  });
}

}  // namespace
}  // namespace unroll
