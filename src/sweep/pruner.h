// Takes a sweep with early termination from rung to rung: which runs are trained how far, and which end there
// as pruned. All replicates of a setting go on or stop together, so that they stay paired; settings compete
// with those that learn the same task.
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <span>
#include <vector>

#include "sweep/plan.h"
#include "train/run_record.h"

namespace unroll {

// A part of a run: from where it is to a rung, or to its end.
struct Leg {
  std::size_t run = 0;
  std::size_t until = 0;  // epochs after which it waits for the others; 0 = it is trained to its end
  bool prune = false;     // it ends there
  std::size_t from = 0;   // epochs that it has from the stretches before
};

// The operations of a leg.
double leg_work(const Plan& plan, const Leg& leg);

// The operations of each stretch of a whole sweep, if it is left to chance which settings are better.
std::vector<double> expected_work(const Plan& plan);

class Pruner {
 public:
  using RecordOf = std::function<const RunRecord&(std::size_t run)>;

  // record: of each run of the plan, kMissing if it has not ended. A run that ended keeps its state, whatever
  // would be decided now. Holds 8 bytes for each run and epoch. Requires: plan outlives this.
  Pruner(const Plan& plan, const RecordOf& record);

  // The legs of the next stretch, of runs that have not ended; empty: every run has. Requires: note() was
  // called for every leg of the one before.
  std::vector<Leg> next();
  // What a run has after a leg: kMissing = it waits. Thread-safe.
  void note(std::size_t run, const RunRecord& record);

 private:
  struct Run {
    RunState state = RunState::kMissing;
    std::size_t epochs = 0;      // of its settings
    std::vector<double> values;  // of the sweep's metric, lower is better
  };
  std::span<const Run> replicates(std::size_t setting) const;
  Standing standing(std::size_t setting, std::size_t rung) const;
  void decide(std::size_t rung);

  const Plan& plan_;
  std::vector<std::size_t> rungs_;
  std::size_t stretch_ = 0;
  std::mutex mutex_;
  std::vector<Run> runs_;                         // [run]
  std::vector<bool> stopped_;                     // [setting], which is run / seeds
  std::vector<std::vector<std::size_t>> blocks_;  // settings that compete
};

}  // namespace unroll
