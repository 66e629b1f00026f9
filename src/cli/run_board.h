// What `run --watch` shows beside the progress of the whole sweep: how far each value of each axis is, the
// loss of the runs under way and of those that ended last, and why runs failed. Thread-safe.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "sweep/plan.h"
#include "train/run_record.h"
#include "train/trainer.h"

namespace unroll {

// One value of an axis.
struct ValueTally {
  std::string value;
  std::size_t planned = 0;
  std::size_t finished = 0;
  std::size_t failed = 0;    // of the finished
  std::size_t diverged = 0;  // of the finished
  double median = 0.0;       // of the sweep's metric over its runs that are done; NaN if there are none
  double best = 0.0;
};

struct AxisTally {
  std::string name;
  std::vector<ValueTally> values;
};

// A run under way, or one that has ended.
struct RunTrace {
  std::string settings;  // "cell=gru seq_len=60 seed=3"
  std::size_t epoch = 0;
  std::size_t epochs = 0;
  std::vector<double> losses;  // validation loss after each epoch of this session
  RunState state = RunState::kMissing;
  std::string message;  // why it failed
};

struct BoardState {
  std::string experiment;
  std::string notice;  // the last message of the program, if any
  std::string metric;
  std::vector<AxisTally> axes;
  std::vector<RunTrace> running;  // in the order of the workers
  std::vector<RunTrace> ended;    // the last ones, the latest first
  std::vector<RunTrace> failed;   // likewise
};

class RunBoard {
 public:
  static constexpr std::size_t kKept = 12;            // ended, and failed, runs that are remembered
  static constexpr std::size_t kMostValues = 24;      // an axis of more values is not shown
  static constexpr std::size_t kMostMedians = 20000;  // runs of a value that its median is taken over

  RunBoard(const Plan& plan, std::size_t workers);

  // A run that ended in an earlier session; value: of the sweep's metric, NaN if it has none.
  void skip(std::size_t run, RunState state, double value);
  void begin(std::size_t run, std::size_t worker);
  void epoch(std::size_t worker, const EpochReport& report);
  // kMissing: it was stopped.
  void end(std::size_t worker, const RunRecord& record, double value);

  BoardState state() const;

 private:
  struct Values {
    std::vector<ValueTally> tallies;
    std::map<std::string, std::size_t> index;  // by text
    std::vector<std::vector<double>> of_runs;  // [value]
  };
  void count(const PlannedRun& run, RunState state, double value);

  const Plan& plan_;
  mutable std::mutex mutex_;
  std::vector<Values> axes_;
  std::vector<std::size_t> runs_;  // [worker]
  std::vector<RunTrace> running_;  // [worker]; without settings: idle
  std::deque<RunTrace> ended_;
  std::deque<RunTrace> failed_;
};

}  // namespace unroll
