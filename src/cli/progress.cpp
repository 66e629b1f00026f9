#include "cli/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "cli/quantity.h"
#include "report/text_table.h"

namespace unroll {
namespace {

constexpr double kAlmost = 0.99;  // the most that is shown before the last run has ended

int percent(double share) {
  return static_cast<int>(std::floor(std::clamp(share, 0.0, 1.0) * 100.0 + 1e-9));
}

std::vector<std::string> parts(const ProgressState& state) {
  std::vector<std::string> out = {fmt::format("{}/{} runs", state.finished, state.total),
                                  fmt::format("{}% of work", percent(state.work_share))};
  if (state.stopping) {
    out.emplace_back("stopping");
  } else if (state.eta_seconds) {
    out.push_back(fmt::format("ETA {}", duration_text(*state.eta_seconds)));
  }
  if (state.failed > 0) out.push_back(fmt::format("{} failed", state.failed));
  if (state.diverged > 0) out.push_back(fmt::format("{} diverged", state.diverged));
  if (!state.best.empty()) out.push_back(fmt::format("best {}", state.best));
  return out;
}

std::string bar(double share, std::size_t cells) {
  const auto full = static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(cells));
  return fmt::format(" [{}{}]", std::string(full, '#'), std::string(cells - full, '-'));
}

}  // namespace

std::string progress_line(const ProgressState& state, std::size_t width) {
  std::string line = width >= 60 ? bar(state.work_share, 20) : width >= 40 ? bar(state.work_share, 8) : "";
  for (const std::string& part : parts(state)) line += "  " + part;
  return std::string(cut(line, width > 0 ? width - 1 : 0));
}

std::string progress_text(const ProgressState& state) {
  std::string line;
  for (const std::string& part : parts(state)) line += (line.empty() ? "" : ", ") + part;
  return line;
}

ProgressTracker::ProgressTracker(std::vector<double> cost, std::size_t workers, std::string metric,
                                 bool minimize)
    : cost_(std::move(cost)),
      slots_(workers),
      metric_(std::move(metric)),
      minimize_(minimize),
      parked_(cost_.size(), 0.0),
      earlier_(cost_.size()) {
  for (const double c : cost_) total_cost_ += c;
}

void ProgressTracker::count(RunState state, std::size_t run) {
  ++finished_;
  if (state == RunState::kFailed) {
    ++failed_;
    if (!expected_) total_cost_ -= cost_[run];
  }
  if (state == RunState::kDiverged) ++diverged_;
}

void ProgressTracker::skip(std::size_t run, RunState state) {
  const std::lock_guard lock(mutex_);
  count(state, run);
  if (state != RunState::kFailed) skipped_cost_ += cost_[run];
}

void ProgressTracker::expect(double work) {
  const std::lock_guard lock(mutex_);
  expected_ = true;
  total_cost_ = skipped_cost_ + done_cost_ + parked_cost_ + work;
}

void ProgressTracker::begin(std::size_t run, std::size_t worker, double until) {
  const std::lock_guard lock(mutex_);
  slots_[worker] = {true, run, std::exchange(parked_[run], 0.0), until};
  parked_cost_ -= slots_[worker].share * cost_[run];
}

void ProgressTracker::advance(std::size_t worker, double share, double from) {
  const std::lock_guard lock(mutex_);
  Slot& slot = slots_[worker];
  slot.share = std::clamp(share, 0.0, 1.0);
  if (earlier_[slot.run]) return;
  earlier_[slot.run] = from;
  earlier_cost_ += from * cost_[slot.run];
}

void ProgressTracker::end(std::size_t worker, RunState state) {
  const std::lock_guard lock(mutex_);
  Slot& slot = slots_[worker];
  slot.busy = false;
  const double cost = cost_[slot.run];
  if (state == RunState::kMissing) {
    parked_[slot.run] = slot.share;
    parked_cost_ += slot.share * cost;
    return;
  }
  count(state, slot.run);
  if (state == RunState::kFailed) {
    earlier_cost_ -= std::exchange(earlier_[slot.run], 0.0).value_or(0.0) * cost;
    return;
  }
  const bool part = state == RunState::kPruned || (expected_ && state == RunState::kDiverged);
  const double done = part ? slot.share * cost : cost;
  done_cost_ += done;
  if (!expected_) total_cost_ -= cost - done;
}

void ProgressTracker::offer(double value, const std::string& settings) {
  if (!std::isfinite(value)) return;
  const std::lock_guard lock(mutex_);
  if (best_ && (minimize_ ? value >= *best_ : value <= *best_)) return;
  best_ = value;
  best_settings_ = settings;
}

ProgressState ProgressTracker::state(double seconds) const {
  const std::lock_guard lock(mutex_);
  ProgressState state;
  state.total = cost_.size();
  state.finished = finished_;
  state.failed = failed_;
  state.diverged = diverged_;
  double session = done_cost_ + parked_cost_;  // of the runs of this session
  double longest = 0.0;                        // what is left of the longest run that is under way
  for (const Slot& slot : slots_) {
    if (!slot.busy) continue;
    session += cost_[slot.run] * slot.share;
    longest = std::max(longest, cost_[slot.run] * (slot.until - slot.share));
  }
  const double left = std::max(0.0, total_cost_ - skipped_cost_ - session);
  state.work_share = total_cost_ > 0.0 ? 1.0 - left / total_cost_ : 1.0;
  // A run that is trained is still to be tested.
  if (finished_ < cost_.size()) state.work_share = std::min(state.work_share, kAlmost);
  // Half a second of work is the least that a rate can be read from. At the end the longest run alone
  // decides.
  const double trained = session - earlier_cost_;
  if (trained > 0.0 && seconds >= 0.5) {
    const double rate = trained / seconds;
    state.eta_seconds = std::max(left / rate, longest * static_cast<double>(slots_.size()) / rate);
  }
  if (best_) state.best = fmt::format("{} {} ({})", metric_, number(*best_), best_settings_);
  return state;
}

bool LogPace::due(double work_share, double seconds) {
  const int tenths = percent(work_share) / 10;
  if (tenths <= tenths_ && seconds - last_ < 30.0) return false;
  tenths_ = std::max(tenths_, tenths);
  last_ = seconds;
  return true;
}

}  // namespace unroll
