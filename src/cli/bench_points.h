// The training steps that `unroll bench` measures, and their operations.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "nn/config.h"
#include "nn/model.h"

namespace unroll {

// One layer. Head on the last step: 1 input, 1 output, squared error. Head on every step: 64 inputs, 65
// outputs, softmax.
struct BenchPoint {
  std::string cell;
  std::size_t hidden = 0;
  std::size_t batch = 0;
  std::size_t seq_len = 0;
  bool every_step = false;

  std::string_view head() const { return every_step ? "many" : "one"; }
  std::string text() const;  // "lstm:64:32:50:one"
  ModelConfig model() const;
  ModelShape shape() const;
  // 6 B T G H (H + D), and 6 B T H O for a head on every step: a third forward, two thirds backward. Counts
  // the gradient of the inputs, which no step needs, as the tables of the peers do.
  double flops() const;
};

// "lstm:64:32:50,gru:16:1:200:many": cell, H, B, T, head. Throws UsageError.
std::vector<BenchPoint> parse_points(const std::string& text);
// Every cell x H x B x T x head.
std::vector<BenchPoint> all_points();
// A few, over all cells and sizes.
std::vector<BenchPoint> quick_points();

// Adam, and clipping by a norm that is not reached.
OptimizerConfig bench_optimizer();

}  // namespace unroll
