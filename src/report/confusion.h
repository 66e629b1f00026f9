// Confusion matrices of several runs as one.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "store/results.h"

namespace unroll {

struct Confusion {
  std::vector<std::string> classes;
  std::vector<double> counts;  // [class][predicted], of all runs together

  bool empty() const { return counts.empty(); }
  double count(std::size_t truth, std::size_t predicted) const {
    return counts[truth * classes.size() + predicted];
  }
  // Share of a class that is taken for another, or itself; 0 of a class without sequences.
  double share(std::size_t truth, std::size_t predicted) const;
};

// Runs without a matrix do not count. Classes are known by their names, in the order of first sight.
Confusion sum_confusion(const Results& results, const std::vector<std::size_t>& runs);

// "Most confused: 7 taken for 1 (3.2 %), ...", the highest shares first, at most so many; "" without
// mistakes.
std::string mistakes(const Confusion& confusion, std::size_t most);

}  // namespace unroll
