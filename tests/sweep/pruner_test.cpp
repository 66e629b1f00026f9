#include "sweep/pruner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/error.h"

namespace unroll {
namespace {

Plan plan_of(const std::string& sweep) {
  return parse_plan(
      "name: s\ntask: {type: adding, seq_len: 4, train_size: 16}\ntrain: {epochs: 9, batch: 8}\n" + sweep,
      "s.yaml");
}

constexpr const char* kHalving = R"(sweep:
  early_terminate: {type: halving, min_iter: 1, eta: 3}
  seeds: 2
  parameters:
    model.hidden: [1, 2, 3, 4, 5, 6]
)";

// A sweep that is not trained: the loss of a run falls with its hidden size.
class Pretended {
 public:
  explicit Pretended(const Plan& plan) : plan_(plan), records_(plan.runs.size()) {}

  Pruner pruner() {
    return {plan_, [&](std::size_t run) -> const RunRecord& { return records_[run]; }};
  }

  RunRecord after(const Leg& leg) const {
    const PlannedRun run = plan_.runs[leg.run];
    RunRecord record;
    record.epochs = static_cast<std::uint32_t>(leg.until == 0 ? run.config.train.epochs : leg.until);
    for (std::size_t e = 0; e < record.epochs; ++e) {
      record[Metric::kValidLoss].push_back(1.0 / static_cast<double>(run.config.model.hidden + e));
    }
    if (leg.until == 0) record.state = RunState::kDone;
    if (leg.prune) record.state = RunState::kPruned;
    return record;
  }

  void end(const Leg& leg) {
    if (leg.until == 0 || leg.prune) records_[leg.run] = after(leg);
  }

  // Trains until nothing is left, or `stretches` are over.
  void train(std::size_t stretches = SIZE_MAX) {
    Pruner pruner = this->pruner();
    for (std::size_t n = 0; n < stretches; ++n) {
      const std::vector<Leg> legs = pruner.next();
      if (legs.empty()) return;
      for (const Leg& leg : legs) {
        pruner.note(leg.run, after(leg));
        end(leg);
      }
    }
  }

  // "9 9 1 1 ...": epochs of each run.
  std::vector<std::size_t> epochs() const {
    std::vector<std::size_t> out;
    for (const RunRecord& record : records_) out.push_back(record.epochs);
    return out;
  }
  std::vector<RunRecord>& records() { return records_; }

 private:
  const Plan& plan_;
  std::vector<RunRecord> records_;
};

TEST(Pruner, HalvingGoesFromRungToRungWithWholeSettings) {
  const Plan plan = plan_of(kHalving);
  Pretended sweep(plan);
  sweep.train();
  EXPECT_EQ(sweep.epochs(), (std::vector<std::size_t>{1, 1, 1, 1, 1, 1, 1, 1, 3, 3, 9, 9}));
}

// Killed after any stretch, and after any part of one, the same runs end at the same epochs.
TEST(Pruner, GoesOnAsIfItHadNotBeenStopped) {
  const Plan plan = plan_of(kHalving);
  Pretended whole(plan);
  whole.train();
  for (std::size_t stretches = 0; stretches < 4; ++stretches) {
    for (std::size_t legs = 0; legs < 13; ++legs) {
      Pretended sweep(plan);
      sweep.train(stretches);
      Pruner pruner = sweep.pruner();
      std::vector<Leg> next = pruner.next();
      for (std::size_t s = 0; s < stretches && !next.empty(); ++s) {
        for (const Leg& leg : next) pruner.note(leg.run, sweep.after(leg)), sweep.end(leg);
        next = pruner.next();
      }
      for (std::size_t i = 0; i < std::min(legs, next.size()); ++i) sweep.end(next[i]);
      sweep.train();
      EXPECT_EQ(sweep.epochs(), whole.epochs()) << stretches << " " << legs;
    }
  }
}

TEST(Pruner, TheWorkOfAHalvingIsKnownBefore) {
  const Plan plan = plan_of(R"(sweep:
  early_terminate: {type: halving, min_iter: 1, eta: 3}
  seeds: 2
  parameters:
    train.lr: [1e-4, 2e-4, 3e-4, 4e-4, 5e-4, 6e-4, 7e-4, 8e-4, 9e-4]
)");
  const double epoch = plan.runs.estimate(0).flops / 9;
  const std::vector<double> work = expected_work(plan);
  ASSERT_EQ(work.size(), 3U);
  EXPECT_DOUBLE_EQ(work[0], 9 * 2 * 1 * epoch);
  EXPECT_DOUBLE_EQ(work[1], 3 * 2 * 2 * epoch);
  EXPECT_DOUBLE_EQ(work[2], 1 * 2 * 6 * epoch);
}

TEST(Pruner, SettingsCompeteOnTheSameTask) {
  const Plan plan = plan_of(R"(sweep:
  early_terminate: {type: halving, eta: 2}
  parameters:
    task.seq_len: [4, 8]
    model.hidden: [1, 2]
)");
  Pretended sweep(plan);
  sweep.train();
  EXPECT_EQ(sweep.epochs(), (std::vector<std::size_t>{1, 9, 1, 9}));
}

// The task may be the faster axis, and the metric one that is to be high.
TEST(Pruner, AHigherAccuracyIsBetter) {
  const Plan plan = parse_plan(R"(name: s
task: {type: copy, seq_len: 4, train_size: 16}
train: {epochs: 3, batch: 8}
sweep:
  metric: {name: valid_accuracy}
  early_terminate: {type: median}
  parameters: {model.hidden: [1, 2, 3]}
)",
                               "s.yaml");
  Pruner pruner(plan, [](std::size_t) -> const RunRecord& {
    static const RunRecord kNone;
    return kNone;
  });
  for (const Leg& leg : pruner.next()) {
    RunRecord record;
    record.epochs = 1;
    record[Metric::kValidAccuracy] = {0.1 * static_cast<double>(leg.run)};
    pruner.note(leg.run, record);
  }
  std::map<std::size_t, bool> pruned;
  for (const Leg& leg : pruner.next()) pruned[leg.run] = leg.prune;
  EXPECT_EQ(pruned, (std::map<std::size_t, bool>{{0, true}, {1, false}, {2, false}}));
}

TEST(Pruner, ADivergedReplicateIsTheWorstAndAFailedOneSaysNothing) {
  const Plan plan = plan_of(R"(sweep:
  early_terminate: {type: halving, eta: 3}
  seeds: 3
  parameters: {model.hidden: [1, 2, 3]}
)");
  Pretended sweep(plan);
  for (const std::size_t run : {6, 7}) sweep.records()[run].state = RunState::kDiverged;
  for (const std::size_t run : {3, 4}) sweep.records()[run].state = RunState::kFailed;
  sweep.train();
  EXPECT_EQ(sweep.epochs(), (std::vector<std::size_t>{1, 1, 1, 0, 0, 9, 0, 0, 1}));
}

TEST(Pruner, WhatWasPrunedStaysSoWhenThePlanGrows) {
  const Plan small = plan_of(kHalving);
  Pretended first(small);
  first.train();
  std::string text = kHalving;
  text.replace(text.find("seeds: 2"), 8, "seeds: 3");
  const Plan grown = plan_of(text);
  Pretended sweep(grown);
  for (std::size_t run = 0; run < grown.runs.size(); ++run) {
    if (run % 3 < 2) sweep.records()[run] = first.records()[run / 3 * 2 + run % 3];
  }
  sweep.train();
  EXPECT_EQ(sweep.epochs(), (std::vector<std::size_t>{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 3, 3, 9, 9, 9}));
}

TEST(Pruner, RunsOfDifferentLengthsCompeteAsFarAsTheyGo) {
  const Plan plan = plan_of(R"(sweep:
  early_terminate: {type: halving, min_iter: 2, eta: 2}
  parameters:
    train.epochs: [2, 9]
    model.hidden: [1, 2]
)");
  Pretended sweep(plan);
  sweep.train();
  EXPECT_EQ(sweep.epochs(), (std::vector<std::size_t>{2, 2, 2, 9}));
}

}  // namespace
}  // namespace unroll
