#include "cli/forecast.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <queue>

#include "cli/quantity.h"
#include "nn/model.h"
#include "sched/scheduler.h"
#include "train/metrics.h"
#include "train/run_shape.h"

namespace unroll {
namespace {

constexpr double kMeasureSeconds = 0.05;

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Operations per second of one core in about 50 ms of training steps of the run of median cost.
std::optional<double> measured_rate(const Plan& plan, std::vector<std::size_t> runs) {
  if (runs.empty()) return std::nullopt;
  const auto middle = runs.begin() + static_cast<std::ptrdiff_t>(runs.size() / 2);
  std::nth_element(runs.begin(), middle, runs.end(), [&](std::size_t a, std::size_t b) {
    return plan.runs.estimate(a).flops < plan.runs.estimate(b).flops;
  });
  const PlannedRun run = plan.runs[*middle];
  const RunShape shape = run_shape(run.config);
  Model model(run.config.model, run.config.train.optimizer, shape.model, run.config.seed);
  const std::size_t scored = (shape.task.every_step ? shape.task.seq_len : 1) * shape.batch;
  const std::vector<float> inputs(shape.task.seq_len * shape.batch * shape.task.input_size, 0.1F);
  const std::vector<float> targets(scored * shape.task.output_size, 0.0F);
  const std::vector<std::int32_t> classes(scored, 0);
  const bool by_class = shape.task.loss == Loss::kSoftmax;
  const ModelBatch batch{shape.batch, shape.task.seq_len, inputs.data(), by_class ? nullptr : targets.data(),
                         by_class ? classes.data() : nullptr};
  const auto step = [&] {
    model.gradient(batch);
    model.step(0.0);
  };
  // The first step warms the caches; it counts only if it takes all the time that there is.
  Clock::time_point start = Clock::now();
  step();
  double seconds = seconds_since(start);
  std::size_t steps = 1;
  if (seconds < kMeasureSeconds) {
    start = Clock::now();
    for (steps = 0; steps == 0 || seconds_since(start) < kMeasureSeconds; ++steps) step();
    seconds = seconds_since(start);
  }
  return static_cast<double>(steps) * Model::step_flops(run.config.model, shape.model, shape.batch) / seconds;
}

}  // namespace

double makespan(std::vector<double> costs, std::size_t workers, double rate) {
  std::sort(costs.begin(), costs.end(), std::greater<>());
  // When each worker is free again; the earliest takes the next run.
  std::priority_queue<double, std::vector<double>, std::greater<>> free;
  for (std::size_t w = 0; w < workers; ++w) free.push(0.0);
  double end = 0.0;
  for (const double cost : costs) {
    const double done = free.top() + cost / rate;
    free.pop();
    free.push(done);
    end = std::max(end, done);
  }
  return end;
}

std::optional<double> observed_rate(std::span<const RunRecord> records) {
  double flops = 0.0;
  double seconds = 0.0;
  for (const RunRecord& record : records) {
    const std::vector<double>& work = record[Metric::kFlops];
    const std::vector<double>& time = record[Metric::kWallSeconds];
    if (record.state != RunState::kDone || work.size() != 1 || time.size() != 1) continue;
    flops += work[0];
    seconds += time[0];
  }
  if (!(seconds > 0.0) || !(flops > 0.0)) return std::nullopt;
  return flops / seconds;
}

Forecast forecast(const Plan& plan, std::span<const std::size_t> runs, std::size_t workers,
                  std::optional<double> rate) {
  const std::size_t memory = available_memory();
  Forecast out;
  std::vector<std::size_t> fitting;
  std::vector<double> costs;
  std::vector<std::size_t> bytes;
  for (const std::size_t run : runs) {
    const RunEstimate& estimate = plan.runs.estimate(run);
    if (estimate.bytes > memory) {
      ++out.too_large;
      continue;
    }
    fitting.push_back(run);
    costs.push_back(estimate.flops);
    bytes.push_back(estimate.bytes);
    out.flops += estimate.flops;
  }
  std::sort(bytes.begin(), bytes.end(), std::greater<>());
  for (std::size_t i = 0; i < std::min(workers, bytes.size()); ++i)
    out.bytes += static_cast<double>(bytes[i]);
  out.rate = rate ? rate : measured_rate(plan, std::move(fitting));
  if (!out.rate) return out;
  out.core_hours = out.flops / *out.rate / 3600.0;
  out.seconds = makespan(std::move(costs), workers, *out.rate);
  return out;
}

std::string too_large_text(std::size_t runs) {
  return fmt::format("{} more than the {} of memory of this machine and will fail",
                     runs == 1 ? "1 run needs" : fmt::format("{} runs need", runs),
                     bytes_text(static_cast<double>(available_memory())));
}

}  // namespace unroll
