// --shard: which part of a plan this process trains.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sweep/plan.h"

namespace unroll {

// Part `index` of `count`, counted from 0. The whole plan is part 0 of 0: it has no other parts.
struct Shard {
  std::size_t index = 0;
  std::size_t count = 0;

  bool whole() const { return count == 0; }
  std::string text() const;  // "2/8"
};

// "2/8": part 2 of 8, counted from 0. "auto/8": of the job array that this process is a task of (Slurm, PBS,
// SGE, LSF, Kubernetes) its index modulo 8, so that the tasks may be 0 to 7 or 1 to 8, and any of them may be
// submitted again alone. "auto": the count from there, too, if the engine tells of a whole array (Slurm,
// SGE). variable: the value in the environment, "" if it is not set. Throws UsageError.
Shard parse_shard(const std::string& text, const std::function<std::string(const char*)>& variable);
Shard parse_shard(const std::string& text);  // of this process's environment

// The runs of the plan that the shard trains: about the same expected cost for each, whatever is finished.
std::vector<std::size_t> runs_of(const PlannedRuns& runs, const Shard& shard);

// Parts of a plan do not see how the others stand. Throws UsageError if the plan stops runs early.
void refuse_early_terminate(const Plan& plan, const std::string& option);

}  // namespace unroll
