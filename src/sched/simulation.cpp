#include "sched/simulation.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <numeric>
#include <optional>
#include <queue>
#include <utility>
#include <vector>

#include "base/error.h"
#include "sched/job_queue.h"

namespace unroll {

SchedulerReport simulate_jobs(std::span<const JobInfo> jobs, std::span<const double> seconds,
                              const SchedulerOptions& options) {
  UNROLL_CHECK(jobs.size() == seconds.size(), "each job needs its time");
  UNROLL_CHECK(options.workers >= 1, "simulate_jobs needs a worker");
  JobQueue queue(jobs, options.memory_budget);
  // Jobs under way by the time at which they end; ties by index.
  using Ending = std::pair<double, std::size_t>;
  std::priority_queue<Ending, std::vector<Ending>, std::greater<>> running;
  SchedulerReport report;
  report.workers = options.workers;
  while (true) {
    while (running.size() < options.workers) {
      const std::optional<std::size_t> job = queue.take();
      if (!job) break;
      running.emplace(report.wall_seconds + seconds[*job], *job);
      report.busy_seconds += seconds[*job];
    }
    if (running.empty()) return report;
    const auto [end, job] = running.top();
    running.pop();
    report.wall_seconds = end;
    queue.finish(job);
    ++report.finished;
  }
}

double least_seconds(std::span<const double> seconds, std::size_t workers) {
  if (seconds.empty()) return 0.0;
  const double total = std::accumulate(seconds.begin(), seconds.end(), 0.0);
  return std::max(*std::max_element(seconds.begin(), seconds.end()), total / static_cast<double>(workers));
}

}  // namespace unroll
