#include "sweep/distribution.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace unroll {
namespace {

using testing::ElementsAre;

Distribution make(std::string_view name, double min, double max, double step = 1.0, bool whole = false) {
  return {find_distribution(name), min, max, step, whole};
}

TEST(Distribution, SpacedIncludesBothEndsExactly) {
  EXPECT_THAT(make("uniform", 0.1, 0.3).spaced(3), ElementsAre(0.1, 0.2, 0.3));
  EXPECT_THAT(make("log_uniform_values", 1e-4, 1e-2).spaced(5),
              ElementsAre(1e-4, 0.000316227766017, 1e-3, 0.00316227766017, 1e-2));
  EXPECT_THAT(make("int_uniform", 16, 64).spaced(4), ElementsAre(16, 32, 48, 64));
  EXPECT_THAT(make("int_uniform", 1, 4).spaced(3), ElementsAre(1, 3, 4));
  EXPECT_THAT(make("log_uniform_values", 16, 256, 1.0, true).spaced(5), ElementsAre(16, 32, 64, 128, 256));
  EXPECT_THAT(make("uniform", 1.0 / 3.0, 2.0 / 3.0).spaced(2), ElementsAre(1.0 / 3.0, 2.0 / 3.0));
}

TEST(Distribution, AllAreTheCountableValues) {
  EXPECT_THAT(make("int_uniform", 3, 6).all(), ElementsAre(3, 4, 5, 6));
  EXPECT_THAT(make("q_uniform", 0.1, 0.7, 0.2).all(), ElementsAre(0.2, 0.4, 0.6));
  EXPECT_THAT(make("q_uniform", 0.1, 0.3, 0.1).all(), ElementsAre(0.1, 0.2, 0.3));
  EXPECT_TRUE(make("q_uniform", 5, 7, 4).all().empty());
  EXPECT_TRUE(std::isinf(make("uniform", 0, 1).count()));
  EXPECT_TRUE(std::isinf(make("log_uniform_values", 1, 2).count()));
}

TEST(Distribution, QuantilesStayInTheRangeAndRise) {
  for (const DistributionInfo& info : distributions()) {
    Distribution d = make(info.name, 2, 50, 4.0);
    double last = 0.0;
    for (int i = 0; i < 1000; ++i) {
      const double x = d.quantile(i / 1000.0);
      EXPECT_GE(x, 2.0) << info.name;
      EXPECT_LE(x, 50.0) << info.name;
      EXPECT_GE(x, last) << info.name;
      if (info.whole) {
        EXPECT_EQ(x, std::floor(x));
      }
      if (info.stepped) {
        EXPECT_EQ(std::fmod(x, 4.0), 0.0);
      }
      last = x;
    }
    EXPECT_LT(d.quantile(0.0), 5.0) << info.name;
    EXPECT_GE(d.quantile(0.9999), 48.0) << info.name;
  }
}

TEST(Distribution, MediansAreWhereTheyBelong) {
  EXPECT_EQ(make("uniform", 0, 1).quantile(0.5), 0.5);
  EXPECT_EQ(make("log_uniform_values", 1e-4, 1e-2).quantile(0.5), 1e-3);
  EXPECT_EQ(make("int_uniform", 1, 10).quantile(0.5), 6.0);
}

TEST(Distribution, EveryRowIsFoundByItsName) {
  for (const DistributionInfo& info : distributions()) EXPECT_EQ(find_distribution(info.name), &info);
  EXPECT_EQ(find_distribution("log_uniform"), nullptr);
}

}  // namespace
}  // namespace unroll
