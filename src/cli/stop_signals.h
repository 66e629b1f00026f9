// Ctrl-C and its relatives, turned into a flag that running jobs look at.
#pragma once

#include <atomic>

namespace unroll {

// From its making on, and to the end of the process, the first SIGINT, SIGTERM or SIGHUP sets `stop`; the
// second ends the process at once with 128 + its number: nothing is lost, finished runs are in the journal.
// SIGPIPE is ignored, so that a reader of the progress that goes away does not end a sweep.
class StopSignals {
 public:
  StopSignals();

  // Set by the first signal, or by request_stop.
  const std::atomic<bool>& stop() const;
  void request_stop();
  // The signal that came, or 0.
  int signal() const;
};

// A write beyond the file size limit becomes an error of the write instead of the end of the process.
void ignore_file_size_signal();

}  // namespace unroll
