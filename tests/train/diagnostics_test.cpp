// Diagnostics of whole runs and of models whose answers are known.
#include "train/diagnostics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <set>

#include "data/batches.h"
#include "nn/cells.h"
#include "nn/model.h"
#include "tests/support/every_target.h"
#include "tests/train/small_runs.h"
#include "train/batch_of.h"
#include "train/gate_statistics.h"
#include "train/gradient_flow.h"
#include "train/run_shape.h"
#include "train/trainer.h"

namespace unroll {
namespace {

std::size_t finite(const std::vector<double>& values) {
  return static_cast<std::size_t>(
      std::count_if(values.begin(), values.end(), [](double v) { return std::isfinite(v); }));
}

TEST(Diagnostics, EveryRowIsWhole) {
  std::set<std::string_view> names;
  std::set<Metric> metrics;
  for (const DiagnosticInfo& row : diagnostics()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_FALSE(row.description.empty()) << row.name;
    EXPECT_FALSE(row.metrics.empty()) << row.name;
    for (const Metric metric : row.metrics) EXPECT_TRUE(metrics.insert(metric).second) << row.name;
  }
}

TEST(Diagnostics, EachRecordsItsMetricsAndNoOther) {
  for (const DiagnosticInfo& row : diagnostics()) {
    SCOPED_TRACE(row.name);
    RunConfig config = small_adding();
    config.record.gradients = "off";
    config.record.hidden_gradients = false;
    config.record.diagnostics = {std::string(row.name)};
    const RunRecord record = train_run(config);
    ASSERT_EQ(record.state, RunState::kDone);
    for (const DiagnosticInfo& other : diagnostics()) {
      for (const Metric metric : other.metrics) {
        EXPECT_EQ(finite(record[metric]) > 0, &other == &row) << metric_info(metric).name;
      }
    }
  }
}

TEST(Diagnostics, ChangeNothingElse) {
  for (const CellInfo& cell : cells()) {
    RunConfig config = small_adding();
    config.model.cell = cell.name;
    config.model.layers = 2;
    const RunRecord without = train_run(config);
    const RunRecord with = train_run(with_all(config));
    EXPECT_EQ(with[Metric::kTrainLoss], without[Metric::kTrainLoss]) << cell.name;
    EXPECT_EQ(with[Metric::kTestLoss], without[Metric::kTestLoss]) << cell.name;
    EXPECT_EQ(with[Metric::kGradHidden], without[Metric::kGradHidden]) << cell.name;
    EXPECT_EQ(with[Metric::kBlockL2], without[Metric::kBlockL2]) << cell.name;
  }
}

TEST(Diagnostics, CostWhatIsPlanned) {
  for (const CellInfo& cell : cells()) {
    RunConfig config = with_all(small_adding());
    config.model.cell = cell.name;
    EXPECT_EQ(train_run(config)[Metric::kFlops].front(), estimate_run(config).flops) << cell.name;
  }
}

TEST(Diagnostics, GatesLieInTheirRange) {
  for (const CellInfo& cell : cells()) {
    SCOPED_TRACE(cell.name);
    RunConfig config = with_all(small_adding());
    config.model.cell = cell.name;
    config.model.layers = 2;
    const RunRecord record = train_run(config);
    const std::size_t gates = cell.gates.size() + (cell.has_state ? 1 : 0);
    EXPECT_EQ(finite(record[Metric::kGateMean]), gates * 2 * std::size(kProbeNames));
    for (std::size_t i = 0; i < record[Metric::kGateMean].size(); ++i) {
      const double mean = record[Metric::kGateMean][i];
      if (std::isnan(mean)) continue;
      EXPECT_LE(std::abs(mean), 1.0);
      const double saturated = record[Metric::kGateSaturation][i];
      EXPECT_GE(saturated, 0.0);
      EXPECT_LE(saturated, 1.0);
      const double* bins = record[Metric::kGateHistogram].data() + i * kGateBins;
      EXPECT_NEAR(std::accumulate(bins, bins + kGateBins, 0.0), 1.0, 1e-12);
    }
  }
}

TEST(Diagnostics, FirstUpdateOfSgdIsTheGradient) {
  RunConfig config = small_adding();
  config.task.train_size = 16;  // one step
  config.train.epochs = 1;
  config.train.optimizer.optimizer = "sgd";
  config.train.optimizer.lr = 0.5;
  config.record.diagnostics = {"updates"};
  const RunRecord record = train_run(config);
  const RunShape shape = run_shape(config);
  const Model fresh(config.model, config.train.optimizer, shape.model, config.seed);
  // head.weight is one parameter and one block.
  const std::vector<float> weight = fresh.parameter("head.weight");
  double norm = 0.0;
  for (const float w : weight) norm += static_cast<double>(w) * w;
  const auto block = static_cast<std::size_t>(
      std::find(record.blocks.begin(), record.blocks.end(), "head.weight") - record.blocks.begin());
  EXPECT_NEAR(record[Metric::kUpdateRatio][block], 0.5 * record[Metric::kBlockL2][block] / std::sqrt(norm),
              1e-6);
}

// Weights 0.8 I, no bias and no input: h stays zero, where every Jacobian of the tanh net is 0.8 I.
TEST(Diagnostics, LyapunovExponentOfAKnownNet) {
  on_every_target([] {
    constexpr std::size_t kUnits = 19;
    constexpr std::size_t kSteps = 12;
    constexpr std::size_t kBatch = 3;
    ModelConfig config;
    config.cell = "rnn";
    config.hidden = kUnits;
    Model model(config, {}, {1, 1, kSteps, kBatch, HeadLoss::kMse, false}, {1, 1});
    for (const std::string& name : model.parameter_names()) {
      std::vector<float> values(model.parameter(name).size(), 0.0F);
      if (name == "weight_hh_l0") {
        for (std::size_t i = 0; i < kUnits; ++i) values[i * kUnits + i] = 0.8F;
      }
      model.set_parameter(name, values);
    }
    const std::vector<float> inputs(kSteps * kBatch, 0.0F);
    const std::vector<float> targets(kBatch, 1.0F);
    ModelBatch batch;
    batch.batch = kBatch;
    batch.seq_len = kSteps;
    batch.inputs = inputs.data();
    batch.targets = targets.data();
    const StateNorms norms = model.random_direction_norms(batch, {5, 2});
    EXPECT_NEAR(norms.hidden.front(), 1.0, 1e-6);
    EXPECT_NEAR(lyapunov_exponent(norms.hidden), std::log(0.8), 1e-6);
    EXPECT_NEAR(decay_per_step(norms.hidden), 0.8, 1e-6);
  });
}

// The same estimate written another way: with g_i the gradients of n parts of b sequences, G their mean and s
// their sample variance summed over the parameters, tr(S) = b s and |G|^2 = G G - s / n.
TEST(Diagnostics, NoiseScaleIsTheVarianceOfGradientsOverTheirMean) {
  RunConfig config = small_adding();
  config.record.diagnostics = {"noise"};
  config.record.probe_batch = 64;
  const RunRecord record = train_run(config);
  ASSERT_EQ(record[Metric::kNoiseScale].size(), std::size(kProbeNames));

  const RunShape shape = run_shape(config);
  const Dataset dataset = make_dataset(config.task, config.seed);
  Model model(config.model, config.train.optimizer, shape.model, config.seed);
  BatchReader reader(dataset, dataset.train, shape.quarter_batch);
  reader.shuffle(config.seed, 0, Purpose::kProbe);
  const std::size_t parts = 4;
  ASSERT_EQ(parts * shape.quarter_batch, shape.probe_batch);
  std::vector<std::vector<double>> gradients(parts);
  for (std::size_t i = 0; i < parts; ++i) {
    model.gradient(batch_of(reader.read(i)));
    for (const std::string& name : model.parameter_names()) {
      const std::vector<float> values = model.parameter_gradient(name);
      gradients[i].insert(gradients[i].end(), values.begin(), values.end());
    }
  }
  const auto n = static_cast<double>(parts);
  double square = 0.0;
  double variance = 0.0;
  for (std::size_t p = 0; p < gradients[0].size(); ++p) {
    double mean = 0.0;
    for (const auto& g : gradients) mean += g[p] / n;
    square += mean * mean;
    for (const auto& g : gradients) variance += (g[p] - mean) * (g[p] - mean) / (n - 1.0);
  }
  const double want = static_cast<double>(shape.quarter_batch) * variance / (square - variance / n);
  ASSERT_GT(want, 0.0);
  EXPECT_NEAR(record[Metric::kNoiseScale].front(), want, 1e-3 * want);
}

// Of all training windows together the quarters are the same windows in either order.
TEST(Diagnostics, NoiseScaleOfCarriedStateIsThatOfTheProbeBatch) {
  RunConfig config = small_adding();
  config.task = {};
  config.task.type = "text";
  config.task.seq_len = 8;
  config.task.valid_share = 0.5;
  config.task.test_share = 0.487;
  set_task_files(config.task);
  config.record.diagnostics = {"noise"};
  config.record.probe_batch = 4;
  const auto noise = [&](bool stateful) {
    RunConfig either = config;
    either.task.stateful = stateful;
    either.task = resolve_task(either.task);
    EXPECT_EQ(run_shape(either).task.train_size, config.record.probe_batch);
    return train_run(either)[Metric::kNoiseScale].front();
  };
  const double want = noise(false);
  ASSERT_GT(want, 0.0);
  EXPECT_NEAR(noise(true), want, 1e-4 * want);
}

TEST(GateStatistics, CountsByHand) {
  GateStatistics sigmoid(simd::Activation::kSigmoid);
  sigmoid.add(std::vector<float>{0.05F, 0.5F, 0.95F, 1.0F});
  EXPECT_NEAR(sigmoid.mean(), 0.625, 1e-6);
  EXPECT_EQ(sigmoid.saturated(), 0.75);
  EXPECT_EQ(sigmoid.share(kGateBins - 1), 0.25);  // 1.0; 0.95F lies just below its bin
  GateStatistics tanh(simd::Activation::kTanh);
  tanh.add(std::vector<float>{-0.95F, 0.0F, 0.5F, 0.99F});
  EXPECT_EQ(tanh.saturated(), 0.5);
  EXPECT_EQ(tanh.share(0), 0.25);
  GateStatistics relu(simd::Activation::kRelu);
  relu.add(std::vector<float>{0.0F, 0.0F, 7.0F, 0.02F});
  EXPECT_EQ(relu.saturated(), 0.5);
  EXPECT_EQ(relu.share(kGateBins - 1), 0.25);
}

}  // namespace
}  // namespace unroll
