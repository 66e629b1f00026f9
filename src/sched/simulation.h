// What run_jobs would do, in simulated time: the same queue and the same rules, nothing is run.
#pragma once

#include <span>

#include "sched/scheduler.h"

namespace unroll {

// seconds: how long each job really takes; the order follows from JobInfo::cost, which may be a bad guess.
// Starting a job takes no time. Requires: one entry for each job.
SchedulerReport simulate_jobs(std::span<const JobInfo> jobs, std::span<const double> seconds,
                              const SchedulerOptions& options);

// No scheduler can be faster: the longest job, or all of them spread evenly.
double least_seconds(std::span<const double> seconds, std::size_t workers);

}  // namespace unroll
