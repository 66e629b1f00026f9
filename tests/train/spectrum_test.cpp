#include "train/spectrum.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/rng.h"
#include "tests/support/every_target.h"

namespace unroll {
namespace {

std::vector<float> diagonal(const std::vector<float>& values) {
  std::vector<float> matrix(values.size() * values.size(), 0.0F);
  for (std::size_t i = 0; i < values.size(); ++i) matrix[i * values.size() + i] = values[i];
  return matrix;
}

TEST(Spectrum, OfADiagonalMatrix) {
  on_every_target([] {
    const std::vector<float> matrix = diagonal({0.5F, -3.0F, 1.0F});
    EXPECT_NEAR(spectral_norm(matrix, 3), 3.0, 1e-5);
    EXPECT_NEAR(spectral_radius(matrix, 3), 3.0, 1e-5);
  });
}

// Complex eigenvalues 0.9 e^(+-i): a plain power iteration would turn for ever.
TEST(Spectrum, OfARotation) {
  const auto c = static_cast<float>(0.9 * std::cos(1.0));
  const auto s = static_cast<float>(0.9 * std::sin(1.0));
  const std::vector<float> matrix = {c, -s, s, c};
  EXPECT_NEAR(spectral_norm(matrix, 2), 0.9, 1e-5);
  EXPECT_NEAR(spectral_radius(matrix, 2), 0.9, 1e-3);
}

// Far from normal: eigenvalues 0.5 and 0.25, singular values near 100.
TEST(Spectrum, OfAShearIsNotItsNorm) {
  const std::vector<float> matrix = {0.5F, 100.0F, 0.0F, 0.25F};
  EXPECT_NEAR(spectral_norm(matrix, 2), 100.0, 0.1);
  EXPECT_NEAR(spectral_radius(matrix, 2), 0.5, 0.005);
}

TEST(Spectrum, OfWhatVanishes) {
  EXPECT_EQ(spectral_norm(std::vector<float>(9, 0.0F), 3), 0.0);
  EXPECT_EQ(spectral_radius(std::vector<float>(9, 0.0F), 3), 0.0);
  const std::vector<float> nilpotent = {0.0F, 1.0F, 0.0F, 0.0F};
  EXPECT_NEAR(spectral_norm(nilpotent, 2), 1.0, 1e-6);
  EXPECT_EQ(spectral_radius(nilpotent, 2), 0.0);
}

// Similar matrices have the same eigenvalues: S D S^-1 with S = I + u v^T, S^-1 = I - u v^T / (1 + v.u).
TEST(Spectrum, SurvivesAChangeOfBasis) {
  constexpr std::size_t kSize = 37;
  Rng rng({3, 1}, Purpose::kInit, 0);
  std::vector<double> u(kSize);
  std::vector<double> v(kSize);
  std::vector<double> d(kSize);
  double dot = 0.0;
  for (std::size_t i = 0; i < kSize; ++i) {
    u[i] = rng.normal() * 0.3;
    v[i] = rng.normal() * 0.3;
    d[i] = rng.uniform(-1.1, 1.1);
    dot += u[i] * v[i];
  }
  d[5] = -1.2;
  std::vector<float> matrix(kSize * kSize);
  for (std::size_t r = 0; r < kSize; ++r) {
    for (std::size_t c = 0; c < kSize; ++c) {
      double sum = 0.0;
      for (std::size_t k = 0; k < kSize; ++k) {
        const double left = (r == k ? 1.0 : 0.0) + u[r] * v[k];
        const double right = (k == c ? 1.0 : 0.0) - u[k] * v[c] / (1.0 + dot);
        sum += left * d[k] * right;
      }
      matrix[r * kSize + c] = static_cast<float>(sum);
    }
  }
  EXPECT_NEAR(spectral_radius(matrix, kSize), 1.2, 0.012);
  EXPECT_GE(spectral_norm(matrix, kSize), 1.2);
}

}  // namespace
}  // namespace unroll
