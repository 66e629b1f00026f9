// The sizes of a run, and what they cost: known from its settings, without data or a model.
#pragma once

#include <cstddef>

#include "data/task.h"
#include "nn/model.h"
#include "train/metrics.h"
#include "train/run_config.h"

namespace unroll {

struct RunShape {
  TaskShape task;
  ModelShape model;
  std::size_t batch = 0;  // of training
  std::size_t valid_batch = 0;
  std::size_t test_batch = 0;
  std::size_t probe_batch = 0;    // 0 = no probes
  std::size_t quarter_batch = 0;  // of the probe batch, for the noise scale; 0 = not wanted
};

// Throws UsageError for sizes that are zero and for settings that do not go together.
RunShape run_shape(const RunConfig& config);

// Floating-point operations. Steps behind the end of a sequence are none.
double epoch_flops(const RunConfig& config, const RunShape& shape);  // training and validation
double test_flops(const RunConfig& config, const RunShape& shape);
double probe_flops(const RunConfig& config, const RunShape& shape);  // all diagnostics of one probe

// Length of an axis of the metrics that GradientLog records, other than epoch and block.
std::size_t record_length(Dim dim, const RunConfig& config, const RunShape& shape);

}  // namespace unroll
