#include "sweep/run_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"
#include "sweep/plan.h"
#include "train/metrics.h"
#include "train/solve_hidden.h"

namespace unroll {
namespace {

std::string bytes_text(double bytes) {
  static constexpr std::array<const char*, 9> kUnits = {"B",   "KiB", "MiB", "GiB", "TiB",
                                                        "PiB", "EiB", "ZiB", "YiB"};
  std::size_t unit = 0;
  for (; bytes >= 1024.0 && unit + 1 < kUnits.size(); ++unit) bytes /= 1024.0;
  return bytes < 1e4 ? fmt::format("{:.3g} {}", bytes, kUnits[unit])
                     : fmt::format("{:.1e} {}", bytes, kUnits[unit]);
}

RunProblem too_large(std::vector<std::string> keys, const std::string& what, double bytes) {
  return {std::move(keys), fmt::format("{} would take {} of memory", what, bytes_text(bytes)),
          fmt::format("a run may take {}", bytes_text(kMaxRunBytes))};
}

// A lower bound that cannot overflow, so that the exact sizes can be computed when it holds.
std::optional<RunProblem> check_floor(const RunConfig& run, const TaskShape& shape) {
  const auto hidden = static_cast<double>(run.model.hidden);
  const auto layers = static_cast<double>(run.model.layers);
  const double weights = 4.0 * layers * hidden * hidden;
  if (weights > kMaxRunBytes) {
    return too_large({layers > hidden ? "model.layers" : "model.hidden", "model.hidden", "model.layers"},
                     fmt::format("the recurrent weights of {} layer{} of {} units", run.model.layers,
                                 run.model.layers == 1 ? "" : "s", run.model.hidden),
                     weights);
  }
  const double states =
      4.0 * layers * hidden * static_cast<double>(run.train.batch) * static_cast<double>(shape.seq_len);
  if (states > kMaxRunBytes) {
    return too_large(
        {"train.batch", "task.seq_len", "model.hidden", "model.layers"},
        fmt::format("the hidden states of a batch of {} x {} steps", run.train.batch, shape.seq_len), states);
  }
  if (static_cast<double>(shape.bytes) > kMaxRunBytes) {
    return too_large({"task.train_size", "task.seq_len", "task.file", "task.type"}, "the data",
                     static_cast<double>(shape.bytes));
  }
  return std::nullopt;
}

// The key that names the file in which something is wrong; where: its path, and maybe a place in it.
std::string key_of_file(const TaskConfig& task, const std::string& where) {
  Experiment experiment;
  experiment.run.task = task;
  for (const KeyInfo& key : keys()) {
    if (key.type != KeyType::kFile) continue;
    const std::string path = std::get<std::string>(key.get(experiment));
    if (!path.empty() && (where == path || where.starts_with(path + ":"))) return std::string(key.key);
  }
  return "task.file";
}

}  // namespace

std::optional<RunProblem> complete_task(TaskConfig& task) {
  try {
    task = resolve_task(task);
    return std::nullopt;
  } catch (const FileError& e) {
    return RunProblem{
        {key_of_file(task, e.where()), "task.type"}, fmt::format("{}: {}", e.where(), e.message()), e.hint()};
  } catch (const UsageError& e) {
    return RunProblem{
        {e.where(), "task.file", "task.type"}, fmt::format("{}: {}", e.where(), e.message()), e.hint()};
  }
}

std::optional<RunProblem> complete_model(RunConfig& run) {
  if (run.model.params == 0) return std::nullopt;
  try {
    run.model.hidden = solve_hidden(run);
    return std::nullopt;
  } catch (const UsageError& e) {
    return RunProblem{{e.where(), "model.params"}, fmt::format("{}: {}", e.where(), e.message()), e.hint()};
  }
}

std::optional<RunProblem> check_run(const Experiment& experiment, RunEstimate& estimate) {
  const RunConfig& run = experiment.run;
  const TaskShape shape = task_shape(run.task);
  if (run.train.batch > shape.train_size) {
    return RunProblem{{"train.batch", "task.train_size", "task.type"},
                      fmt::format("train.batch is {}, but there are {} training sequences", run.train.batch,
                                  shape.train_size),
                      "use a smaller batch"};
  }
  const MetricInfo& metric = *find_metric(experiment.metric);
  if (!task_has(metric, shape.loss, shape.symbols)) {
    return RunProblem{{"sweep.metric.name", "task.type"},
                      fmt::format("the task {} has no {}: it {}", run.task.type, metric.name,
                                  metric.needs == Needs::kClasses ? "predicts numbers, not classes"
                                                                  : "reads numbers, not symbols"),
                      "use a loss as the metric"};
  }
  if (auto problem = check_floor(run, shape)) return problem;
  try {
    estimate = estimate_run(run);
  } catch (const UsageError& e) {
    return RunProblem{{e.where(), "model.cell"}, fmt::format("{}: {}", e.where(), e.message()), e.hint()};
  }
  if (static_cast<double>(estimate.bytes) > kMaxRunBytes) {
    return too_large({"model.hidden", "model.layers", "train.batch", "task.seq_len"}, "the run",
                     static_cast<double>(estimate.bytes));
  }
  return std::nullopt;
}

}  // namespace unroll
