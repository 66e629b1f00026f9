// How a sweep is getting on: the state that is shown, and its text as a pure function of state and width.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "train/run_record.h"

namespace unroll {

struct ProgressState {
  std::size_t total = 0;     // runs of the plan
  std::size_t finished = 0;  // of them, those of earlier sessions too
  std::size_t failed = 0;
  std::size_t diverged = 0;
  double work_share = 0.0;            // of the estimated operations of the whole plan, 0 .. 1
  std::optional<double> eta_seconds;  // nothing while it is not known
  std::string best;                   // "valid_loss 0.0021 (cell=gru seq_len=60)"; empty at first
  bool stopping = false;
};

// One line for a terminal of `width` columns, at most width - 1 long:
// " [############--------]  11/30 runs  61% of work  ETA 10 s  1 failed  best valid_loss 0.0021 (cell=gru)".
std::string progress_line(const ProgressState& state, std::size_t width);
// The same without the bar, for logs.
std::string progress_text(const ProgressState& state);

// Collects what the workers report. Thread-safe.
class ProgressTracker {
 public:
  using Clock = std::chrono::steady_clock;

  // cost: estimated operations of every run of the plan.
  ProgressTracker(std::vector<double> cost, std::size_t workers, std::string metric, bool minimize);

  void skip(std::size_t run, RunState state);  // finished in an earlier session
  // What is left from now on, if that is not the rest of all runs. Requires: no worker is busy.
  void expect(double work);
  // until: share of the run at which it ends or waits.
  void begin(std::size_t run, std::size_t worker, double until = 1.0);
  // share: of the worker's run that is done; from: that was done when this process took it up.
  void advance(std::size_t worker, double share, double from = 0.0);
  // A run that was stopped, or waits (kMissing), counts as not finished; it goes on where it was.
  void end(std::size_t worker, RunState state);
  // A finished run's metric, and the settings that are shown if it is the best so far.
  void offer(double value, const std::string& settings);

  // seconds: since the session started to train.
  ProgressState state(double seconds) const;

 private:
  struct Slot {
    bool busy = false;
    std::size_t run = 0;
    double share = 0.0;
    double until = 1.0;
  };
  void count(RunState state, std::size_t run);

  mutable std::mutex mutex_;
  std::vector<double> cost_;
  std::vector<Slot> slots_;
  std::string metric_;
  bool minimize_;
  bool expected_ = false;    // total_cost_ holds only what is going to be done
  double total_cost_ = 0.0;  // but for failed runs, whose work is not done
  double skipped_cost_ = 0.0;
  double done_cost_ = 0.0;                      // of runs that ended in this session
  double parked_cost_ = 0.0;                    // of what is done of runs that wait
  std::vector<double> parked_;                  // [run] share that is done of it
  double earlier_cost_ = 0.0;                   // of what is done of the runs of this session since before it
  std::vector<std::optional<double>> earlier_;  // [run] share that was done before; nothing: not known yet
  std::size_t finished_ = 0;
  std::size_t failed_ = 0;
  std::size_t diverged_ = 0;
  std::optional<double> best_;
  std::string best_settings_;
};

// When a log gets its next line: at every tenth of the work, and after 30 seconds without one.
class LogPace {
 public:
  bool due(double work_share, double seconds);

 private:
  int tenths_ = 0;
  double last_ = 0.0;
};

}  // namespace unroll
