// Runs that take milliseconds.
#pragma once

#include <string>
#include <vector>

#include "tests/data/task_files.h"
#include "train/diagnostics.h"
#include "train/run_config.h"

namespace unroll {

inline RunConfig small_adding() {
  RunConfig config;
  config.task.type = "adding";
  config.task.seq_len = 8;
  config.task.train_size = 300;
  config.task.valid_size = 100;
  config.task.test_size = 70;
  config.task = resolve_task(config.task);
  config.model.cell = "gru";
  config.model.hidden = 8;
  config.train.epochs = 4;
  config.train.batch = 16;
  config.train.optimizer.lr = 0.01;
  config.record.probe_batch = 12;
  config.seed = {11, 0};
  return config;
}

// With every diagnostic recorded.
inline RunConfig with_all(RunConfig config) {
  for (const DiagnosticInfo& row : diagnostics()) config.record.diagnostics.emplace_back(row.name);
  return config;
}

// One for each form of each task.
inline std::vector<RunConfig> small_runs() {
  std::vector<RunConfig> out;
  for (const TaskInfo& task : tasks()) {
    std::vector<std::string_view> forms = task.forms;
    if (forms.empty()) forms.emplace_back("");
    for (const std::string_view form : forms) {
      RunConfig config = small_adding();
      TaskConfig wanted;
      wanted.type = task.name;
      wanted.form = form;
      wanted.seq_len = 8;
      wanted.train_size = 40;
      wanted.valid_size = 20;
      wanted.test_size = 10;
      set_task_files(wanted);
      config.task = resolve_task(wanted);
      config.train.epochs = 3;
      out.push_back(config);
    }
  }
  return out;
}

}  // namespace unroll
