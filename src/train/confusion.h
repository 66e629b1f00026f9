// Which classes a net takes for which: the confusion matrix of a part.
#pragma once

#include <cstddef>
#include <vector>

#include "data/batches.h"
#include "nn/model.h"

namespace unroll {

// With more classes nobody reads the matrix, and its size grows with their square.
inline constexpr std::size_t kMostConfusedClasses = 100;
bool counts_confusion(const Dataset& dataset);

// [class][predicted], how many of the scored steps; the sum of the diagonal is the `correct` of
// Model::evaluate. Requires: counts_confusion(dataset); the reader is of one of its parts.
std::vector<double> confusion(Model& model, const Dataset& dataset, BatchReader& reader);

}  // namespace unroll
