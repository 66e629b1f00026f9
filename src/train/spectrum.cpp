#include "train/spectrum.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "base/buffer.h"
#include "simd/kernels.h"

namespace unroll {
namespace {

constexpr int kMaxIterations = 1000;
constexpr double kTolerance = 1e-7;

double norm_of(const std::vector<double>& x) {
  double squares = 0.0;
  for (const double v : x) squares += v * v;
  return std::sqrt(squares);
}

}  // namespace

double spectral_norm(std::span<const float> matrix, std::size_t n) {
  // A start with all components, none of them special.
  std::vector<double> x(n);
  for (std::size_t i = 0; i < n; ++i) x[i] = 1.0 + 0.5 * std::sin(static_cast<double>(i));
  std::vector<double> y(n);
  double estimate = 0.0;
  for (int iteration = 0; iteration < kMaxIterations; ++iteration) {
    const double length = norm_of(x);
    if (length == 0.0) return 0.0;
    for (double& v : x) v /= length;
    for (std::size_t r = 0; r < n; ++r) {
      double sum = 0.0;
      for (std::size_t c = 0; c < n; ++c) sum += matrix[r * n + c] * x[c];
      y[r] = sum;
    }
    const double next = norm_of(y);
    if (std::abs(next - estimate) <= kTolerance * next) return next;
    estimate = next;
    std::fill(x.begin(), x.end(), 0.0);
    for (std::size_t r = 0; r < n; ++r) {
      for (std::size_t c = 0; c < n; ++c) x[c] += matrix[r * n + c] * y[r];
    }
  }
  return estimate;
}

double spectral_radius(std::span<const float> matrix, std::size_t n) {
  const simd::Kernels& kernels = simd::kernels();
  simd::Product product;
  product.rows = n;
  product.depth = n;
  product.columns = simd::round_up(n, kernels.lanes);
  product.a_stride = product.b_stride = product.out_stride = product.columns;
  Buffer<float> power(n * product.columns);
  Buffer<float> square(n * product.columns);
  for (std::size_t r = 0; r < n; ++r) {
    std::copy_n(matrix.data() + r * n, n, power.data() + r * product.columns);
  }
  // The scale taken out so far: A^k = power * e^log_scale.
  double log_scale = 0.0;
  double exponent = 1.0;
  double radius = 0.0;
  for (int step = 0; step < kSpectralProducts; ++step) {
    const double norm = std::sqrt(kernels.square_sum(power.data(), power.size()));
    if (!(norm > 0.0)) return 0.0;
    log_scale += std::log(norm);
    radius = std::exp(log_scale / exponent);
    const auto scale = static_cast<float>(1.0 / norm);
    for (float& v : power.span()) v *= scale;
    product.a = product.b = power.data();
    product.out = square.data();
    kernels.product(product);
    std::swap(power, square);
    log_scale *= 2.0;
    exponent *= 2.0;
  }
  return radius;
}

}  // namespace unroll
