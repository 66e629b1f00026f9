// Keeps what a sweep has found: every finished run in the journal at once, and results.h5 made from it again
// and again while the sweep runs.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "store/journal.h"
#include "store/results.h"
#include "sweep/plan.h"

namespace unroll {

struct SweepFiles {
  std::filesystem::path results;  // NAME.h5
  std::filesystem::path journal;  // NAME.journal beside it
};
// Throws UsageError if the name does not end in .h5.
SweepFiles sweep_files(const std::filesystem::path& results);

// Moves the files of an earlier sweep to the next free NAME.old-N.*; returns what was moved where, for the
// user. Throws FileError if another process writes to them.
std::vector<std::string> set_aside(const SweepFiles& files);

class RecordKeeper {
 public:
  // Opens the journal and makes its records, or without a journal those of the results file, the state of the
  // plan's runs. Runs are known by their id: what the plan does not name stays in the journal, unused.
  // salvage: as of JournalWriter.
  RecordKeeper(const Plan& plan, SweepFiles files, bool salvage = false);
  ~RecordKeeper();
  RecordKeeper(const RecordKeeper&) = delete;
  RecordKeeper& operator=(const RecordKeeper&) = delete;

  // In plan order; kMissing where there is no record. Only while no thread adds.
  const std::vector<RunRecord>& records() const { return results_.runs; }
  std::size_t taken_over() const { return taken_over_; }  // runs that came from the results file
  std::size_t unplanned() const { return unplanned_; }    // runs of the journal that the plan does not name

  // What decides the bits of a run and was different for earlier ones: "isa (avx512, now avx2)"; or empty.
  const std::string& changed_provenance() const { return changed_provenance_; }

  // Hands over a finished run. Thread-safe. Throws FileError if the journal cannot be written.
  void add(std::size_t run, RunRecord record);
  // Waits until the journal has everything on disk.
  void sync() { journal_.sync(); }

  // Refreshes the results file on a thread of its own, at intervals of 20 times what the last refresh took
  // and 5 seconds at least, so that it never takes more than a twentieth of the time. A refresh that fails is
  // told to `warn`: the journal has everything.
  void start_refreshing(std::function<void(const std::string&)> warn);
  // Stops refreshing, waits for the journal, writes the results file unless it is up to date already, and
  // marks the journal complete if every run is finished.
  void finish();

 private:
  void take_over_results();
  void compare_provenance(const Manifest& earlier);
  void refresh();
  bool published() const;

  SweepFiles files_;
  Results results_;
  JournalWriter journal_;
  std::size_t taken_over_ = 0;
  std::size_t unplanned_ = 0;
  std::string changed_provenance_;
  std::mutex mutex_;  // guards results_.runs and changed_ while workers add
  bool changed_ = false;
  std::mutex wake_mutex_;
  std::condition_variable_any wake_;
  std::jthread refresher_;
};

}  // namespace unroll
