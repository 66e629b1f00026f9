// What it costs to have runs scheduled and recorded, and how well the cores are kept busy.
#pragma once

#include <cstddef>
#include <vector>

#include "cli/console.h"

namespace unroll {

struct NoopRow {
  std::size_t workers = 0;
  double runs_per_second = 0.0;
  double us_per_run = 0.0;  // wall time over runs
};

// Runs that train nothing, through all that surrounds training: the plan, the queue, progress, the record and
// the journal on disk.
struct NoopReport {
  std::size_t runs = 0;
  double plan_us_per_run = 0.0;     // to read the experiment and make the plan
  double results_us_per_run = 0.0;  // to write results.h5 from the records, once
  std::vector<NoopRow> rows;        // by number of workers
  int signal = 0;                   // that stopped the measurement
};

// For one worker and for `workers`, in temporary folders.
NoopReport measure_noop(std::size_t runs, std::size_t workers, Console& console);

struct ScheduleReport {
  std::size_t jobs = 0;
  double cost_ratio = 0.0;  // largest over smallest
  // In simulated time, with the real queue.
  std::size_t simulated_workers = 0;
  double bound_share = 0.0;          // least possible time over the time taken; costs known exactly
  double guessed_bound_share = 0.0;  // the same if the costs that order the queue are up to a quarter wrong
  // With real threads that spin for the time of their job.
  std::size_t workers = 0;
  double wall_seconds = 0.0;
  double busy_share = 0.0;
};

ScheduleReport measure_schedule(std::size_t workers);

}  // namespace unroll
