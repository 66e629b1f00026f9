// What `plan` promises against what a run does.
#include <gtest/gtest.h>

#include "tests/support/allocations.h"
#include "tests/train/small_runs.h"
#include "train/trainer.h"

namespace unroll {
namespace {

// But for what is one number of a run, and a matrix of confusion.
TEST(Estimate, KnowsTheSizeOfTheRecord) {
  for (const char* weights : {"none", "best"}) {
    for (RunConfig config : {small_adding(), with_all(small_adding())}) {
      config.record.weights = weights;
      config.train.epochs = 30;
      const RunRecord record = train_run(config);
      std::size_t bytes = 0;
      for (const MetricInfo& metric : metrics()) bytes += sizeof(double) * record[metric.id].size();
      for (const KeptParameter& parameter : record.weights) bytes += sizeof(float) * parameter.size();
      const auto expected = static_cast<double>(estimate_run(config).record_bytes);
      EXPECT_NEAR(static_cast<double>(bytes), expected, 0.03 * expected) << weights;
    }
  }
}

TEST(Estimate, IsWhatARunDoes) {
  for (RunConfig config : small_runs()) {
    config.model.layers = 2;
    SCOPED_TRACE(config.task.type + " " + config.task.form);
    const RunEstimate estimate = estimate_run(config);
    const RunRecord record = train_run(config);
    EXPECT_EQ(record[Metric::kParams].front(), static_cast<double>(estimate.params));
    EXPECT_EQ(record[Metric::kFlops].front(), estimate.flops);
    EXPECT_EQ(record[Metric::kPeakBytes].front(), static_cast<double>(estimate.bytes));
    EXPECT_GT(estimate.flops, 0.0);
  }
}

TEST(Estimate, BytesAreThoseHeld) {
  for (RunConfig config : small_runs()) {
    config.task.train_size = 2000;
    config.model.hidden = 48;
    config.train.epochs = 1;
    for (const std::size_t batch : {8UL, 200UL}) {
      config.train.batch = batch;
      // The wide batch with everything that a net may have.
      const bool rich = batch == 200;
      config.model.layers = rich ? 2 : 1;
      config.model.bidirectional = rich && config.task.type != "text";
      config.model.dropout = rich ? 0.2 : 0.0;
      config.model.learn_initial_state = rich;
      SCOPED_TRACE(config.task.type + " " + config.task.form + " " + std::to_string(batch));
      const std::size_t before = allocations().live;
      forget_peak();
      ASSERT_EQ(train_run(config).state, RunState::kDone);
      const auto held = static_cast<double>(allocations().peak - before);
      const auto planned = static_cast<double>(estimate_run(config).bytes);
      EXPECT_LE(held, 1.05 * planned + 32768);
      EXPECT_GE(held, 0.9 * planned - 32768);
    }
  }
}

}  // namespace
}  // namespace unroll
