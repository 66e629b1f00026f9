#include "cli/forecast.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <numeric>

#include "cli/quantity.h"
#include "nn/model.h"
#include "sched/scheduler.h"
#include "sched/simulation.h"
#include "sweep/pruner.h"
#include "train/practice_step.h"
#include "train/run_shape.h"
#include "train/stopwatch.h"

namespace unroll {
namespace {

constexpr double kMeasureSeconds = 0.05;

// Operations per second of one core in about 50 ms of training steps of the run of median cost.
std::optional<double> measured_rate(const Plan& plan, std::vector<std::size_t> runs) {
  if (runs.empty()) return std::nullopt;
  const auto middle = runs.begin() + static_cast<std::ptrdiff_t>(runs.size() / 2);
  std::nth_element(runs.begin(), middle, runs.end(), [&](std::size_t a, std::size_t b) {
    return plan.runs.estimate(a).flops < plan.runs.estimate(b).flops;
  });
  const PlannedRun run = plan.runs[*middle];
  const RunShape shape = run_shape(run.config);
  PracticeStep step(run.config.model, run.config.train.optimizer, shape.model, shape.batch);
  // The first step warms the caches; it counts only if it takes all the time that there is.
  const Stopwatch first;
  step.run();
  double seconds = first.seconds();
  std::size_t steps = 1;
  if (seconds < kMeasureSeconds) {
    const Stopwatch watch;
    for (steps = 0; steps == 0 || watch.seconds() < kMeasureSeconds; ++steps) step.run();
    seconds = watch.seconds();
  }
  const auto batch = static_cast<double>(shape.batch);
  const double all = batch * static_cast<double>(shape.model.seq_len);
  return static_cast<double>(steps) * Model::flops(run.config.model, shape.model, batch, all).step / seconds;
}

}  // namespace

Forecast forecast(const Plan& plan, std::span<const std::size_t> runs, std::size_t workers,
                  std::optional<double> rate) {
  const std::size_t memory = available_memory();
  Forecast out;
  std::vector<std::size_t> fitting;
  std::vector<JobInfo> jobs;
  std::vector<std::size_t> bytes;
  for (const std::size_t run : runs) {
    const RunEstimate& estimate = plan.runs.estimate(run);
    if (estimate.bytes > memory) {
      ++out.too_large;
      continue;
    }
    fitting.push_back(run);
    jobs.push_back({estimate.flops, estimate.bytes});
    bytes.push_back(estimate.bytes);
    out.flops += estimate.flops;
    out.record_bytes += static_cast<double>(estimate.record_bytes);
  }
  if (plan.early_terminate.active()) {
    const std::vector<double> stretches = expected_work(plan);
    double whole = 0.0;
    for (std::size_t run = 0; run < plan.runs.size(); ++run) whole += plan.runs.estimate(run).flops;
    out.share = std::accumulate(stretches.begin(), stretches.end(), 0.0) / whole;
    out.flops *= out.share;
  }
  std::sort(bytes.begin(), bytes.end(), std::greater<>());
  for (std::size_t i = 0; i < std::min(workers, bytes.size()); ++i)
    out.bytes += static_cast<double>(bytes[i]);
  out.rate = rate ? rate : measured_rate(plan, std::move(fitting));
  if (!out.rate) return out;
  out.core_hours = out.flops / *out.rate / 3600.0;
  std::vector<double> seconds;
  for (const JobInfo& job : jobs) seconds.push_back(out.share * job.cost / *out.rate);
  out.seconds = simulate_jobs(jobs, seconds, {workers, 0}).wall_seconds;
  return out;
}

std::string too_large_text(std::size_t runs) {
  return fmt::format("{} more than the {} of memory of this machine and will fail",
                     runs == 1 ? "1 run needs" : fmt::format("{} runs need", runs),
                     bytes_text(static_cast<double>(available_memory())));
}

}  // namespace unroll
