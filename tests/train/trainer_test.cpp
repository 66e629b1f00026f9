#include "train/trainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <span>
#include <utility>

#include "base/error.h"
#include "tests/train/small_runs.h"
#include "train/gradient_flow.h"

namespace unroll {
namespace {

using ::testing::HasSubstr;

// Equal bits, NaN included, in every metric that equal runs share.
bool same_results(const RunRecord& a, const RunRecord& b) {
  if (a.state != b.state || a.message != b.message || a.epochs != b.epochs || a.blocks != b.blocks ||
      a.classes != b.classes || a.sample != b.sample)
    return false;
  for (const MetricInfo& metric : metrics()) {
    if (metric.group == Group::kMeasured) continue;
    const auto& x = a[metric.id];
    const auto& y = b[metric.id];
    if (x.size() != y.size()) return false;
    if (!x.empty() && std::memcmp(x.data(), y.data(), x.size() * sizeof(double)) != 0) return false;
  }
  return true;
}

TEST(Trainer, Learns) {
  RunConfig config = small_adding();
  config.train.epochs = 25;
  const RunRecord record = train_run(config);
  ASSERT_EQ(record.state, RunState::kDone);
  EXPECT_EQ(record[Metric::kChanceValid].front(), 1.0 / 6.0);
  EXPECT_LT(record[Metric::kTrainLoss].back(), 0.02);
  EXPECT_LT(record[Metric::kValidLoss].back(), 0.02);
  EXPECT_LT(record[Metric::kTestLoss].front(), 0.02);
  EXPECT_GT(record[Metric::kValidLoss].front(), 0.02);
}

TEST(Trainer, RecordsEveryMetricInItsShape) {
  for (RunConfig config : small_runs()) {
    SCOPED_TRACE(config.task.type + " " + config.task.form);
    config.model.cell = "lstm";  // the one with a state c
    const RunRecord record = train_run(with_all(config));
    ASSERT_EQ(record.state, RunState::kDone) << record.message;
    EXPECT_EQ(record.epochs, 3U);
    EXPECT_EQ(record.length(Dim::kLag), task_shape(config.task).seq_len);
    const TaskShape shape = task_shape(config.task);
    for (const MetricInfo& metric : metrics()) {
      if (metric.id == Metric::kWorker) continue;  // known to the scheduler alone
      if (!task_has(metric, shape.loss, shape.symbols)) {
        EXPECT_TRUE(record[metric.id].empty()) << metric.name;
        continue;
      }
      if (metric.id == Metric::kConfusion && record.classes.empty()) {
        EXPECT_TRUE(record[metric.id].empty()) << metric.name;
        continue;
      }
      std::size_t size = 1;
      for (const Dim dim : metric.dims) size *= record.length(dim);
      ASSERT_EQ(record[metric.id].size(), size) << metric.name;
      // A probe batch need not hold a sequence of full length; there are gates that other cells have; the
      // half-life and the noise scale may have no number.
      const auto has = [&](Dim dim) {
        return std::find(metric.dims.begin(), metric.dims.end(), dim) != metric.dims.end();
      };
      const bool has_gaps = (has(Dim::kLag) && task_shape(config.task).unequal) || has(Dim::kGate) ||
                            metric.id == Metric::kGradHalfLife || metric.id == Metric::kNoiseScale;
      for (const double value : record[metric.id]) {
        EXPECT_TRUE(has_gaps || std::isfinite(value)) << metric.name;
      }
      if (metric.name.ends_with("accuracy")) {
        EXPECT_GE(record[metric.id].back(), 0.0);
        EXPECT_LE(record[metric.id].back(), 1.0);
      }
    }
  }
}

TEST(Trainer, BitsAreNatsInAnotherUnit) {
  for (const RunConfig& config : small_runs()) {
    if (task_shape(config.task).symbols == 0) continue;
    const RunRecord record = train_run(config);
    EXPECT_NEAR(record[Metric::kTestBits].back(), record[Metric::kTestLoss].back() * 1.4426950408889634,
                1e-12);
    EXPECT_NEAR(record[Metric::kValidBits].back(), record[Metric::kValidLoss].back() * 1.4426950408889634,
                1e-12);
  }
}

TEST(Trainer, TheRateOfTheGradientIsThatOfItsCurve) {
  const RunRecord record = train_run(small_adding());
  const std::span<const double> curve(record[Metric::kGradHidden].data(), record.length(Dim::kLag));
  EXPECT_EQ(record[Metric::kGradHiddenRate].front(), decay_per_step(curve));  // probe start, layer 0
  EXPECT_EQ(record[Metric::kGradHiddenRate].front(), record[Metric::kGradDecay].front());
}

TEST(Trainer, IsAFunctionOfItsSettings) {
  RunConfig config = small_adding();
  const RunRecord first = train_run(config);
  EXPECT_TRUE(same_results(first, train_run(config)));
  config.seed.replicate = 1;
  EXPECT_FALSE(same_results(first, train_run(config)));
}

TEST(Trainer, RecordingDoesNotChangeTraining) {
  RunConfig config = small_adding();
  const RunRecord with = train_run(config);
  config.record.gradients = "off";
  config.record.hidden_gradients = false;
  const RunRecord without = train_run(config);
  EXPECT_EQ(with[Metric::kTrainLoss], without[Metric::kTrainLoss]);
  EXPECT_EQ(with[Metric::kValidLoss], without[Metric::kValidLoss]);
  EXPECT_EQ(with[Metric::kTestLoss], without[Metric::kTestLoss]);
  EXPECT_TRUE(without.blocks.empty());
  EXPECT_TRUE(without[Metric::kBlockL2].empty());
  EXPECT_TRUE(without[Metric::kGradHidden].empty());
  EXPECT_EQ(without.length(Dim::kProbe), 0U);
}

// Each remedy changes the run, and the same settings give the same bits.
TEST(Trainer, EveryRemedyTrains) {
  const RunRecord plain = train_run(small_adding());
  const std::pair<const char*, void (*)(RunConfig&)> remedies[] = {
      {"both", [](RunConfig& c) { c.model.bidirectional = true; }},
      {"dropout", [](RunConfig& c) { c.model.dropout = 0.3; }},
      {"start", [](RunConfig& c) { c.model.learn_initial_state = true; }},
      {"l1", [](RunConfig& c) { c.train.optimizer.l1 = 1e-3; }},
      {"l2", [](RunConfig& c) { c.train.optimizer.weight_decay = 1e-2; }},
      {"decoupled",
       [](RunConfig& c) {
         c.train.optimizer.weight_decay = 1e-2;
         c.train.optimizer.decoupled_weight_decay = true;
       }},
      {"adagrad", [](RunConfig& c) { c.train.optimizer.optimizer = "adagrad"; }},
      {"adadelta", [](RunConfig& c) { c.train.optimizer.optimizer = "adadelta"; }},
      {"orthogonal", [](RunConfig& c) { c.model.init = "orthogonal"; }},
      {"all", [](RunConfig& c) {
         c.model.bidirectional = true;
         c.model.dropout = 0.3;
         c.model.layers = 2;
         c.model.learn_initial_state = true;
         c.train.optimizer.l1 = 1e-3;
         c.train.schedule = "cosine";
         c.train.warmup = 1.0;
       }}};
  for (const auto& [name, change] : remedies) {
    SCOPED_TRACE(name);
    RunConfig config = small_adding();
    change(config);
    const RunRecord record = train_run(config);
    ASSERT_EQ(record.state, RunState::kDone) << record.message;
    EXPECT_NE(record[Metric::kTrainLoss], plain[Metric::kTrainLoss]);
    EXPECT_LT(record[Metric::kTrainLoss].back(), record[Metric::kTrainLoss].front());
    EXPECT_TRUE(same_results(record, train_run(config)));
  }
}

TEST(Trainer, RecordsBlocksAtTheCadence) {
  RunConfig config = small_adding();
  config.train.epochs = 8;
  config.record.every = 3;
  const RunRecord record = train_run(config);
  const std::size_t blocks = record.blocks.size();
  ASSERT_GT(blocks, 0U);
  for (std::size_t epoch = 0; epoch < 8; ++epoch) {
    const bool due = epoch % 3 == 0 || epoch == 7;
    for (std::size_t i = 0; i < blocks; ++i) {
      EXPECT_EQ(std::isfinite(record[Metric::kBlockL2][epoch * blocks + i]), due) << epoch;
      EXPECT_EQ(std::isfinite(record[Metric::kBlockZeros][epoch * blocks + i]), due) << epoch;
    }
  }
}

TEST(Trainer, ProbesAtTheStartTheMiddleAndTheEnd) {
  RunConfig config = small_adding();
  const auto rows = [](const RunRecord& record) {
    const std::size_t size = record.length(Dim::kLayer) * record.length(Dim::kLag);
    std::vector<std::vector<double>> out;
    for (std::size_t p = 0; p < record.length(Dim::kProbe); ++p) {
      const auto from = record[Metric::kGradHidden].begin() + static_cast<std::ptrdiff_t>(p * size);
      out.emplace_back(from, from + static_cast<std::ptrdiff_t>(size));
    }
    return out;
  };
  config.train.epochs = 4;
  const auto four = rows(train_run(config));
  ASSERT_EQ(four.size(), std::size(kProbeNames));
  config.train.epochs = 2;
  const auto two = rows(train_run(config));
  config.train.epochs = 1;
  const auto one = rows(train_run(config));
  EXPECT_EQ(four[0], two[0]);
  EXPECT_EQ(four[1], two[2]);
  EXPECT_EQ(two[1], one[2]);
  EXPECT_EQ(one[0], one[1]);
  EXPECT_NE(one[0], one[2]);
}

TEST(Trainer, DivergenceKeepsTheFinitePrefix) {
  RunConfig config = small_adding();
  config.model.cell = "rnn";
  config.train.batch = config.task.train_size;
  config.train.epochs = 500;
  config.train.optimizer.optimizer = "sgd";
  config.train.optimizer.lr = 100.0;
  const RunRecord record = train_run(config);
  ASSERT_EQ(record.state, RunState::kDiverged);
  EXPECT_THAT(record.message, HasSubstr("not finite in epoch " + std::to_string(record.epochs + 1)));
  ASSERT_GT(record.epochs, 1U);
  ASSERT_LT(record.epochs, 500U);
  EXPECT_EQ(record[Metric::kEpochs].front(), record.epochs);
  EXPECT_EQ(record[Metric::kTrainLoss].size(), record.epochs);
  EXPECT_EQ(record[Metric::kBlockL2].size(), record.epochs * record.blocks.size());
  for (const double loss : record[Metric::kTrainLoss]) EXPECT_TRUE(std::isfinite(loss));
  EXPECT_TRUE(record[Metric::kTestLoss].empty());
  EXPECT_TRUE(std::isnan(record[Metric::kGradHidden].back()));
  EXPECT_TRUE(std::isnan(record[Metric::kGradFlow].front())) << "of the end";
}

TEST(Trainer, DivergenceInTheFirstEpochIsAResult) {
  RunConfig config = small_adding();
  config.train.optimizer.optimizer = "sgd";
  config.train.optimizer.lr = 1e37;
  const RunRecord record = train_run(config);
  EXPECT_EQ(record.state, RunState::kDiverged);
  EXPECT_EQ(record.epochs, 0U);
  EXPECT_TRUE(record[Metric::kTrainLoss].empty());
  EXPECT_TRUE(record[Metric::kBestEpoch].empty());
  EXPECT_EQ(record[Metric::kParams].size(), 1U);
}

TEST(Trainer, StopsWhenPatienceEnds) {
  RunConfig config = small_adding();
  config.train.epochs = 20;
  config.train.patience = 3;
  config.train.optimizer.lr = 1e-30;  // nothing is ever learnt
  EXPECT_EQ(train_run(config).epochs, 4U);
  config.train.optimizer.lr = 0.01;
  config.train.min_delta = 1e9;  // nothing ever counts as better
  const RunRecord record = train_run(config);
  EXPECT_EQ(record.state, RunState::kDone);
  EXPECT_EQ(record.epochs, 4U);
  EXPECT_EQ(record[Metric::kFlops].size(), 1U);
  config.train.patience = 0;
  EXPECT_EQ(train_run(config).epochs, 20U);
}

TEST(Trainer, TestsTheParametersOfTheBestEpoch) {
  RunConfig config = small_adding();
  config.task.type = "sine";
  config.task.form.clear();
  config.task.noise = 1.0;
  config.task.train_size = 10;  // few enough to learn the noise by heart
  config.train.epochs = 60;
  config.train.optimizer.lr = 0.05;
  const RunRecord record = train_run(config);
  const auto best = static_cast<std::size_t>(record[Metric::kBestEpoch].front());
  ASSERT_LT(best, 60U);
  EXPECT_EQ(record[Metric::kValidLoss][best - 1], record[Metric::kBestValidLoss].front());
  for (const double loss : record[Metric::kValidLoss])
    EXPECT_GE(loss, record[Metric::kBestValidLoss].front());
  config.train.epochs = best;
  EXPECT_EQ(train_run(config)[Metric::kTestLoss], record[Metric::kTestLoss]);
}

TEST(Trainer, ClipsAndCounts) {
  RunConfig config = small_adding();
  const RunRecord loose = train_run(config);
  for (const double share : loose[Metric::kClippedShare]) EXPECT_EQ(share, 0.0);
  config.train.optimizer.clip_norm = 1e-6;
  const RunRecord tight = train_run(config);
  for (const double share : tight[Metric::kClippedShare]) EXPECT_EQ(share, 1.0);
  for (const double norm : tight[Metric::kGradNorm]) EXPECT_GT(norm, 1e-6);
}

TEST(Trainer, ReportsEveryEpoch) {
  std::vector<EpochReport> reports;
  std::vector<double> shares;
  RunObserver observer;
  observer.epoch = [&](const EpochReport& report) {
    reports.push_back(report);
    EXPECT_DOUBLE_EQ(shares.back(), static_cast<double>(report.epoch + 1) / 4.0);
  };
  observer.progress = [&](double share, double from) {
    shares.push_back(share);
    EXPECT_EQ(from, 0.0);
  };
  const RunRecord record = train_run(small_adding(), nullptr, observer);
  EXPECT_EQ(shares.front(), 0.0);
  EXPECT_TRUE(std::is_sorted(shares.begin(), shares.end()));
  ASSERT_EQ(reports.size(), record.epochs);
  for (std::size_t i = 0; i < reports.size(); ++i) {
    EXPECT_EQ(reports[i].epoch, i);
    EXPECT_EQ(reports[i].epochs, 4U);
    EXPECT_EQ(reports[i].train_loss, record[Metric::kTrainLoss][i]);
    EXPECT_EQ(reports[i].valid_loss, record[Metric::kValidLoss][i]);
  }
}

TEST(Trainer, ACancelledRunIsNoResult) {
  std::atomic<bool> cancel = true;
  const RunRecord before = train_run(small_adding(), &cancel);
  EXPECT_EQ(before.state, RunState::kMissing);
  cancel = false;
  std::size_t epochs = 0;
  RunObserver observer;
  observer.epoch = [&](const EpochReport&) {
    ++epochs;
    cancel = true;
  };
  const RunRecord during = train_run(small_adding(), &cancel, observer);
  EXPECT_EQ(during.state, RunState::kMissing);
  EXPECT_EQ(during.epochs, 0U);
  EXPECT_EQ(epochs, 1U);
  for (const MetricInfo& metric : metrics()) EXPECT_TRUE(during[metric.id].empty()) << metric.name;
}

TEST(Trainer, TakesABatchLargerThanThePart) {
  RunConfig config = small_adding();
  config.train.batch = 4096;
  config.record.probe_batch = 4096;
  EXPECT_EQ(train_run(config).state, RunState::kDone);
}

TEST(Trainer, RefusesEmptySizes) {
  for (std::size_t TrainConfig::*member : {&TrainConfig::epochs, &TrainConfig::batch}) {
    RunConfig config = small_adding();
    config.train.*member = 0;
    EXPECT_THROW(estimate_run(config), UsageError);
  }
  RunConfig config = small_adding();
  config.record.every = 0;
  EXPECT_THROW(estimate_run(config), UsageError);
}

}  // namespace
}  // namespace unroll
