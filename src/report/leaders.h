// Who leads at each length of the sweep, and by how much.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "report/compare.h"

namespace unroll {

// All points at which the leading axis has one value.
struct Leader {
  AxisValue value;
  std::size_t method = 0;  // the best at most of the points
  std::size_t points = 0;  // at which two methods or more have a result
  std::size_t wins = 0;    // of them, those at which it is the best
  std::size_t shown = 0;   // of them, those at which it is shown to be better than the next best
  double low = 1.0;        // how many times the next best is worse, over the points that have a best method
  double high = 1.0;

  // Whether it is ahead everywhere, and by a factor that says something.
  bool by_a_factor() const;
};

// The axis that is told apart: the length if it is swept, for that is what a recurrent net is asked; else the
// last one. Nothing if there is none, or if it has too many values for sentences.
std::optional<std::size_t> leading_axis(const Comparison& comparison);

// One for each value of the leading axis at which some method is ahead.
std::vector<Leader> find_leaders(const Comparison& comparison);

// "2.04 to 4.95 times", "12 times".
std::string factor_words(const Leader& leader);

// The same as sentences.
std::vector<std::string> leader_sentences(const Comparison& comparison);

}  // namespace unroll
