// The number of units that gives a run the wanted number of parameters (`model.params`).
#pragma once

#include <cstddef>

#include "train/run_config.h"

namespace unroll {

// The hidden size whose trainable parameters (all layers and directions, biases, embedding, initial states
// and the head) come closest to config.model.params; of two as close the smaller. At least 1. Throws
// UsageError if even one unit has more than twice as many. Requires: config.model.params > 0.
std::size_t solve_hidden(const RunConfig& config);

}  // namespace unroll
