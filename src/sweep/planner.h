// From a spec to its runs: every combination is checked, completed and given its ids.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sweep/combinations.h"
#include "sweep/plan.h"
#include "sweep/spec.h"

namespace unroll {

// Rows of settings, and what was computed for each.
class PlannedRuns::Store {
 public:
  Experiment base;
  Combinations table;
  std::vector<TaskConfig> tasks;       // the different tasks, complete
  std::vector<std::uint32_t> task_of;  // [row] index into `tasks`
  std::vector<std::size_t> hidden;     // [row] solved from model.params
  std::vector<RunEstimate> estimates;  // [row]
  std::vector<std::uint32_t> replicates;
  std::vector<std::string> ids;  // [run]

  // The settings of a row as the experiment file gives them.
  Experiment given(std::size_t row) const {
    Experiment e = base;
    table.apply(row, e);
    return e;
  }

  // The same with everything that follows from them.
  Experiment experiment(std::size_t row) const {
    Experiment e = given(row);
    e.run.task = tasks[task_of[row]];
    if (e.run.model.params > 0) e.run.model.hidden = hidden[row];
    return e;
  }

  // What results call the value of a key. A path as it is given: where the folders of a sweep are is no part
  // of its results.
  SettingValue setting(const KeyInfo& key, std::size_t row, const Experiment& experiment) const {
    return key.get(key.type == KeyType::kFile ? given(row) : experiment);
  }
};

// Reports every combination that cannot be run, and what has no effect; throws SpecErrors if anything was
// reported by now.
Plan make_plan(Diagnostics& diagnostics, const Spec& spec);

}  // namespace unroll
