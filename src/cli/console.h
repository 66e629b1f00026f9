// The two output streams: results go to stdout, everything else to stderr. Thread-safe; a status line at
// the bottom of a terminal survives messages printed above it.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "cli/terminal_screen.h"

namespace unroll {

enum class ColorMode { kAuto, kAlways, kNever };

// auto | always | never; throws UsageError.
ColorMode parse_color_mode(std::string_view text);

// What the environment says, apart from the streams; a value that is not set is empty.
struct Environment {
  std::string term;         // TERM
  std::string no_color;     // NO_COLOR: not empty means no colour
  std::string force_color;  // CLICOLOR_FORCE or FORCE_COLOR: not empty and not "0" means colour
  std::string ci;           // CI: not empty means that nobody watches
  std::string columns;      // COLUMNS
  std::string locale;       // LC_ALL, LC_CTYPE or LANG: the first that is set

  static Environment of_process();
};

// The flag beats the environment, NO_COLOR beats the forcing variables.
bool wants_color(ColorMode mode, bool tty, const Environment& environment);
// Whether a line that rewrites itself makes sense.
bool wants_live(bool tty, const Environment& environment);

// Whether the terminal shows more than ASCII.
bool wants_unicode(const Environment& environment);

enum class Paint { kBold, kRed, kYellow, kGreen, kDim };

std::string painted(std::string_view text, Paint paint, bool color);

struct TerminalSize {
  std::size_t columns = 80;
  std::size_t rows = 24;
};

class Console {
 public:
  explicit Console(ColorMode color = ColorMode::kAuto);

  // Results, as they are.
  void print(std::string_view text);
  // A line for the user on stderr; nothing if quiet.
  void note(std::string_view line);
  // A line that is shown even if quiet: errors and warnings.
  void warn(std::string_view line);
  // Replaces the status line, cut to the width of the terminal. One write() for each frame. Only if live().
  void status(std::string_view line);
  void clear_status();
  // A whole screen in place of the status line, from open to close. What is told meanwhile is kept, and
  // written when it closes. Only if live() and not quiet.
  void open_screen();
  void draw_screen(const std::vector<std::string>& lines, const TerminalSize& size);
  void close_screen();
  std::string last_held() const;  // of the messages that wait for the screen to close; empty if none does

  void set_quiet(bool quiet) { quiet_ = quiet; }
  bool quiet() const { return quiet_; }
  bool live() const { return live_; }
  TerminalSize error_size() const;  // of stderr
  std::size_t error_width() const { return error_size().columns; }
  bool error_color() const { return error_color_; }
  bool unicode() const { return wants_unicode(environment_); }
  std::size_t output_width() const;  // columns of stdout; kWide if it is no terminal

  std::string paint_output(std::string_view text, Paint paint) const;
  std::string paint_error(std::string_view text, Paint paint) const;

  // Whether stdout is a terminal that can be written over.
  bool output_live() const;
  // Flushes stdout. False if something of it could not be written.
  bool finish();

  static constexpr std::size_t kWide = 120;

 private:
  void write_error(const std::string& text);
  void line_above_status(std::string_view line);

  Environment environment_;
  bool output_tty_;
  bool error_tty_;
  bool output_color_;
  bool error_color_;
  bool live_;
  bool quiet_ = false;
  bool output_good_ = true;
  mutable std::mutex mutex_;
  std::string status_;
  std::unique_ptr<TerminalScreen> screen_;
  std::vector<std::string> held_;
};

}  // namespace unroll
