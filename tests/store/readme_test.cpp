// results/README.md is complete and right about names, axes, units and states.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/results.h"
#include "tests/store/samples.h"

namespace unroll {
namespace {

using ::testing::HasSubstr;

const std::string& readme() {
  static const std::string kText = read_bytes(UNROLL_SOURCE_DIR "/results/README.md");
  return kText;
}

TEST(ResultsReadme, HasARowForEveryMetric) {
  for (const MetricInfo& metric : metrics()) {
    std::string row = "| `";
    if (metric.group == Group::kMeasured) row += "measured/";
    row += std::string(metric.name) + "` | run";
    for (Dim dim : metric.dims) row += ", " + std::string(dim_name(dim));
    row += " | " + std::string(metric.unit) + " | " + std::string(metric.description) + " |\n";
    EXPECT_THAT(readme(), HasSubstr(row));
  }
}

TEST(ResultsReadme, NamesEveryAxisAndState) {
  for (const DimInfo& dim : dims()) {
    EXPECT_THAT(readme(), HasSubstr("| `" + std::string(dim.name) + "` | "));
  }
  for (int state = 0; state <= static_cast<int>(RunState::kPruned); ++state) {
    EXPECT_THAT(readme(), HasSubstr(std::to_string(state) + " " +
                                    std::string(state_name(static_cast<RunState>(state)))));
  }
  EXPECT_THAT(readme(), HasSubstr("`unroll_schema` (" + std::to_string(kResultsSchema)));
}

// xarray takes these words for times.
TEST(ResultsReadme, NoUnitTurnsNumbersIntoTimes) {
  for (const MetricInfo& metric : metrics()) {
    for (const char* word : {"days", "hours", "minutes", "seconds", "milliseconds", "microseconds"}) {
      EXPECT_NE(metric.unit, word) << metric.name;
    }
  }
}

}  // namespace
}  // namespace unroll
