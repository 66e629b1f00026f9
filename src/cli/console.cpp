#include "cli/console.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "base/error.h"

namespace unroll {
namespace {

constexpr std::string_view kClearLine = "\r\x1b[K";

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

TerminalSize terminal_size(int fd, const Environment& environment) {
  TerminalSize out;
  winsize size{};
  if (ioctl(fd, TIOCGWINSZ, &size) != 0) size = {};
  if (size.ws_row > 0) out.rows = size.ws_row;
  std::size_t value = size.ws_col;
  const std::string& text = environment.columns;
  if (value == 0) std::from_chars(text.data(), text.data() + text.size(), value);
  if (value > 0) out.columns = value;
  return out;
}

}  // namespace

std::string painted(std::string_view text, Paint paint, bool color) {
  if (!color) return std::string(text);
  static constexpr const char* kCodes[] = {"1", "31", "33", "32", "2"};
  return fmt::format("\x1b[{}m{}\x1b[0m", kCodes[static_cast<std::size_t>(paint)], text);
}

ColorMode parse_color_mode(std::string_view text) {
  if (text == "auto") return ColorMode::kAuto;
  if (text == "always") return ColorMode::kAlways;
  if (text == "never") return ColorMode::kNever;
  throw UsageError("--color", fmt::format("expected auto, always or never, got '{}'", text));
}

Environment Environment::of_process() {
  const std::string force = variable("CLICOLOR_FORCE");
  std::string locale;
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    if (locale.empty()) locale = variable(name);
  }
  return {variable("TERM"), variable("NO_COLOR"), force.empty() ? variable("FORCE_COLOR") : force,
          variable("CI"),   variable("COLUMNS"),  locale};
}

bool wants_unicode(const Environment& environment) {
  const std::string& name = environment.locale;
  return name.find("UTF-8") != std::string::npos || name.find("utf8") != std::string::npos;
}

bool wants_color(ColorMode mode, bool tty, const Environment& environment) {
  if (mode != ColorMode::kAuto) return mode == ColorMode::kAlways;
  if (!environment.no_color.empty()) return false;
  if (!environment.force_color.empty() && environment.force_color != "0") return true;
  return tty && environment.term != "dumb";
}

bool wants_live(bool tty, const Environment& environment) {
  return tty && environment.ci.empty() && !environment.term.empty() && environment.term != "dumb";
}

Console::Console(ColorMode color)
    : environment_(Environment::of_process()),
      output_tty_(isatty(STDOUT_FILENO) == 1),
      error_tty_(isatty(STDERR_FILENO) == 1),
      output_color_(wants_color(color, output_tty_, environment_)),
      error_color_(wants_color(color, error_tty_, environment_)),
      live_(wants_live(error_tty_, environment_)) {}

void Console::print(std::string_view text) {
  const std::lock_guard lock(mutex_);
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) output_good_ = false;
}

void Console::note(std::string_view line) {
  if (!quiet_) line_above_status(line);
}

void Console::warn(std::string_view line) {
  line_above_status(line);
}

void Console::line_above_status(std::string_view line) {
  const std::lock_guard lock(mutex_);
  if (screen_ != nullptr) {
    held_.emplace_back(line);
    return;
  }
  write_error(status_.empty() ? fmt::format("{}\n", line)
                              : fmt::format("{}{}\n{}", kClearLine, line, status_));
}

void Console::status(std::string_view line) {
  if (!live_ || quiet_) return;
  const std::lock_guard lock(mutex_);
  // The last column stays free: a cursor beyond it would wrap in some terminals.
  status_ = std::string(line.substr(0, error_width() - 1));
  write_error(fmt::format("{}{}", kClearLine, status_));
}

void Console::clear_status() {
  const std::lock_guard lock(mutex_);
  if (status_.empty()) return;
  status_.clear();
  write_error(std::string(kClearLine));
}

void Console::open_screen() {
  const std::lock_guard lock(mutex_);
  if (live_ && !quiet_ && screen_ == nullptr) screen_ = std::make_unique<TerminalScreen>();
}

void Console::draw_screen(const std::vector<std::string>& lines, const TerminalSize& size) {
  const std::lock_guard lock(mutex_);
  if (screen_ != nullptr) screen_->draw(lines, size.columns, size.rows);
}

void Console::close_screen() {
  const std::lock_guard lock(mutex_);
  screen_.reset();
  for (const std::string& line : std::exchange(held_, {})) write_error(line + "\n");
}

std::string Console::last_held() const {
  const std::lock_guard lock(mutex_);
  return held_.empty() ? std::string() : held_.back();
}

TerminalSize Console::error_size() const {
  return terminal_size(STDERR_FILENO, environment_);
}

std::size_t Console::output_width() const {
  return output_tty_ ? terminal_size(STDOUT_FILENO, environment_).columns : kWide;
}

bool Console::output_live() const {
  return wants_live(output_tty_, environment_);
}

std::string Console::paint_output(std::string_view text, Paint paint) const {
  return painted(text, paint, output_color_);
}

std::string Console::paint_error(std::string_view text, Paint paint) const {
  return painted(text, paint, error_color_);
}

// A closed or full stderr must not end a sweep: what cannot be written is lost.
void Console::write_error(const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t n = ::write(STDERR_FILENO, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    done += static_cast<std::size_t>(n);
  }
}

bool Console::finish() {
  const std::lock_guard lock(mutex_);
  return std::fflush(stdout) == 0 && std::ferror(stdout) == 0 && output_good_;
}

}  // namespace unroll
