#include "train/confusion.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tests/train/small_runs.h"
#include "train/trainer.h"

namespace unroll {
namespace {

TEST(Confusion, AgreesWithTheAccuracyAndTheClassesOfTheTestPart) {
  std::size_t tried = 0;
  for (const RunConfig& config : small_runs()) {
    SCOPED_TRACE(config.task.type);
    const RunRecord record = train_run(config);
    const Dataset dataset = make_dataset(config.task, config.seed);
    EXPECT_EQ(record.classes, dataset.class_names);
    EXPECT_EQ(record[Metric::kConfusion].empty(), dataset.class_names.empty());
    if (dataset.class_names.empty()) continue;
    ++tried;
    const std::size_t n = dataset.output_size;
    ASSERT_EQ(record.length(Dim::kClass), n);
    ASSERT_EQ(record.length(Dim::kPredicted), n);
    const std::vector<double>& counts = record[Metric::kConfusion];
    std::vector<double> of_class(n);
    for (const std::uint32_t row : dataset.test.target_start)
      of_class[static_cast<std::size_t>(dataset.test.classes[row])] += 1.0;
    double right = 0.0;
    for (std::size_t c = 0; c < n; ++c) {
      right += counts[c * n + c];
      const auto row = counts.begin() + static_cast<std::ptrdiff_t>(c * n);
      EXPECT_EQ(std::accumulate(row, row + static_cast<std::ptrdiff_t>(n), 0.0), of_class[c]) << c;
    }
    EXPECT_NEAR(right / static_cast<double>(dataset.test.size()), record[Metric::kTestAccuracy].at(0), 1e-12);
  }
  EXPECT_EQ(tried, 2U);  // classification and arrays
}

// Sequences of two classes at every step, of unequal length: steps past the end of a sequence do not count.
TEST(Confusion, CountsTheValidStepsAlone) {
  Dataset data;
  data.seq_len = 3;
  data.input_size = 1;
  data.output_size = 2;
  data.loss = Loss::kSoftmax;
  data.every_step = true;
  data.class_names = {"low", "high"};
  data.test.inputs = {1, -1, 1, -1, 0, 0, 1, 1, 0};
  data.test.start = data.test.target_start = {0, 3, 6};
  data.test.classes = {1, 0, 0, 0, 1, 1, 1, 0, 1};
  data.test.length = {3, 1, 2};
  ModelConfig config;
  config.cell = "rnn";
  config.hidden = 1;
  ModelShape shape;
  shape.input_size = 1;
  shape.output_size = 2;
  shape.seq_len = 3;
  shape.max_batch = 2;
  shape.loss = HeadLoss::kSoftmax;
  shape.every_step = true;
  shape.lengths = true;
  Model model(config, {}, shape, {});
  for (const ParameterShape& p : model.parameter_shapes()) {
    std::vector<float> values(p.rows * std::max<std::size_t>(p.columns, 1), 0.0F);
    if (p.name == "weight_ih_l0") values = {2.0F};
    if (p.name == "head.weight") values = {-1.0F, 1.0F};
    model.set_parameter(p.name, values);
  }
  BatchReader reader(data, data.test, 2);
  // Says "high" where the input is 1: truths 1 0 0 | 0 | 1 0, answers 1 0 1 | 0 | 1 1.
  EXPECT_EQ(confusion(model, data, reader), (std::vector<double>{2, 2, 0, 2}));
  data.class_names.clear();
  EXPECT_FALSE(counts_confusion(data));
}

TEST(ChanceAccuracy, IsTheShareOfTheMostFrequentAnswer) {
  for (const RunConfig& config : small_runs()) {
    SCOPED_TRACE(config.task.type + " " + config.task.form);
    const Dataset data = make_dataset(config.task, config.seed);
    if (data.loss == Loss::kMse) {
      EXPECT_TRUE(std::isnan(data.chance.test_accuracy));
      continue;
    }
    std::vector<std::size_t> train(data.output_size);
    std::vector<std::size_t> test(data.output_size);
    for (const std::int32_t c : data.train.classes) ++train[static_cast<std::size_t>(c)];
    for (const std::int32_t c : data.test.classes) ++test[static_cast<std::size_t>(c)];
    const auto likeliest =
        static_cast<std::size_t>(std::max_element(train.begin(), train.end()) - train.begin());
    double expected = static_cast<double>(test[likeliest]) / static_cast<double>(data.test.classes.size());
    // One in eight of the ten symbols is right, too: on average, not in every small part.
    if (config.task.type == "copy") expected += 10.0 / 8.0 / static_cast<double>(data.seq_len);
    EXPECT_NEAR(data.chance.test_accuracy, expected, 1e-12);
  }
}

}  // namespace
}  // namespace unroll
