#include "cli/progress_monitor.h"

#include <condition_variable>
#include <mutex>

namespace unroll {
namespace {

constexpr std::chrono::milliseconds kFrame{100};

}  // namespace

ProgressMonitor::ProgressMonitor(Console& console, const ProgressTracker& tracker, const StopSignals& signals)
    : console_(console),
      tracker_(tracker),
      signals_(signals),
      thread_([this](const std::stop_token& stop) { watch(stop); }) {}

ProgressMonitor::~ProgressMonitor() {
  thread_.request_stop();
  thread_.join();
  console_.clear_status();
}

void ProgressMonitor::watch(const std::stop_token& stop) {
  const auto start = ProgressTracker::Clock::now();
  LogPace pace;
  bool told = false;
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  while (!wake.wait_for(lock, stop, kFrame, [&] { return stop.stop_requested(); })) {
    const double seconds = std::chrono::duration<double>(ProgressTracker::Clock::now() - start).count();
    ProgressState state = tracker_.state(seconds);
    state.stopping = signals_.stop();
    if (signals_.signal() != 0 && !told) {
      told = true;
      console_.warn("stopping: the runs under way end at their next batch; once more to leave at once");
    }
    if (console_.live()) {
      console_.status(progress_line(state, console_.error_width()));
    } else if (pace.due(state.work_share, seconds)) {
      console_.note(progress_text(state));
    }
  }
}

}  // namespace unroll
