// Text for a terminal: numbers of three digits, aligned tables, wrapped paragraphs. No colours, plain ASCII.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "report/statistics.h"

namespace unroll {

// Three significant digits, or all before the point: "0.00213", "1.25e-05", "12.0", "2048". NaN is "-"; an
// infinite value is "diverged", for only a diverged run has one.
std::string number(double value);
// A whole number, "-" if NaN.
std::string whole(double value);
// A share in percent, two significant digits or all before the point: "0.21", "46", "100".
std::string percent_text(double share);
// "0.0110 .. 0.0140", "-" if empty.
std::string range(const Interval& interval);
// "rnn, lstm and gru"
std::string list(const std::vector<std::string>& words);
// "1 run", "2 runs"
std::string count(std::size_t n, std::string_view noun);

// Breaks at spaces so that no line is longer than `width` unless a single word is. The first line starts with
// `first`, further lines with as many spaces. Ends with a newline.
std::string paragraph(std::string_view first, std::string_view text, std::size_t width);

struct TextColumn {
  std::string heading;
  bool left = false;         // aligned to the left, as words are; numbers to the right
  std::size_t may_drop = 0;  // 0 = always shown; else the highest go first when the table is too wide
};

class TextTable {
 public:
  explicit TextTable(std::vector<TextColumn> columns) : columns_(std::move(columns)) {}

  // Requires: as many cells as columns.
  void add(std::vector<std::string> cells);
  // A line of its own between rows.
  void title(std::string text);
  // Two spaces before and between columns. A column without any entry is left out.
  std::string text(std::size_t width) const;

 private:
  std::vector<TextColumn> columns_;
  std::vector<std::vector<std::string>> rows_;  // one cell = a title
};

}  // namespace unroll
