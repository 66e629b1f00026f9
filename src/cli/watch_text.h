// The screen of `run --watch` as text: a pure function of what is known and of the size of the terminal.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/progress.h"
#include "cli/run_board.h"

namespace unroll {

struct ScreenStyle {
  std::size_t width = 80;
  std::size_t height = 24;
  bool color = false;
  bool unicode = false;  // bars of eighths for losses; else ASCII
};

// At most `height` lines of at most width - 1 columns; escape sequences are those of colours, and only if
// style.color. What does not fit is left out from the least important on: ended runs, failures, axes. Control
// characters in names and messages are shown as '?'.
std::vector<std::string> watch_lines(const ProgressState& progress, const BoardState& board, double elapsed,
                                     const ScreenStyle& style);

// The last `width` values, one column for each, from low to high within [low, high], on a logarithmic scale
// if low > 0. What is not finite is a '!'.
std::string sparkline(std::span<const double> values, double low, double high, std::size_t width,
                      bool unicode);

}  // namespace unroll
