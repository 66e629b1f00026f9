#include "cli/progress_monitor.h"

#include <condition_variable>
#include <exception>
#include <mutex>

#include "cli/watch_text.h"

namespace unroll {
namespace {

constexpr std::chrono::milliseconds kFrame{100};

}  // namespace

ProgressMonitor::ProgressMonitor(Console& console, const ProgressTracker& tracker, const StopSignals& signals,
                                 const RunBoard* board)
    : console_(console),
      tracker_(tracker),
      signals_(signals),
      board_(console.live() && !console.quiet() ? board : nullptr),
      thread_([this](const std::stop_token& stop) {
        try {
          watch(stop);
        } catch (const std::exception&) {  // no memory: a sweep goes on without being shown
        }
      }) {}

ProgressMonitor::~ProgressMonitor() {
  thread_.request_stop();
  thread_.join();
  console_.clear_status();
  console_.close_screen();
}

void ProgressMonitor::draw(const ProgressState& state, double seconds) {
  BoardState board = board_->state();
  board.notice = console_.last_held();
  const TerminalSize size = console_.error_size();
  console_.draw_screen(watch_lines(state, board, seconds,
                                   {size.columns, size.rows, console_.error_color(), console_.unicode()}),
                       size);
}

void ProgressMonitor::watch(const std::stop_token& stop) {
  const auto start = ProgressTracker::Clock::now();
  if (board_ != nullptr) console_.open_screen();
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
    if (board_ != nullptr) {
      draw(state, seconds);
    } else if (console_.live()) {
      console_.status(progress_line(state, console_.error_width()));
    } else if (pace.due(state.work_share, seconds)) {
      console_.note(progress_text(state));
    }
  }
}

}  // namespace unroll
