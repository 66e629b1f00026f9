// Trains runs of a plan on all workers and hands each record to its keeper.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "cli/console.h"
#include "cli/event_log.h"
#include "cli/progress.h"
#include "cli/record_keeper.h"
#include "cli/stop_signals.h"
#include "sched/scheduler.h"
#include "sweep/plan.h"
#include "train/trainer.h"

namespace unroll {

struct SweepOutcome {
  SchedulerReport report;
  std::size_t ran = 0;             // runs that ended in this session
  bool too_many_failures = false;  // sweep.max_fails
  std::string error;               // why the journal, or the results file, could not be written
};

// What trains a run: train_run, or less to measure what surrounds it.
using RunTrainer =
    std::function<RunRecord(const RunConfig&, const std::atomic<bool>* cancel, const EpochObserver&)>;

// Trains the runs `todo`, telling `events` if there is one. A run that throws is a record of state kFailed,
// and the sweep goes on.
SweepOutcome train_sweep(const Plan& plan, const std::vector<std::size_t>& todo, std::size_t workers,
                         RecordKeeper& keeper, StopSignals& signals, Console& console,
                         const RunTrainer& trainer = train_run, EventLog* events = nullptr);

// The value of the metric that the sweep is judged by: of an array over epochs, the best. NaN if there is
// none.
double metric_value(const RunRecord& record, const PlanMetric& metric);

}  // namespace unroll
