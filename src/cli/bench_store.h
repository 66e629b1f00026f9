// What a large sweep costs beside its training: the plan, the journal, continuing, and the results file.
#pragma once

#include <cstddef>
#include <filesystem>

#include "cli/console.h"

namespace unroll {

struct StoreReport {
  // A plan of many runs whose records are small, all of them in the journal.
  std::size_t planned = 0;
  double plan_seconds = 0.0;              // to read the experiment and make the plan
  double small_records_per_second = 0.0;  // into the journal, to the last one on disk
  double resume_seconds = 0.0;  // to continue it with nothing to do: plan, journal, states of all runs
  double resume_bytes = 0.0;    // largest memory of the process by then

  // Runs of 100 epochs and 10 metrics over epochs, in the journal and in the results file.
  std::size_t runs = 0;
  double records_per_second = 0.0;
  double record_bytes = 0.0;     // of the journal, for each run
  double append_share = 0.0;     // of the time of runs of one second each that the journal takes, on one core
  double runs_per_second = 0.0;  // written into results.h5, compressed, read back and compared
  double file_share = 0.0;       // size of results.h5 over that of its numbers
  double read_seconds = 0.0;     // by read_results, every checksum compared
};

// runs: of the results file; the plan has ten times as many. keep: where the results file goes; "" = nowhere.
// Throws UsageError if a plan cannot have as many.
StoreReport measure_store(std::size_t runs, const std::filesystem::path& keep, Console& console);

}  // namespace unroll
