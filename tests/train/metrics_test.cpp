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

TEST(Metrics, AreOfTheTasksThatHaveThem) {
  const auto has = [](Metric metric, Loss loss, std::size_t symbols) {
    return task_has(metric_info(metric), loss, symbols);
  };
  EXPECT_TRUE(has(Metric::kValidLoss, Loss::kMse, 0));
  EXPECT_FALSE(has(Metric::kValidAccuracy, Loss::kMse, 0));
  EXPECT_TRUE(has(Metric::kTestAccuracy, Loss::kSigmoid, 0));
  EXPECT_FALSE(has(Metric::kTestBits, Loss::kSoftmax, 0));
  EXPECT_TRUE(has(Metric::kValidBits, Loss::kSoftmax, 45));
}

TEST(Metrics, NamesAreThoseOfTheFileFormat) {
  EXPECT_EQ(metric_info(Metric::kValidLoss).name, "valid_loss");
  EXPECT_EQ(metric_info(Metric::kGradHidden).name, "grad_hidden");
  EXPECT_EQ(metric_info(Metric::kWallSeconds).group, Group::kMeasured);
  ASSERT_EQ(dims().size(), static_cast<std::size_t>(Dim::kCount));
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < dims().size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(dims()[i].id), i);
    EXPECT_TRUE(names.insert(dims()[i].name).second) << dims()[i].name;
    EXPECT_FALSE(dims()[i].meaning.empty()) << dims()[i].name;
  }
  EXPECT_EQ(dim_name(Dim::kLag), "lag");
}

TEST(RunRecord, KnowsTheLengthOfEachAxis) {
  RunRecord record;
  record.epochs = 1;
  record.set_length(Dim::kProbe, 2);
  record.set_length(Dim::kLag, 3);
  record.set_length(Dim::kLayer, 4);
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
