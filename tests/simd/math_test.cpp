// exp, tanh and sigmoid against the C library in double, in units in the last place.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "simd/kernels.h"
#include "tests/support/every_target.h"

namespace unroll {
namespace {

using ArrayFunction = void (*)(const float*, float*, std::size_t);

// Distance from the exact value in units of the spacing of floats there.
double ulps(float got, double want) {
  const double size = std::max(std::abs(want), static_cast<double>(std::numeric_limits<float>::min()));
  int exponent = 0;
  std::frexp(size, &exponent);
  return std::abs(static_cast<double>(got) - want) / std::ldexp(1.0, exponent - 24);
}

// Every float of a stride through the bit patterns up to `limit`, of both signs.
std::vector<float> sweep(float limit) {
  std::vector<float> values;
  std::uint32_t end = 0;
  std::memcpy(&end, &limit, sizeof end);
  for (std::uint32_t bits = 0; bits <= end; bits += 4999) {
    float x = 0.0F;
    std::memcpy(&x, &bits, sizeof x);
    values.push_back(x);
    values.push_back(-x);
  }
  return values;
}

void expect_ulps(ArrayFunction function, double (*exact)(double), const std::vector<float>& x, double bound,
                 double slope = 0.0) {
  std::vector<float> y(x.size());
  function(x.data(), y.data(), x.size());
  double worst = 0.0;
  float at = 0.0F;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double more = slope * std::abs(static_cast<double>(x[i]));
    const double error = ulps(y[i], exact(static_cast<double>(x[i]))) - more;
    if (!(error <= worst)) {
      worst = error;
      at = x[i];
    }
  }
  EXPECT_LE(worst, bound) << "at " << at;
}

double exact_sigmoid(double x) {
  return 1.0 / (1.0 + std::exp(-x));
}

TEST(Math, ErrorsStayWithinTheStatedBounds) {
  const std::vector<float> all = sweep(87.0F);
  const std::vector<float> large = sweep(3e38F);
  on_every_target([&] {
    expect_ulps(
        simd::kernels().exp, [](double x) { return std::exp(x); }, all, 2.0);
    expect_ulps(
        simd::kernels().tanh, [](double x) { return std::tanh(x); }, large, 3.0);
    expect_ulps(simd::kernels().sigmoid, exact_sigmoid, all, 4.0, 1.25);
    std::vector<float> y(all.size());
    simd::kernels().sigmoid(all.data(), y.data(), all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      const double exact = exact_sigmoid(static_cast<double>(all[i]));
      ASSERT_NEAR(static_cast<double>(y[i]), exact, 2e-7);
    }
  });
}

TEST(Math, SpecialValues) {
  const float infinity = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  on_every_target([&] {
    const simd::Kernels& k = simd::kernels();
    const std::vector<float> x = {0.0F, -0.0F, infinity, -infinity, nan, 1e30F, -1e30F};
    std::vector<float> y(x.size());
    k.tanh(x.data(), y.data(), x.size());
    EXPECT_EQ(y[0], 0.0F);
    EXPECT_EQ(y[2], 1.0F);
    EXPECT_EQ(y[3], -1.0F);
    EXPECT_TRUE(std::isnan(y[4]));
    EXPECT_EQ(y[5], 1.0F);
    k.sigmoid(x.data(), y.data(), x.size());
    EXPECT_EQ(y[0], 0.5F);
    EXPECT_EQ(y[2], 1.0F);
    EXPECT_LT(y[3], 1e-37F);
    EXPECT_GE(y[3], 0.0F);
    EXPECT_TRUE(std::isnan(y[4]));
    k.exp(x.data(), y.data(), x.size());
    EXPECT_EQ(y[0], 1.0F);
    EXPECT_TRUE(std::isfinite(y[2]));  // clamped
    EXPECT_TRUE(std::isnan(y[4]));
  });
}

}  // namespace
}  // namespace unroll
