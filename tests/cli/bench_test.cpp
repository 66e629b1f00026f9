#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/error.h"
#include "cli/bench_points.h"
#include "cli/bench_scheduler.h"
#include "nn/cells.h"

namespace unroll {
namespace {

using ::testing::HasSubstr;

TEST(BenchPoints, OperationsAreThoseOfTheProducts) {
  const double steps = 32.0 * 50.0;  // B T
  // 6 G H (H + D), and 6 H O for a head at every step.
  EXPECT_EQ(parse_points("rnn:16:32:50")[0].flops(), steps * 6.0 * 16.0 * 17.0);
  EXPECT_EQ(parse_points("lstm:64:32:50")[0].flops(), steps * 6.0 * 4.0 * 64.0 * 65.0);
  EXPECT_EQ(parse_points("gru:64:32:50:one")[0].flops(), steps * 6.0 * 3.0 * 64.0 * 65.0);
  EXPECT_EQ(parse_points("gru_reset_before:8:32:50")[0].flops(), steps * 6.0 * 3.0 * 8.0 * 9.0);
  EXPECT_EQ(parse_points("lstm:512:32:50:many")[0].flops(),
            steps * (6.0 * 4.0 * 512.0 * 576.0 + 6.0 * 512.0 * 65.0));
}

TEST(BenchPoints, AreReadAsTheyAreWritten) {
  for (const std::vector<BenchPoint>& points : {all_points(), quick_points()}) {
    std::set<std::string> texts;
    for (const BenchPoint& point : points) {
      EXPECT_TRUE(texts.insert(point.text()).second) << point.text();
      const BenchPoint again = parse_points(point.text()).at(0);
      EXPECT_EQ(again.text(), point.text());
      EXPECT_EQ(again.flops(), point.flops());
      EXPECT_EQ(again.shape().every_step, point.every_step);
    }
    EXPECT_EQ(texts.size(), points.size());
  }
  EXPECT_EQ(all_points().size(), cells().size() * 6 * 4 * 2 * 2);
  EXPECT_EQ(parse_points("rnn:1:2:3,gru:4:5:6:many").size(), 2U);
}

TEST(BenchPoints, MistakesAreTold) {
  const std::pair<const char*, const char*> mistakes[] = {
      {"", "no point"},
      {"lstm:64:32", "4 or 5 parts"},
      {"lstm:64:32:50:one:two", "4 or 5 parts"},
      {"lsmt:64:32:50", "unknown cell"},
      {"lstm:0:32:50", "'0'"},
      {"lstm:64:-1:50", "'-1'"},
      {"lstm:64:32:5x", "'5x'"},
      {"lstm:64:32:100000", "100000"},
      {"lstm:64:32:50:most", "'one' or 'many'"},
      {"rnn:1:1:1,", ""},
      {"lstm:65536:65536:65536", "of memory"},
  };
  for (const auto& [text, message] : mistakes) {
    if (*message == '\0') {
      EXPECT_EQ(parse_points(text).size(), 1U) << text;
      continue;
    }
    try {
      parse_points(text);
      ADD_FAILURE() << text;
    } catch (const UsageError& error) {
      EXPECT_EQ(error.where(), "--points");
      EXPECT_THAT(error.message(), HasSubstr(message));
    }
  }
}

TEST(BenchScheduler, EmptyRunsGoAllTheWay) {
  Console console;
  const NoopReport report = measure_noop(40, 2, console);
  EXPECT_EQ(report.runs, 40U);
  ASSERT_EQ(report.rows.size(), 2U);
  EXPECT_EQ(report.rows[0].workers, 1U);
  EXPECT_EQ(report.rows[1].workers, 2U);
  for (const NoopRow& row : report.rows) EXPECT_NEAR(row.us_per_run * row.runs_per_second, 1e6, 1.0);
  EXPECT_FALSE(console.quiet());
}

}  // namespace
}  // namespace unroll
