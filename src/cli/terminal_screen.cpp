#include "cli/terminal_screen.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string_view>

namespace unroll {
namespace {

// Alternate screen, no cursor.
constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?25l";
constexpr std::string_view kLeave = "\x1b[?25h\x1b[?1049l";

std::atomic<bool> open_screen = false;
std::atomic<bool> redraw = false;  // the screen may have been written over
static_assert(std::atomic<bool>::is_always_lock_free);

// A terminal that is gone must not end a sweep: what cannot be written is lost.
void send(std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(STDERR_FILENO, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

void on_stop(int number);

void handle_stop(void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGTSTP, &action, nullptr);
}

// Ctrl-Z: the shell gets its terminal back; the program stops in raise() and goes on there.
void on_stop(int number) {
  const int error = errno;
  send(kLeave);
  handle_stop(SIG_DFL);
  sigset_t set;
  sigset_t old;
  sigemptyset(&set);
  sigaddset(&set, number);
  pthread_sigmask(SIG_UNBLOCK, &set, &old);
  raise(number);
  pthread_sigmask(SIG_SETMASK, &old, nullptr);
  handle_stop(on_stop);
  send(kEnter);
  redraw = true;
  errno = error;
}

}  // namespace

TerminalScreen::TerminalScreen() {
  open_screen = true;
  send(kEnter);
  handle_stop(on_stop);
}

TerminalScreen::~TerminalScreen() {
  handle_stop(SIG_DFL);
  restore_terminal();
}

void TerminalScreen::draw(const std::vector<std::string>& lines, std::size_t width, std::size_t height) {
  // Clearing to the end of each line, instead of the whole screen, does not flicker.
  std::string frame = "\x1b[H";
  for (std::size_t i = 0; i < lines.size(); ++i)
    frame += fmt::format("{}{}\x1b[K", i > 0 ? "\r\n" : "", lines[i]);
  frame += "\x1b[J";
  const std::string key = fmt::format("{}x{}{}", width, height, frame);
  if (!redraw.exchange(false) && key == last_) return;
  send(frame);
  last_ = key;
}

void restore_terminal() {
  if (open_screen.exchange(false)) send(kLeave);
}

}  // namespace unroll
