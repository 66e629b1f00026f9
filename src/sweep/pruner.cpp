#include "sweep/pruner.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/rng.h"
#include "train/metrics.h"

namespace unroll {
namespace {

constexpr double kWorst = std::numeric_limits<double>::infinity();

// What settings must have in common to be compared: a loss on another task says nothing.
std::string task_of(const Plan& plan, const PlannedRun& run) {
  std::string text;
  for (std::size_t a = 0; a < plan.axes.size(); ++a) {
    if (plan.axes[a].key.starts_with("task.")) text += to_text(run.settings[a]) + "\n";
  }
  return text;
}

std::size_t end_of(const Plan& plan, const Leg& leg) {
  return leg.until == 0 ? plan.runs[leg.run].config.train.epochs : leg.until;
}

}  // namespace

double leg_work(const Plan& plan, const Leg& leg) {
  const double all = plan.runs.estimate(leg.run).flops;
  if (leg.from == 0 && leg.until == 0) return all;
  const auto epochs = static_cast<double>(plan.runs[leg.run].config.train.epochs);
  return all * static_cast<double>(end_of(plan, leg) - leg.from) / epochs;
}

std::vector<double> expected_work(const Plan& plan) {
  const MetricInfo* metric = find_metric(plan.metric.name);
  RunRecord record;
  Pruner pruner(plan, [&](std::size_t) -> const RunRecord& { return record; });
  Rng lots(Seed{}, Purpose::kSearch);
  std::vector<double> out;
  for (std::vector<Leg> legs = pruner.next(); !legs.empty(); legs = pruner.next()) {
    double& work = out.emplace_back(0.0);
    for (const Leg& leg : legs) {
      work += leg_work(plan, leg);
      record.state = leg.prune ? RunState::kPruned : leg.until == 0 ? RunState::kDone : RunState::kMissing;
      record[metric->id].assign(end_of(plan, leg), lots.uniform(0.0, 1.0));
      pruner.note(leg.run, record);
    }
  }
  return out;
}

Pruner::Pruner(const Plan& plan, const RecordOf& record) : plan_(plan) {
  std::map<std::string, std::size_t> blocks;
  std::size_t longest = 0;
  for (const PlannedRun& run : plan.runs) {
    if (runs_.size() % plan.seeds == 0) {
      const auto [block, is_new] = blocks.emplace(task_of(plan, run), blocks.size());
      if (is_new) blocks_.emplace_back();
      blocks_[block->second].push_back(runs_.size() / plan.seeds);
    }
    runs_.push_back({RunState::kMissing, run.config.train.epochs, {}});
    longest = std::max(longest, run.config.train.epochs);
  }
  stopped_.assign(runs_.size() / plan.seeds, false);
  rungs_ = rungs(plan.early_terminate, longest);
  for (std::size_t run = 0; run < runs_.size(); ++run) note(run, record(run));
}

void Pruner::note(std::size_t run, const RunRecord& record) {
  const MetricInfo* metric = find_metric(plan_.metric.name);
  std::vector<double> values = record[metric->id];
  for (double& value : values) {
    if (!plan_.metric.minimize) value = -value;
    if (std::isnan(value)) value = kWorst;
  }
  const std::lock_guard lock(mutex_);
  runs_[run].state = record.state;
  runs_[run].values = std::move(values);
}

std::span<const Pruner::Run> Pruner::replicates(std::size_t setting) const {
  return std::span(runs_).subspan(setting * plan_.seeds, plan_.seeds);
}

// A replicate that diverged is worse than any value; one that failed says nothing. NaN: all failed.
Standing Pruner::standing(std::size_t setting, std::size_t rung) const {
  std::vector<double> best;
  std::vector<double> mean;
  for (const Run& run : replicates(setting)) {
    if (run.state == RunState::kFailed) continue;
    const auto first = run.values.begin();
    const auto last = first + static_cast<std::ptrdiff_t>(std::min(rung, run.values.size()));
    const bool diverged = run.state == RunState::kDiverged && run.values.size() < rung;
    best.push_back(diverged || first == last ? kWorst : *std::min_element(first, last));
    mean.push_back(diverged || first == last
                       ? kWorst
                       : std::accumulate(first, last, 0.0) / static_cast<double>(last - first));
  }
  return {lower_median(std::move(best)), lower_median(std::move(mean)), stopped_[setting]};
}

void Pruner::decide(std::size_t rung) {
  for (const std::vector<std::size_t>& block : blocks_) {
    std::vector<std::size_t> competing;
    std::vector<Standing> standings;
    for (const std::size_t s : block) {
      const Standing now = standing(s, rung);
      if (std::isnan(now.best)) continue;
      competing.push_back(s);
      standings.push_back(now);
    }
    const std::vector<bool> stops =
        stop_rule(plan_.early_terminate.type).stops(standings, plan_.early_terminate.eta);
    for (std::size_t i = 0; i < competing.size(); ++i) {
      // What was pruned in an earlier session, perhaps of a smaller plan, stays so.
      const auto all = replicates(competing[i]);
      const bool was = std::any_of(all.begin(), all.end(), [&](const Run& run) {
        return run.state == RunState::kPruned && run.values.size() <= rung;
      });
      if (stops[i] || was) stopped_[competing[i]] = true;
    }
  }
}

std::vector<Leg> Pruner::next() {
  std::vector<Leg> legs;
  while (legs.empty() && stretch_ <= rungs_.size()) {
    const std::size_t before = stretch_ == 0 ? 0 : rungs_[stretch_ - 1];
    const std::size_t rung = stretch_ == rungs_.size() ? 0 : rungs_[stretch_];
    if (before > 0) decide(before);
    for (std::size_t run = 0; run < runs_.size(); ++run) {
      if (runs_[run].state != RunState::kMissing) continue;
      if (stopped_[run / plan_.seeds]) {
        legs.push_back({run, before, true, before});
      } else {
        legs.push_back({run, rung < runs_[run].epochs ? rung : 0, false, before});
      }
    }
    ++stretch_;
  }
  return legs;
}

}  // namespace unroll
