// What a process of a sweep is to do: its part of the plan, and of it the runs to train.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "cli/shard.h"
#include "sweep/plan.h"
#include "train/run_record.h"

namespace unroll {

// How many runs are in each state; the index is the state's value.
using StateCounts = std::array<std::size_t, 5>;

// Of these runs. states: of the whole plan, here and below.
StateCounts count_states(const std::vector<RunState>& states, const std::vector<std::size_t>& runs);
// "4 done, 2 failed"; missing ones are not named.
std::string counts_text(const StateCounts& counts);

struct SweepWork {
  Shard shard;
  std::vector<RunState> states;   // of the runs to train
  bool one = false;               // a run asked for by its id, whatever its state
  std::vector<std::size_t> mine;  // what the process answers for
  std::vector<std::size_t> todo;  // of them, those to train

  // only: the first digits of the id of one run, or nothing. Throws UsageError if no single run has it.
  SweepWork(const Plan& plan, const Shard& shard, std::vector<RunState> states,
            const std::optional<std::string>& only);
  // Finds the runs to train.
  void choose(const std::vector<RunState>& now);

  // Trains runs that have ended before.
  bool retries() const { return states != std::vector{RunState::kMissing}; }
  // Runs that have ended and are not trained again.
  std::size_t finished(const std::vector<RunState>& now) const;
  // Why there is nothing to do: "all finished (6 done)", "no run is failed or pruned (6 done)".
  std::string why_nothing(const std::vector<RunState>& now) const;
};

}  // namespace unroll
