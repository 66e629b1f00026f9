#include "cli/bench_scheduler.h"

#include <fmt/format.h>

#include <atomic>
#include <cmath>
#include <numeric>
#include <string>

#include "base/error.h"
#include "base/rng.h"
#include "cli/record_keeper.h"
#include "cli/stop_signals.h"
#include "cli/temporary_folder.h"
#include "cli/train_sweep.h"
#include "sched/scheduler.h"
#include "sched/simulation.h"
#include "train/stopwatch.h"

namespace unroll {
namespace {

// A run whose record is as large as one of an LSTM that trains for an epoch.
constexpr const char* kNoopExperiment = R"(name: noop
task:  {{type: adding, seq_len: 4, train_size: 4, valid_size: 4, test_size: 4}}
model: {{cell: lstm, hidden: 1}}
train: {{epochs: 1, batch: 4}}
sweep: {{seeds: {}}}
)";

constexpr std::size_t kJobs = 1000;
constexpr double kCostRatio = 100.0;
constexpr std::size_t kSimulatedWorkers = 64;
constexpr double kSpinSeconds = 1e-4;  // of the shortest job

// Costs from 1 to kCostRatio, evenly spread over the magnitudes.
std::vector<double> mixed_costs() {
  Rng rng(Seed{}, Purpose::kSample);
  std::vector<double> costs(kJobs);
  for (double& cost : costs) cost = std::pow(kCostRatio, rng.uniform());
  return costs;
}

double simulated_share(const std::vector<double>& costs, double largest_error) {
  Rng rng(Seed{}, Purpose::kSample, 1);
  std::vector<JobInfo> jobs;
  for (const double cost : costs)
    jobs.push_back({cost * (1.0 + rng.uniform(-largest_error, largest_error)), 0});
  const SchedulerReport report = simulate_jobs(jobs, costs, {kSimulatedWorkers, 0});
  return least_seconds(costs, kSimulatedWorkers) / report.wall_seconds;
}

}  // namespace

NoopReport measure_noop(std::size_t runs, std::size_t workers, Console& console) {
  NoopReport report;
  report.runs = runs;
  const auto per_run = [&](double seconds) { return 1e6 * seconds / static_cast<double>(runs); };
  const Stopwatch planning;
  const Plan plan = parse_plan(fmt::format(kNoopExperiment, runs), "noop.yaml");
  report.plan_us_per_run = per_run(planning.seconds());
  const RunRecord record = train_run(plan.runs[0].config);
  std::vector<std::size_t> todo(runs);
  std::iota(todo.begin(), todo.end(), std::size_t{0});
  const RunTrainer noop = [&](const RunConfig&, const std::atomic<bool>*, const RunObserver&,
                              const RunCheckpoints&, IdleWorkers*) { return record; };
  const bool was_quiet = console.quiet();
  console.set_quiet(true);
  for (const std::size_t count :
       workers > 1 ? std::vector<std::size_t>{1, workers} : std::vector<std::size_t>{1}) {
    const TemporaryFolder folder;
    StopSignals signals;
    RecordKeeper keeper(plan, sweep_files(folder.path() / "noop.h5"));
    const Stopwatch watch;
    const SweepOutcome outcome = train_sweep(plan, todo, {count}, keeper, signals, console, noop);
    report.signal = signals.signal();
    if (report.signal != 0) break;
    if (!outcome.error.empty()) throw FileError(folder.path().string(), outcome.error);
    keeper.sync();
    const double seconds = watch.seconds();
    const Stopwatch writing;
    keeper.finish();
    report.results_us_per_run = per_run(writing.seconds());
    report.rows.push_back({count, static_cast<double>(outcome.ran) / seconds, per_run(seconds)});
  }
  console.set_quiet(was_quiet);
  return report;
}

ScheduleReport measure_schedule(std::size_t workers) {
  const std::vector<double> costs = mixed_costs();
  ScheduleReport report;
  report.jobs = costs.size();
  report.cost_ratio = kCostRatio;
  report.simulated_workers = kSimulatedWorkers;
  report.bound_share = simulated_share(costs, 0.0);
  report.guessed_bound_share = simulated_share(costs, 0.25);
  std::vector<JobInfo> jobs;
  for (const double cost : costs) jobs.push_back({cost, 0});
  const auto spin = [&](std::size_t job, std::size_t, IdleWorkers&) {
    const Stopwatch watch;
    while (watch.seconds() < kSpinSeconds * costs[job]) {
    }
  };
  const std::atomic<bool> never = false;
  const SchedulerReport real = run_jobs(jobs, {workers, 0}, spin, never);
  report.workers = workers;
  report.wall_seconds = real.wall_seconds;
  report.busy_share = real.efficiency();
  return report;
}

}  // namespace unroll
