#include "cli/train_sweep.h"

#include <fmt/format.h>

#include <chrono>
#include <exception>
#include <mutex>
#include <new>
#include <numeric>
#include <optional>
#include <utility>

#include "base/error.h"
#include "cli/progress_monitor.h"
#include "cli/quantity.h"
#include "cli/run_board.h"
#include "cli/sweep_text.h"
#include "sweep/pruner.h"

namespace unroll {
namespace {

// Left to the rest of the process and of the machine: the estimates leave out small things.
constexpr double kMemoryShare = 0.8;

double unix_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

RunRecord failed(std::string message) {
  RunRecord record;
  record.state = RunState::kFailed;
  record.message = std::move(message);
  return record;
}

// One sweep under way: what the jobs share.
class Sweep {
 public:
  Sweep(const Plan& plan, const std::vector<std::size_t>& todo, const SweepOptions& options,
        RecordKeeper& keeper, StopSignals& signals, Console& console, const RunTrainer& trainer,
        EventLog* events)
      : plan_(plan),
        options_(options),
        keeper_(keeper),
        signals_(signals),
        console_(console),
        trainer_(trainer),
        events_(events),
        begun_(plan.runs.size(), 0),
        tracker_(costs(plan), options.workers, plan.metric.name, plan.metric.minimize) {
    std::vector<RunState> states = keeper.states();
    for (const std::size_t run : todo) states[run] = RunState::kMissing;
    for (std::size_t i = 0; i < states.size(); ++i) {
      if (states[i] != RunState::kMissing) tracker_.skip(i, states[i]);
    }
    if (options.watch) {
      board_.emplace(plan, options.workers);
      for (std::size_t i = 0; i < states.size(); ++i) {
        if (states[i] != RunState::kMissing) board_->skip(i, states[i], keeper.value(i));
      }
    }
    if (const auto& best = keeper.best()) {
      tracker_.offer(best->first, run_text(plan_, plan_.runs[best->second]));
    }
  }

  // The stretches between two decisions, if there are any, one after the other.
  void train_all(const std::vector<std::size_t>& todo, std::size_t memory_budget) {
    if (!options_.prune || !plan_.early_terminate.active()) {
      std::vector<Leg> legs;
      for (const std::size_t run : todo) legs.push_back({run});
      return train_stretch(legs, memory_budget);
    }
    pruner_.emplace(plan_, [&](std::size_t run) -> const RunRecord& {
      static const RunRecord kNone;
      return keeper_.state(run) == RunState::kMissing ? kNone : keeper_.record(run);
    });
    std::vector<double> expected = expected_work(plan_);
    for (std::size_t stretch = 0; !signals_.stop(); ++stretch) {
      const std::vector<Leg> legs = pruner_->next();
      if (legs.empty()) return;
      if (stretch < expected.size()) expected[stretch] = 0.0;  // known now
      double left = std::accumulate(expected.begin(), expected.end(), 0.0);
      for (const Leg& leg : legs) left += leg_work(plan_, leg);
      tracker_.expect(left);
      train_stretch(legs, memory_budget);
    }
  }

  ProgressTracker& tracker() { return tracker_; }
  SweepOutcome& outcome() { return outcome_; }
  const RunBoard* board() const { return board_ ? &*board_ : nullptr; }

 private:
  // The body of a job. Nothing leaves it: a failure is a record, and one of what surrounds the run ends the
  // sweep.
  void job(const Leg& leg, std::size_t worker, IdleWorkers& idle) {
    try {
      train_and_keep(leg, worker, idle);
    } catch (const std::bad_alloc&) {
      stop("out of memory");
    } catch (const std::exception& e) {
      stop(e.what());
    }
  }

  // The first error is the one that is told.
  void stop(const char* error) {
    const std::lock_guard lock(mutex_);
    if (outcome_.error.empty()) outcome_.error = error;
    signals_.request_stop();
  }

  void train_stretch(const std::vector<Leg>& legs, std::size_t memory_budget) {
    std::vector<JobInfo> jobs;
    for (const Leg& leg : legs) {
      const RunEstimate& estimate = plan_.runs.estimate(leg.run);
      jobs.push_back({leg_work(plan_, leg), estimate.bytes});
    }
    const SchedulerReport report = run_jobs(
        jobs, {options_.workers, memory_budget},
        [&](std::size_t job, std::size_t worker, IdleWorkers& idle) { this->job(legs[job], worker, idle); },
        signals_.stop());
    outcome_.report.add(report);
  }

  void train_and_keep(const Leg& leg, std::size_t worker, IdleWorkers& idle) {
    const std::size_t run = leg.run;
    tracker_.begin(run, worker, until_share(leg));
    if (board_) board_->begin(run, worker);
    if (events_ != nullptr && std::exchange(begun_[run], 1) == 0) events_->begin(run);
    const double start = unix_seconds();
    RunRecord record = train(leg, worker, idle);
    const RunState state = record.state;
    if (pruner_ && (state != RunState::kMissing || record.epochs > 0)) pruner_->note(run, record);
    if (state != RunState::kMissing) {
      if (record[Metric::kStartTime].empty()) record[Metric::kStartTime] = {start};
      record[Metric::kWorker] = {static_cast<double>(worker)};
      keep(run, record);
      if (options_.checkpoints != nullptr) drop_state(plan_.runs.id(run));
    }
    tracker_.end(worker, state);
    if (board_) board_->end(worker, record, metric_value(record, plan_.metric));
  }

  // Of the run, at which the leg ends.
  double until_share(const Leg& leg) const {
    if (leg.until == 0) return 1.0;
    return static_cast<double>(leg.until) / static_cast<double>(plan_.runs[leg.run].config.train.epochs);
  }

  static std::vector<double> costs(const Plan& plan) {
    std::vector<double> out;
    for (std::size_t i = 0; i < plan.runs.size(); ++i) out.push_back(plan.runs.estimate(i).flops);
    return out;
  }

  RunRecord train(const Leg& leg, std::size_t worker, IdleWorkers& idle) {
    const PlannedRun& run = plan_.runs[leg.run];
    const auto text = [](std::size_t bytes) { return bytes_text(static_cast<double>(bytes)); };
    // Not tried: to run out of memory can end the whole process, and again each time that it is continued.
    if (run.estimate.bytes > memory_) {
      return failed(fmt::format("needs about {} of memory; this machine has {}", text(run.estimate.bytes),
                                text(memory_)));
    }
    RunCheckpoints checkpoints;
    checkpoints.seconds = options_.checkpoint_seconds;
    checkpoints.until = leg.until;
    checkpoints.prune = leg.prune;
    try {
      if (options_.checkpoints != nullptr) {
        checkpoints.from = options_.checkpoints->load(run.id);
        checkpoints.save = [&](const std::string& state) { save(run.id, state); };
      }
      RunObserver observer;
      observer.progress = [&](double share, double from) { tracker_.advance(worker, share, from); };
      observer.epoch = [&](const EpochReport& report) {
        if (board_) board_->epoch(worker, report);
        if (events_ != nullptr) events_->epoch(leg.run, report);
      };
      return trainer_(run.config, &signals_.stop(), observer, checkpoints, &idle);
    } catch (const std::bad_alloc&) {
      return failed(fmt::format("out of memory; about {} were expected", text(run.estimate.bytes)));
    } catch (const std::exception& e) {
      return failed(e.what());
    }
  }

  // A run goes on without a state: it only has to begin anew if it is stopped.
  void save(const std::string& run_id, const std::string& state) {
    try {
      options_.checkpoints->save(run_id, state);
    } catch (const Error& e) {
      const std::lock_guard lock(mutex_);
      if (!warned_) console_.warn(fmt::format("warning: {} (runs go on, but without being kept)", e.what()));
      warned_ = true;
    }
  }

  // Until its record is on disk, the state is all there is of a run.
  void drop_state(const std::string& run_id) {
    if (options_.checkpoints->has(run_id)) keeper_.sync();
    options_.checkpoints->remove(run_id);
  }

  void offer(std::size_t run, const RunRecord& record) {
    if (record.state == RunState::kDone)
      tracker_.offer(metric_value(record, plan_.metric), run_text(plan_, plan_.runs[run]));
  }

  void keep(std::size_t run, const RunRecord& record) {
    offer(run, record);
    if (events_ != nullptr) events_->end(run, record, metric_value(record, plan_.metric));
    const std::lock_guard lock(mutex_);
    ++outcome_.ran;
    if (!record[Metric::kRecordSeconds].empty()) {
      outcome_.train_seconds += record[Metric::kWallSeconds].front();
      outcome_.record_seconds += record[Metric::kRecordSeconds].front();
    }
    if (record.state == RunState::kFailed) {
      console_.warn(
          fmt::format("run {} ({}) failed: {}", run, run_text(plan_, plan_.runs[run]), record.message));
      if (!options_.repeat.empty()) {
        console_.warn(fmt::format("  to repeat it alone: {} --only {}", options_.repeat, plan_.runs.id(run)));
      }
      if (++failures_ == plan_.max_fails) {
        outcome_.too_many_failures = true;
        signals_.request_stop();
      }
    }
    keeper_.add(run, record);
  }

  const Plan& plan_;
  const SweepOptions& options_;
  RecordKeeper& keeper_;
  StopSignals& signals_;
  Console& console_;
  const RunTrainer& trainer_;
  EventLog* events_;
  std::vector<char> begun_;  // [run] the events say so
  ProgressTracker tracker_;
  std::optional<RunBoard> board_;
  std::optional<Pruner> pruner_;
  std::size_t memory_ = available_memory();
  std::mutex mutex_;
  std::size_t failures_ = 0;
  bool warned_ = false;
  SweepOutcome outcome_;
};

}  // namespace

SweepOutcome train_sweep(const Plan& plan, const std::vector<std::size_t>& todo, const SweepOptions& options,
                         RecordKeeper& keeper, StopSignals& signals, Console& console,
                         const RunTrainer& trainer, EventLog* events) {
  const auto budget = static_cast<std::size_t>(kMemoryShare * static_cast<double>(available_memory()));
  Sweep sweep(plan, todo, options, keeper, signals, console, trainer, events);
  if (events != nullptr) events->sweep(todo.size());
  keeper.start_refreshing([&](const std::string& message) { console.warn("warning: " + message); });
  const ProgressMonitor monitor(console, sweep.tracker(), signals, sweep.board());
  sweep.train_all(todo, budget);
  if (events != nullptr) events->finish(sweep.outcome().ran);
  return sweep.outcome();
}

}  // namespace unroll
