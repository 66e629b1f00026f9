#include "train/gradient_flow.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace unroll {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<double> geometric(double first, double factor, std::size_t count) {
  std::vector<double> norms;
  for (std::size_t lag = 0; lag < count; ++lag) {
    norms.push_back(first * std::pow(factor, static_cast<double>(lag)));
  }
  return norms;
}

TEST(GradientFlow, FindsTheFactorOfAGeometricDecay) {
  for (const double factor : {0.3, 0.9, 1.0, 1.2}) {
    EXPECT_NEAR(decay_per_step(geometric(7.0, factor, 20)), factor, 1e-12);
    EXPECT_NEAR(lyapunov_exponent(geometric(7.0, factor, 20)), std::log(factor), 1e-12);
  }
}

TEST(GradientFlow, FitsALineAndNotTheEnds) {
  // ln norms 0, -1, 0, -1: slope of the least-squares line -0.2.
  const std::vector<double> norms = {1.0, std::exp(-1.0), 1.0, std::exp(-1.0)};
  EXPECT_NEAR(decay_per_step(norms), std::exp(-0.2), 1e-12);
  EXPECT_NEAR(lyapunov_exponent(norms), -1.0 / 3.0, 1e-12);
}

TEST(GradientFlow, StopsWhereFloatsRunOut) {
  std::vector<double> norms = geometric(1.0, 0.5, 10);
  norms.push_back(0.0);
  norms.push_back(5.0);
  EXPECT_NEAR(decay_per_step(norms), 0.5, 1e-12);
  EXPECT_NEAR(lyapunov_exponent(norms), std::log(0.5), 1e-12);
  norms = geometric(1.0, 1e-8, 6);  // the fifth is fainter than kFaintestNorm
  norms[4] = norms[5] = 1e-31;
  EXPECT_NEAR(decay_per_step(norms), 1e-8, 1e-18);
}

TEST(GradientFlow, SaysNothingWithoutTwoNorms) {
  EXPECT_TRUE(std::isnan(decay_per_step({})));
  EXPECT_TRUE(std::isnan(decay_per_step(std::vector<double>{1.0})));
  EXPECT_TRUE(std::isnan(decay_per_step(std::vector<double>{0.0, 1.0})));
  EXPECT_TRUE(std::isnan(lyapunov_exponent(std::vector<double>{std::nan(""), 1.0})));
  EXPECT_TRUE(std::isnan(half_life(std::nan(""))));
}

TEST(GradientFlow, HalfLifeIsInSteps) {
  EXPECT_NEAR(half_life(0.5), 1.0, 1e-12);
  EXPECT_NEAR(half_life(std::sqrt(0.5)), 2.0, 1e-12);
  EXPECT_EQ(half_life(1.0), kInfinity);
  EXPECT_EQ(half_life(1.5), kInfinity);
  EXPECT_EQ(half_life(0.0), 0.0);
}

TEST(GradientFlow, RatioSkipsLagsWithoutANorm) {
  EXPECT_EQ(flow_ratio(std::vector<double>{4.0, 2.0, 1.0, std::nan("")}), 0.25);
  EXPECT_EQ(flow_ratio(std::vector<double>{4.0, 0.0}), 0.0);
  EXPECT_EQ(flow_ratio(std::vector<double>{0.0, 0.0}), 0.0);
  EXPECT_TRUE(std::isnan(flow_ratio({})));
  EXPECT_TRUE(std::isnan(flow_ratio(std::vector<double>{std::nan(""), std::nan("")})));
}

TEST(GradientFlow, ClassifiesByTheWorstAndTheBestLayer) {
  EXPECT_EQ(classify_flow(std::vector<double>{1e-4}), Flow::kVanishing);
  EXPECT_EQ(classify_flow(std::vector<double>{1e-4, 0.5}), Flow::kHealthy);
  EXPECT_EQ(classify_flow(std::vector<double>{1e-4, 2e3}), Flow::kExploding);
  EXPECT_EQ(classify_flow(std::vector<double>{std::nan("")}), Flow::kExploding);
  EXPECT_EQ(classify_flow(std::vector<double>{1e-3}), Flow::kHealthy);
}

}  // namespace
}  // namespace unroll
