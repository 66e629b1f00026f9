// The chance level that a metric is held against: what it would be without any learning. A loss, a loss in
// bits and an accuracy have each a level of their own.
#pragma once

#include <vector>

#include "report/grid.h"

namespace unroll {

// Median of a metric over the runs of a cell that recorded it, of an array its last value; NaN if none did.
double median_of(const Results& results, const std::vector<Score>& cell, Metric metric);

// The level of the runs of a cell, in the unit of `metric`. NaN if the metric has none or no run recorded it.
double chance_level(const Results& results, const std::vector<Score>& cell, Metric metric);

}  // namespace unroll
