#include "cli/quantity.h"

#include <gtest/gtest.h>

#include <limits>

namespace unroll {
namespace {

TEST(Quantity, Durations) {
  EXPECT_EQ(duration_text(0.04), "0.0 s");
  EXPECT_EQ(duration_text(9.94), "9.9 s");
  EXPECT_EQ(duration_text(9.96), "10 s");
  EXPECT_EQ(duration_text(59.6), "1 min");
  EXPECT_EQ(duration_text(200), "3 min 20 s");
  EXPECT_EQ(duration_text(3599.6), "1 h");
  EXPECT_EQ(duration_text(7500), "2 h 5 min");
  EXPECT_EQ(duration_text(86399), "1 d");
  EXPECT_EQ(duration_text(100 * 3600), "4 d 4 h");
  EXPECT_EQ(duration_text(-1), "?");
  EXPECT_EQ(duration_text(std::numeric_limits<double>::infinity()), "?");
}

TEST(Quantity, Bytes) {
  EXPECT_EQ(bytes_text(0), "0 B");
  EXPECT_EQ(bytes_text(999), "999 B");
  EXPECT_EQ(bytes_text(1300), "1.3 kB");
  EXPECT_EQ(bytes_text(999600), "1.0 MB");
  EXPECT_EQ(bytes_text(4.2e11), "420 GB");
}

TEST(Quantity, Amounts) {
  EXPECT_EQ(quantity_text(950), "950");
  EXPECT_EQ(quantity_text(13400), "13.4 k");
  EXPECT_EQ(quantity_text(2.1e9), "2.1 G");
}

TEST(Quantity, CutsBetweenCodePoints) {
  EXPECT_EQ(display_width("a\xc3\xa4z"), 3U);
  EXPECT_EQ(cut("a\xc3\xa4z", 2), "a\xc3\xa4");
  EXPECT_EQ(cut("a\xc3\xa4z", 1), "a");
  EXPECT_EQ(cut("abc", 0), "");
  EXPECT_EQ(cut("abc", 9), "abc");
}

}  // namespace
}  // namespace unroll
