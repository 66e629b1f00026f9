#include "data/scaler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace unroll {
namespace {

Scaler fit(const std::string& normalize, const std::vector<double>& values) {
  return fit_scaler(normalize, [&](const auto& visit) {
    for (const double v : values) visit(v);
  });
}

TEST(Scaler, IsMeanAndStandardDeviation) {
  const Scaler scaler = fit("zscore", {1.0, 2.0, 4.0});
  EXPECT_EQ(scaler.offset, 7.0 / 3.0);
  EXPECT_NEAR(scaler.scale, std::sqrt(14.0) / 3.0, 1e-15);
}

// A unit that is a power of two changes no digit, however small it is.
TEST(Scaler, GivesTheSameNumbersInEveryUnit) {
  const std::vector<double> values = {0.1, -0.7, 3.3, 1e-9, 12.5};
  for (const char* normalize : {"zscore", "minmax"}) {
    const Scaler one = fit(normalize, values);
    for (const int exponent : {-900, -560, -20, 0, 20, 100, 560, 900}) {
      std::vector<double> scaled;
      for (const double v : values) scaled.push_back(std::ldexp(v, exponent));
      const Scaler other = fit(normalize, scaled);
      for (std::size_t i = 0; i < values.size(); ++i) EXPECT_EQ(other(scaled[i]), one(values[i])) << exponent;
    }
  }
}

TEST(Scaler, NeverDividesByZero) {
  const double least = std::numeric_limits<double>::denorm_min();
  std::vector<double> values(1000, 0.0);
  values[0] = least;
  for (const char* normalize : {"zscore", "minmax"}) {
    EXPECT_TRUE(std::isfinite(fit(normalize, values)(least))) << normalize;
  }
  EXPECT_FALSE(fit("zscore", {2.0, 2.0}).varies);
}

}  // namespace
}  // namespace unroll
