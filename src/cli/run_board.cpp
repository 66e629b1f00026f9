#include "cli/run_board.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "cli/sweep_text.h"
#include "report/statistics.h"

namespace unroll {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

void remember(std::deque<RunTrace>& runs, const RunTrace& run) {
  runs.push_front(run);
  if (runs.size() > RunBoard::kKept) runs.pop_back();
}

}  // namespace

RunBoard::RunBoard(const Plan& plan, std::size_t workers)
    : plan_(plan), axes_(plan.axes.size()), runs_(workers), running_(workers) {
  for (std::size_t a = 0; a < axes_.size(); ++a) {
    for (const SettingValue& value : plan.axes[a].values) {
      const std::string text = to_text(value);
      if (!axes_[a].index.try_emplace(text, axes_[a].tallies.size()).second) continue;
      axes_[a].tallies.push_back({text, 0, 0, 0, 0, kNone, kNone});
    }
    axes_[a].of_runs.resize(axes_[a].tallies.size());
  }
  for (const PlannedRun& run : plan.runs) {
    for (std::size_t a = 0; a < axes_.size(); ++a) {
      ++axes_[a].tallies[axes_[a].index.at(to_text(run.settings[a]))].planned;
    }
  }
}

void RunBoard::count(const PlannedRun& run, RunState state, double value) {
  for (std::size_t a = 0; a < axes_.size(); ++a) {
    const std::size_t at = axes_[a].index.at(to_text(run.settings[a]));
    ValueTally& tally = axes_[a].tallies[at];
    ++tally.finished;
    tally.failed += state == RunState::kFailed;
    tally.diverged += state == RunState::kDiverged;
    if (state != RunState::kDone || !std::isfinite(value)) continue;
    if (axes_[a].of_runs[at].size() < kMostMedians) axes_[a].of_runs[at].push_back(value);
    const bool better = plan_.metric.minimize ? value < tally.best : value > tally.best;
    if (std::isnan(tally.best) || better) tally.best = value;
  }
}

void RunBoard::skip(std::size_t run, RunState state, double value) {
  const PlannedRun planned = plan_.runs[run];
  const std::lock_guard lock(mutex_);
  count(planned, state, value);
}

void RunBoard::begin(std::size_t run, std::size_t worker) {
  std::string settings = run_text(plan_, plan_.runs[run]);
  const std::lock_guard lock(mutex_);
  runs_[worker] = run;
  running_[worker] = RunTrace();
  running_[worker].settings = std::move(settings);
}

void RunBoard::epoch(std::size_t worker, const EpochReport& report) {
  const std::lock_guard lock(mutex_);
  running_[worker].epoch = report.epoch + 1;
  running_[worker].epochs = report.epochs;
  running_[worker].losses.push_back(report.valid_loss);
}

void RunBoard::end(std::size_t worker, const RunRecord& record, double value) {
  const PlannedRun planned = plan_.runs[runs_[worker]];
  const std::lock_guard lock(mutex_);
  RunTrace trace = std::exchange(running_[worker], RunTrace());
  if (record.state == RunState::kMissing) return;
  trace.state = record.state;
  trace.message = record.message;
  remember(record.state == RunState::kFailed ? failed_ : ended_, trace);
  count(planned, record.state, value);
}

BoardState RunBoard::state() const {
  const std::lock_guard lock(mutex_);
  BoardState state;
  state.experiment = plan_.name;
  state.metric = plan_.metric.name;
  for (std::size_t a = 0; a < axes_.size(); ++a) {
    const Values& axis = axes_[a];
    if (axis.tallies.size() < 2 || axis.tallies.size() > kMostValues) continue;
    state.axes.push_back({plan_.axes[a].name, axis.tallies});
    for (std::size_t v = 0; v < axis.tallies.size(); ++v) {
      std::vector<double> values = axis.of_runs[v];
      std::sort(values.begin(), values.end());
      if (!values.empty()) state.axes.back().values[v].median = median(values);
    }
  }
  std::copy_if(running_.begin(), running_.end(), std::back_inserter(state.running),
               [](const RunTrace& run) { return !run.settings.empty(); });
  state.ended.assign(ended_.begin(), ended_.end());
  state.failed.assign(failed_.begin(), failed_.end());
  return state;
}

}  // namespace unroll
