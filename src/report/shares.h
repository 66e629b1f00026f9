// How much of the variance of a sweep each factor explains: the swept settings, and pairs of them.
// On a full grid with equally many runs everywhere this is the exact analysis of variance: the shares of all
// factors, pairs, higher interactions and the seeds add up to 1. Otherwise the shares of single factors are
// approximate (each as if it were alone, so that they may overlap) and there are no pairs.
// Losses span decades, so their logarithm is analysed if all are positive; if a run diverged, their ranks.
#pragma once

#include <string>
#include <vector>

#include "report/grid.h"

namespace unroll {

struct FactorShare {
  std::string factor;  // "hidden", "cell x hidden", "higher interactions", "seeds"
  double share = 0.0;
};

struct Shares {
  bool exact = false;
  std::string scale;                 // "logarithm", "value" or "rank"
  std::vector<FactorShare> factors;  // settings, pairs, then the rest; empty if nothing can be said
};

// Requires: `grid` is of `metric`.
Shares factor_shares(const Grid& grid);

}  // namespace unroll
