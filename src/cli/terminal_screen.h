// A whole screen on a terminal, and the terminal as it was afterwards, whatever ends the program: the object
// goes, a second Ctrl-C, Ctrl-Z (the screen comes back with `fg`).
#pragma once

#include <atomic>
#include <string>
#include <vector>

namespace unroll {

// The terminal is that of stderr. There is one at a time.
class TerminalScreen {
 public:
  TerminalScreen();   // changes to the alternate screen
  ~TerminalScreen();  // and back
  TerminalScreen(const TerminalScreen&) = delete;
  TerminalScreen& operator=(const TerminalScreen&) = delete;

  // Lines from the top on, everything else blank. One write(), and none if nothing has changed since.
  // Requires: no more lines than the terminal has, none wider than it.
  void draw(const std::vector<std::string>& lines, std::size_t width, std::size_t height);

 private:
  std::string last_;
};

// Leaves the alternate screen if there is one. May be called in a signal handler.
void restore_terminal();

}  // namespace unroll
