// Combinations of settings that cannot be run, although each setting alone is fine.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/task.h"
#include "sweep/keys.h"
#include "train/trainer.h"

namespace unroll {

// What is wrong with a run, and the keys to blame, the likeliest first.
struct RunProblem {
  std::vector<std::string> keys;
  std::string message;
  std::string help;
};

// Completes the task of a run. Reads the file of a task that has one.
std::optional<RunProblem> complete_task(TaskConfig& task);

// Solves the hidden size of a run with model.params. Requires: the task is complete.
std::optional<RunProblem> complete_model(RunConfig& run);

// Requires: the task is complete. Fills the estimate if nothing is wrong.
std::optional<RunProblem> check_run(const Experiment& experiment, RunEstimate& estimate);

}  // namespace unroll
