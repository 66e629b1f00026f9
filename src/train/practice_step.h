// A training step on made-up numbers, to measure what a step of these shapes costs on this machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "nn/config.h"
#include "nn/model.h"

namespace unroll {

class PracticeStep {
 public:
  // Requires: batch <= shape.max_batch. Throws UsageError for unknown names.
  PracticeStep(const ModelConfig& config, const OptimizerConfig& optimizer, const ModelShape& shape,
               std::size_t batch);

  // Forward, loss, backward through time, clipping, optimizer: the whole step, always of the same work.
  void run();
  double loss() const { return loss_; }  // of the last step, mean

 private:
  Model model_;
  std::vector<float> inputs_;
  std::vector<float> targets_;
  std::vector<std::int32_t> classes_;
  std::vector<std::int32_t> codes_;
  ModelBatch batch_;
  double loss_ = 0.0;
};

}  // namespace unroll
