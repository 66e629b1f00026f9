// Shows a sweep's progress while it runs, on a thread of its own.
#pragma once

#include <atomic>
#include <chrono>
#include <thread>

#include "cli/console.h"
#include "cli/progress.h"
#include "cli/run_board.h"
#include "cli/stop_signals.h"

namespace unroll {

// On a terminal a line that rewrites itself ten times a second, or with a board a whole screen; else a line
// now and then. Says so at once when a signal asks the sweep to stop. Gone, line and all, when the object
// goes.
class ProgressMonitor {
 public:
  ProgressMonitor(Console& console, const ProgressTracker& tracker, const StopSignals& signals,
                  const RunBoard* board = nullptr);
  ~ProgressMonitor();
  ProgressMonitor(const ProgressMonitor&) = delete;
  ProgressMonitor& operator=(const ProgressMonitor&) = delete;

 private:
  void watch(const std::stop_token& stop);
  void draw(const ProgressState& state, double seconds);

  Console& console_;
  const ProgressTracker& tracker_;
  const StopSignals& signals_;
  const RunBoard* board_;
  std::jthread thread_;
};

}  // namespace unroll
