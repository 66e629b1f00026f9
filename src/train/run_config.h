// Everything that decides a run's numbers, and nothing that does not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/rng.h"
#include "data/task.h"
#include "nn/config.h"

namespace unroll {

// The keys `train.*` beside those of the optimizer.
struct TrainConfig {
  std::size_t epochs = 20;
  std::size_t batch = 32;    // B
  std::size_t patience = 0;  // 0 = off; epochs without a better valid_loss before training stops
  double min_delta = 0.0;    // how much lower counts as better
  // Schedule of the learning rate, see train/schedule.h.
  std::string schedule = "constant";
  double warmup = 0.0;          // epochs of a linear rise at the start
  std::size_t lr_step = 10;     // epochs between two drops
  double lr_gamma = 0.1;        // factor of a drop
  std::size_t lr_patience = 5;  // epochs without a better valid_loss before a drop
  double lr_final = 0.0;        // share of lr at the end
  OptimizerConfig optimizer;
};

// The keys `record.*`.
struct RecordConfig {
  std::string gradients = "per_epoch";   // per_epoch | off
  std::size_t every = 1;                 // epochs between two records of gradient statistics
  bool hidden_gradients = true;          // dL/dh at each lag, at the start, the middle and the end
  std::size_t probe_batch = 32;          // sequences of the fixed probe batch
  std::string weights = "none";          // none | final | best: the epoch whose parameters are kept
  std::vector<std::string> diagnostics;  // rows of the table of diagnostics (train/diagnostics.h)
};

struct RunConfig {
  TaskConfig task;
  ModelConfig model;
  TrainConfig train;
  RecordConfig record;
  Seed seed;
};

}  // namespace unroll
