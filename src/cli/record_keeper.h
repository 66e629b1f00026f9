// Keeps what a sweep has found: every finished run in the journal at once, and results.h5 made from it again
// and again while the sweep runs. Holds no records: they are in the journals.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <limits>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "cli/shard.h"
#include "store/journal.h"
#include "store/results.h"
#include "store/run_index.h"
#include "sweep/plan.h"

namespace unroll {

struct SweepFiles {
  std::filesystem::path results;     // NAME.h5
  std::filesystem::path journal;     // NAME.journal beside it, or that of a shard
  std::filesystem::path unfinished;  // NAME.unfinished, the folder of the runs under way
};
// Throws UsageError if the name does not end in .h5.
SweepFiles sweep_files(const std::filesystem::path& results, const Shard& shard = {});

// Moves the files of an earlier sweep to the next free NAME.old-N.*; returns what was moved where, for the
// user. Throws LockedError if another process writes to them.
std::vector<std::string> set_aside(const SweepFiles& files);

struct KeeperOptions {
  bool salvage = false;  // as of JournalWriter; damage to the other journals is passed over
  Shard shard;           // of a part of the plan: the journal of the shard, and no results file
};

class RecordKeeper {
  static constexpr double kNoMetric = std::numeric_limits<double>::quiet_NaN();

 public:
  // Opens the journal and makes its records and those of all other journals of the sweep the state of the
  // plan's runs. What only the results file has is taken over into the journal first. Runs are known by their
  // id: what the plan does not name stays in the journals, unused. Throws UsageError if settings that the
  // sweep does not vary are others than those that earlier runs had.
  RecordKeeper(const Plan& plan, SweepFiles files, const KeeperOptions& options = {});
  ~RecordKeeper();
  RecordKeeper(const RecordKeeper&) = delete;
  RecordKeeper& operator=(const RecordKeeper&) = delete;

  // Of the records that are known: those of the start, and what was added since. Thread-safe.
  RunState state(std::size_t run) const;
  std::vector<RunState> states() const;
  // A record that was in a journal at the start.
  const RunRecord& record(std::size_t run) const { return index_.read(run); }
  const std::vector<RunConflict>& conflicts() const { return index_.conflicts(); }
  std::size_t taken_over() const { return taken_over_; }        // runs that came from the results file
  std::size_t unplanned() const { return index_.unplanned(); }  // records that the plan does not name
  // Whether there are some of the very same settings: the content of their data files, or the version of run
  // ids, was another.
  bool outdated() const { return outdated_; }
  // The best value of the sweep's metric at the start, and its run.
  const std::optional<std::pair<double, std::size_t>>& best() const { return best_; }
  // Of a run that was done at the start, the value of the sweep's metric; else NaN.
  double value(std::size_t run) const { return values_.empty() ? kNoMetric : values_[run]; }
  // Operations per second and core of the runs that were done at the start; nothing if there were none.
  std::optional<double> rate() const;

  // What decides the bits of a run and was different for earlier ones: "isa (avx512, now avx2)"; or empty.
  const std::string& changed_provenance() const { return changed_provenance_; }

  // Hands over a finished run. Thread-safe. Throws FileError if the journal cannot be written.
  void add(std::size_t run, const RunRecord& record);
  // Waits until the journal has everything on disk.
  void sync() { journal_->sync(); }

  // Refreshes the results file on a thread of its own, at intervals of 20 times what the last refresh took
  // and 5 seconds at least, so that it never takes more than a twentieth of the time. A refresh that fails is
  // told to `warn`: the journal has everything.
  void start_refreshing(std::function<void(const std::string&)> warn);
  // Stops refreshing, waits for the journal (if it cannot be written, what is not on disk is missing again),
  // writes the results file unless it is what would be written already, and marks the journal complete if
  // every run is finished.
  void finish();

 private:
  void read_journals(bool all_of_own, const Plan& plan);
  void note(const Plan& plan, std::size_t run, const RunRecord& record);
  void take_over_results(const Plan& plan);
  void admit(const Manifest& earlier, std::size_t dropped);
  void compare_provenance(const Manifest& earlier);
  void reset_states();
  void publish();

  SweepFiles files_;
  KeeperOptions options_;
  Manifest manifest_;
  RunIndex index_;
  std::optional<JournalWriter> journal_;
  std::size_t taken_over_ = 0;
  bool outdated_ = false;
  std::string made_from_;  // the results file; empty if there is none, or not as it was written
  std::optional<std::pair<double, std::size_t>> best_;
  std::vector<double> values_;  // [run]
  double flops_ = 0.0;
  double seconds_ = 0.0;
  std::string changed_provenance_;
  mutable std::mutex mutex_;  // guards states_ while workers add
  std::vector<RunState> states_;
  std::mutex wake_mutex_;
  std::condition_variable_any wake_;
  std::jthread refresher_;
};

// The value of the metric that the sweep is judged by: of an array over epochs, the best. NaN if there is
// none.
double metric_value(const RunRecord& record, const PlanMetric& metric);

}  // namespace unroll
