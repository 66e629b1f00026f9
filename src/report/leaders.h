// Who leads at each point and at each length of the sweep, and by how much.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "report/compare.h"

namespace unroll {

// The best method of a point.
struct Lead {
  std::size_t method = 0;
  std::size_t next = 0;        // the next best
  bool next_diverged = false;  // as did all others, then
  double factor = 1.0;         // how many times the next best is worse, if it did not diverge
  bool shown = false;          // to be better than the next best
};

// How many methods have a result at a point.
std::size_t results_at(const Comparison& comparison, std::size_t point);

// Nothing where fewer than two methods have a result, where all diverged, or where the best are equal.
std::optional<Lead> lead_at(const Comparison& comparison, std::size_t point);

// All points at which the leading axis has one value.
struct Leader {
  AxisValue value;
  std::vector<std::size_t> methods;  // the best at most of the points; several if they are at equally many
  std::size_t points = 0;            // at which two methods or more have a result
  std::size_t wins = 0;              // of them, those at which each of `methods` is the best
  std::size_t shown = 0;             // of them, those at which one is shown to be better than the next best
  std::size_t leads = 0;             // points that have a best method
  std::size_t diverged = 0;          // of them, those at which the next best diverged
  double low = kNoValue;             // how many times the next best is worse, over the others
  double high = kNoValue;

  // Whether one is ahead everywhere, and by a factor that says something.
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
