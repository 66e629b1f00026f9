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
#include "store/checkpoints.h"
#include "sweep/plan.h"
#include "train/trainer.h"

namespace unroll {

struct SweepOutcome {
  SchedulerReport report;
  std::size_t ran = 0;             // runs that ended in this session
  double train_seconds = 0.0;      // of these runs, one after the other
  double record_seconds = 0.0;     // the part that went into gradient statistics
  bool too_many_failures = false;  // sweep.max_fails
  std::string error;               // why the journal, or the results file, could not be written
};

// What trains a run: train_run, or less to measure what surrounds it.
using RunTrainer = std::function<RunRecord(const RunConfig&, const std::atomic<bool>* cancel,
                                           const RunObserver&, const RunCheckpoints&, IdleWorkers*)>;

// How a sweep is trained.
struct SweepOptions {
  std::size_t workers = 1;
  const Checkpoints* checkpoints = nullptr;  // nullptr: a run that is stopped begins anew
  double checkpoint_seconds = 60.0;          // from one state of a run to the next
  bool watch = false;                        // a screen of what the runs do, where there is a terminal
  std::string repeat = {};  // the command that trains one run, but for its id: what a failure says
  bool prune = false;       // stop runs early as the plan says; then todo = every run that has not ended
};

// Trains the runs `todo`, telling `events` if there is one. A run that throws is a record of state kFailed,
// and the sweep goes on.
SweepOutcome train_sweep(const Plan& plan, const std::vector<std::size_t>& todo, const SweepOptions& options,
                         RecordKeeper& keeper, StopSignals& signals, Console& console,
                         const RunTrainer& trainer = train_run, EventLog* events = nullptr);

}  // namespace unroll
