// Runs independent jobs on N workers: longest first, within a memory budget. Knows nothing of nets.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "base/idle_workers.h"

namespace unroll {

// What the scheduler knows of a job before it runs.
struct JobInfo {
  double cost = 1.0;      // expected work in any one unit
  std::size_t bytes = 0;  // memory it will hold while it runs
};

struct SchedulerOptions {
  std::size_t workers = 1;
  std::size_t memory_budget = 0;  // bytes that running jobs may hold together; 0 = no limit
};

struct SchedulerReport {
  double wall_seconds = 0.0;
  double busy_seconds = 0.0;  // sum over workers of the time inside jobs, and inside parts of others
  std::size_t finished = 0;
  std::size_t workers = 0;
  // busy / (workers x wall): 1 when no worker ever waited.
  double efficiency() const;
  // Of one after the other.
  void add(const SchedulerReport& next);
};

// idle: workers that found no job any more.
using JobBody = std::function<void(std::size_t job, std::size_t worker, IdleWorkers& idle)>;

// Runs body(job, worker, idle) for every job, at most once each, in order of falling cost (ties: lower
// index). A job larger than the budget runs alone. `body` must not throw; it is called on worker threads,
// each worker running one job at a time. No new job starts once `cancel` is true; running ones are waited
// for.
SchedulerReport run_jobs(std::span<const JobInfo> jobs, const SchedulerOptions& options, const JobBody& body,
                         const std::atomic<bool>& cancel);

// Cores that this process may really use: the least of the affinity mask, the cgroup CPU quota (v1, v2)
// and SLURM_CPUS_PER_TASK; at least 1.
std::size_t available_cores();

// Memory that this process may really use: the least of physical memory and the cgroup limit (v1, v2).
std::size_t available_memory();

}  // namespace unroll
