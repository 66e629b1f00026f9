// The sizes that follow from the settings of a run.
#include "train/run_shape.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "tests/train/small_runs.h"

namespace unroll {
namespace {

RunConfig story(double share) {
  RunConfig config = small_adding();
  config.task = {};
  config.task.type = "text";
  config.task.file = std::string(UNROLL_SOURCE_DIR) + "/datasets/story.txt";
  config.task.seq_len = 64;
  config.task.valid_share = share;
  config.task.test_share = 0.1;
  config.task = resolve_task(config.task);
  return config;
}

// Each stream starts from no state, so their number is part of what is measured.
TEST(RunShape, StreamsOfEvaluationFollowFromTheDataAlone) {
  RunConfig config = story(0.5);
  const RunShape small = run_shape(config);
  EXPECT_EQ(small.valid_batch, 14U);  // 60,000 characters
  EXPECT_EQ(small.test_batch, 2U);
  config.model.hidden = 512;
  config.model.layers = 3;
  config.train.batch = 200;
  const RunShape large = run_shape(config);
  EXPECT_EQ(large.valid_batch, small.valid_batch);
  EXPECT_EQ(large.test_batch, small.test_batch);
  EXPECT_EQ(run_shape(story(0.02)).valid_batch, 1U);
}

TEST(RunShape, StepsBehindTheEndOfASequenceAreNoWork) {
  RunConfig config = small_adding();
  config.task = {};
  config.task.type = "classification";
  config.task.file = std::string(UNROLL_SOURCE_DIR) + "/datasets/pen_digits_TEST.ts";
  config.task = resolve_task(config.task);
  const RunShape shape = run_shape(config);
  ASSERT_TRUE(shape.task.unequal);
  const auto train = static_cast<double>(shape.task.train_size);
  const auto valid = static_cast<double>(shape.task.valid_size);
  const auto flops = [&](double sequences, double mean) {
    return Model::flops(config.model, shape.model, sequences, std::round(sequences * mean));
  };
  const double mean = shape.task.mean_steps;
  EXPECT_LT(mean, 0.7 * static_cast<double>(shape.task.seq_len));
  EXPECT_EQ(epoch_flops(config, shape), flops(train, mean).step + flops(valid, mean).forward);
  EXPECT_EQ(epoch_flops(config, shape), std::floor(epoch_flops(config, shape)));
}

}  // namespace
}  // namespace unroll
