// From a spec to its runs: every combination is checked, completed and given its ids.
#pragma once

#include <cstdint>
#include <map>
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
  std::vector<std::map<std::string, std::string>>
      file_names;  // [column] what results call the values of a path

  // The settings of a row.
  Experiment experiment(std::size_t row) const {
    Experiment e = base;
    table.apply(row, e);
    e.run.task = tasks[task_of[row]];
    if (e.run.model.params > 0) e.run.model.hidden = hidden[row];
    return e;
  }

  // The value of a column in the settings of a row, as results have it.
  SettingValue setting(std::size_t column, const Experiment& experiment) const {
    const KeyInfo& key = *table.columns[column].key;
    const SettingValue value = key.get(experiment);
    if (key.type != KeyType::kFile) return value;
    return file_names[column].at(std::get<std::string>(value));
  }
};

// Reports every combination that cannot be run, and what has no effect; throws SpecErrors if anything was
// reported by now.
Plan make_plan(Diagnostics& diagnostics, const Spec& spec);

}  // namespace unroll
