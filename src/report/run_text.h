// One run in words: what it was, what came out, and what it left behind.
#pragma once

#include <cstddef>
#include <string>

#include "store/results.h"

namespace unroll {

// Settings, the last value of every metric that is one number for a run or an epoch, the confusion matrix and
// the sample, for a terminal of `width` columns. Requires: run < results.runs.size().
std::string run_text(const Results& results, std::size_t run, std::size_t width);

// The run with the best value of the metric that the sweep is judged by; the first one if none has a value.
std::size_t best_run(const Results& results);

}  // namespace unroll
