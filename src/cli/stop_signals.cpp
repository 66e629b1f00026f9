#include "cli/stop_signals.h"

#include <unistd.h>

#include <csignal>

#include "cli/exit_code.h"
#include "cli/terminal_screen.h"

namespace unroll {
namespace {

constexpr int kStopping[] = {SIGINT, SIGTERM, SIGHUP};

std::atomic<bool> stop_flag = false;
std::atomic<int> stop_signal = 0;
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free);

void on_signal(int number) {
  int none = 0;
  if (!stop_signal.compare_exchange_strong(none, number)) {
    restore_terminal();
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, "\n", 1);
    _exit(kExitSignalBase + number);
  }
  stop_flag = true;
}

void set_handler(int number, void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(number, &action, nullptr);
}

}  // namespace

StopSignals::StopSignals() {
  stop_flag = false;
  stop_signal = 0;
  for (const int number : kStopping) {
    // nohup, and a shell that starts a job in the background, have a signal ignored on purpose.
    struct sigaction old = {};
    if (sigaction(number, nullptr, &old) == 0 && old.sa_handler == SIG_IGN) continue;
    set_handler(number, on_signal);
  }
  set_handler(SIGPIPE, SIG_IGN);
}

const std::atomic<bool>& StopSignals::stop() const {
  return stop_flag;
}

void StopSignals::request_stop() {
  stop_flag = true;
}

int StopSignals::signal() const {
  return stop_signal;
}

void ignore_file_size_signal() {
  set_handler(SIGXFSZ, SIG_IGN);
}

}  // namespace unroll
