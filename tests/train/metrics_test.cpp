#include "train/metrics.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "train/run_record.h"

namespace unroll {
namespace {

TEST(Metrics, EveryRowIsWhole) {
  ASSERT_EQ(metrics().size(), static_cast<std::size_t>(Metric::kCount));
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < metrics().size(); ++i) {
    const MetricInfo& row = metrics()[i];
    EXPECT_EQ(static_cast<std::size_t>(row.id), i) << row.name;
    EXPECT_EQ(row.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"), row.name.npos) << row.name;
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_FALSE(row.unit.empty()) << row.name;
    EXPECT_FALSE(row.description.empty()) << row.name;
    EXPECT_EQ(&metric_info(row.id), &row);
    EXPECT_EQ(find_metric(row.name), &row);
  }
  EXPECT_EQ(find_metric("loss"), nullptr);
}

TEST(Metrics, NamesAreThoseOfTheFileFormat) {
  EXPECT_EQ(metric_info(Metric::kValidLoss).name, "valid_loss");
  EXPECT_EQ(metric_info(Metric::kGradHidden).name, "grad_hidden");
  EXPECT_EQ(metric_info(Metric::kWallSeconds).group, Group::kMeasured);
  std::set<std::string_view> dims;
  for (const Dim dim : {Dim::kEpoch, Dim::kBlock, Dim::kProbe, Dim::kLag, Dim::kLayer})
    dims.insert(dim_name(dim));
  EXPECT_EQ(dims, (std::set<std::string_view>{"epoch", "block", "probe", "lag", "layer"}));
}

TEST(RunRecord, KnowsTheLengthOfEachAxis) {
  RunRecord record;
  record.epochs = 1;
  record.probes = 2;
  record.lags = 3;
  record.layers = 4;
  record.blocks.resize(5);
  EXPECT_EQ(record.length(Dim::kEpoch), 1U);
  EXPECT_EQ(record.length(Dim::kProbe), 2U);
  EXPECT_EQ(record.length(Dim::kLag), 3U);
  EXPECT_EQ(record.length(Dim::kLayer), 4U);
  EXPECT_EQ(record.length(Dim::kBlock), 5U);
}

TEST(RunRecord, StatesHaveTheNumbersOfTheFileFormat) {
  const std::vector<std::string_view> names = {"missing", "done", "diverged", "failed", "pruned"};
  for (std::size_t i = 0; i < names.size(); ++i) EXPECT_EQ(state_name(static_cast<RunState>(i)), names[i]);
}

}  // namespace
}  // namespace unroll
