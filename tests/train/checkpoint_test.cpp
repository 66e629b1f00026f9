// A run that goes on from a state, wherever it was saved, ends with the bits of a run without a break.
#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <string>
#include <vector>

#include "nn/cells.h"
#include "nn/optimizers.h"
#include "tests/train/small_runs.h"
#include "train/trainer.h"

namespace unroll {
namespace {

// Every state that a run can be left in: one at each batch of training and evaluation.
std::vector<std::string> states_of(const RunConfig& config) {
  std::vector<std::string> states;
  train_run(config, nullptr, {}, {"", [&](const std::string& state) { states.push_back(state); }, -1.0});
  return states;
}

RunRecord resumed(const RunConfig& config, const std::string& state) {
  return train_run(config, nullptr, {}, {state, {}, 1e9});
}

void expect_same_bits(const RunRecord& a, const RunRecord& b) {
  EXPECT_EQ(a.state, b.state);
  EXPECT_EQ(a.message, b.message);
  EXPECT_EQ(a.epochs, b.epochs);
  EXPECT_EQ(a.weights, b.weights);
  EXPECT_EQ(a.classes, b.classes);
  EXPECT_EQ(a.sample, b.sample);
  for (const MetricInfo& metric : metrics()) {
    if (metric.group == Group::kMeasured) continue;
    const auto& x = a[metric.id];
    const auto& y = b[metric.id];
    ASSERT_EQ(x.size(), y.size()) << metric.name;
    EXPECT_TRUE(x.empty() || std::memcmp(x.data(), y.data(), x.size() * sizeof(double)) == 0) << metric.name;
  }
}

void expect_resumable(const RunConfig& config, std::size_t stride) {
  const RunRecord whole = train_run(config);
  const std::vector<std::string> states = states_of(config);
  ASSERT_GT(states.size(), config.train.epochs);
  for (std::size_t i = 0; i < states.size(); i += stride) {
    SCOPED_TRACE(i);
    expect_same_bits(whole, resumed(config, states[i]));
  }
  SCOPED_TRACE("the last state");
  expect_same_bits(whole, resumed(config, states.back()));
}

TEST(Checkpoint, EveryStateGoesOnToTheSameBits) {
  for (const char* weights : {"final", "best"}) {
    RunConfig config = small_adding();
    config.record.weights = weights;
    expect_resumable(config, 1);
  }
}

TEST(Checkpoint, OfEveryOptimizer) {
  for (const OptimizerInfo& optimizer : optimizers()) {
    SCOPED_TRACE(optimizer.name);
    RunConfig config = small_adding();
    config.train.optimizer.optimizer = optimizer.name;
    config.train.optimizer.momentum = 0.5;
    config.train.optimizer.lr = 0.003;
    expect_resumable(config, 13);
  }
}

TEST(Checkpoint, OfEveryCell) {
  for (const CellInfo& cell : cells()) {
    SCOPED_TRACE(cell.name);
    RunConfig config = small_adding();
    config.model.cell = cell.name;
    config.model.layers = 2;
    config.train.epochs = 2;
    expect_resumable(config, 13);
  }
}

TEST(Checkpoint, OfEveryTask) {
  for (const RunConfig& config : small_runs()) {
    SCOPED_TRACE(config.task.type + "/" + config.task.form);
    expect_resumable(config, 5);
  }
}

TEST(Checkpoint, OfARunThatStopsEarlyOrDiverges) {
  RunConfig config = small_adding();
  config.train.epochs = 12;
  config.train.patience = 1;
  config.train.min_delta = 0.5;
  expect_resumable(config, 7);
  config = small_adding();
  config.train.optimizer.optimizer = "sgd";
  config.train.optimizer.lr = 1e30;
  config.train.optimizer.clip_norm = 0.0;
  const RunRecord whole = train_run(config);
  ASSERT_EQ(whole.state, RunState::kDiverged);
  for (const std::string& state : states_of(config)) expect_same_bits(whole, resumed(config, state));
}

TEST(Checkpoint, ACancelledRunSavesOnceAndGoesOn) {
  const RunConfig config = small_adding();
  const RunRecord whole = train_run(config);
  std::string state;
  std::size_t saved = 0;
  std::size_t lives = 0;
  RunRecord record;
  while (record.state == RunState::kMissing) {
    std::atomic<bool> cancel = false;
    const double done = static_cast<double>(lives) / static_cast<double>(config.train.epochs);
    ASSERT_LT(lives++, 10U);
    RunObserver observer;
    observer.epoch = [&](const EpochReport&) { cancel = true; };
    observer.progress = [&](double share, double from) {
      EXPECT_DOUBLE_EQ(from, done);
      EXPECT_GE(share, from);
    };
    record = train_run(config, &cancel, observer,
                       {state, [&](const std::string& now) { state = now, ++saved; }, 1e9});
  }
  EXPECT_EQ(saved, lives - 1);
  EXPECT_EQ(lives, config.train.epochs + 1);
  expect_same_bits(whole, record);
}

// Waits after every epoch: also after half of them, where a probe is due.
TEST(Checkpoint, ARunThatWaitsAtRungsEndsWithTheSameBits) {
  RunConfig config = small_adding();
  config.train.epochs = 4;
  const RunRecord whole = train_run(config);
  std::string state;
  for (std::size_t until = 1; until < config.train.epochs; ++until) {
    std::size_t saved = 0;
    RunCheckpoints checkpoints{state, [&](const std::string& now) { state = now, ++saved; }, 1e9, until};
    const RunRecord waiting = train_run(config, nullptr, {}, checkpoints);
    EXPECT_EQ(waiting.state, RunState::kMissing);
    ASSERT_EQ(waiting.epochs, until);
    EXPECT_EQ(saved, 1U);
    for (std::size_t e = 0; e < until; ++e) {
      EXPECT_EQ(waiting[Metric::kValidLoss][e], whole[Metric::kValidLoss][e]);
    }
    // What waits there already is read, not trained and not written again.
    checkpoints.from = state;
    EXPECT_EQ(train_run(config, nullptr, {}, checkpoints).epochs, until);
    EXPECT_EQ(saved, 1U);
  }
  expect_same_bits(whole, resumed(config, state));
}

TEST(Checkpoint, ARunIsPrunedWithItsPrefixWhateverItGoesOnFrom) {
  RunConfig config = small_adding();
  config.train.epochs = 4;
  config.record.weights = "final";
  const RunRecord whole = train_run(config);
  const RunRecord pruned = train_run(config, nullptr, {}, {"", {}, 1e9, 2, true});
  EXPECT_EQ(pruned.state, RunState::kPruned);
  EXPECT_EQ(pruned.message, "stopped after 2 of 4 epochs");
  EXPECT_EQ(pruned.epochs, 2U);
  EXPECT_TRUE(pruned[Metric::kTestLoss].empty());
  EXPECT_TRUE(pruned.weights.empty());
  ASSERT_EQ(pruned[Metric::kTrainLoss].size(), 2U);
  EXPECT_EQ(pruned[Metric::kTrainLoss][1], whole[Metric::kTrainLoss][1]);
  // Also from states beyond the rung, of which nothing may stay.
  for (const std::string& state : states_of(config)) {
    expect_same_bits(pruned, train_run(config, nullptr, {}, {state, {}, 1e9, 2, true}));
  }
}

TEST(Checkpoint, WhatIsNoStateOfTheRunStartsItAnew) {
  const RunConfig config = small_adding();
  const RunRecord whole = train_run(config);
  const std::string state = states_of(config).back();
  RunConfig other = config;
  other.model.hidden = 5;
  for (const std::string& wrong :
       {std::string("x"), state.substr(0, state.size() - 1), state + "x", std::string(1000, '\xFF')}) {
    expect_same_bits(whole, resumed(config, wrong));
  }
  expect_same_bits(train_run(other), resumed(other, state));
}

TEST(Checkpoint, WeightsAreKeptAsAsked) {
  RunConfig config = small_adding();
  EXPECT_TRUE(train_run(config).weights.empty());
  config.record.weights = "final";
  const RunRecord final = train_run(config);
  std::size_t count = 0;
  for (const KeptParameter& p : final.weights) {
    EXPECT_EQ(p.values.size(), p.size()) << p.name;
    count += p.size();
  }
  EXPECT_EQ(static_cast<double>(count), final[Metric::kParams][0]);
  EXPECT_EQ(final.weights.front().name, "weight_ih_l0");
}

}  // namespace
}  // namespace unroll
