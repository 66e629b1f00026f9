// One recurrent layer at work: forward and backward through time over the memory that its plan names.
#pragma once

#include <cstddef>

#include "nn/plan.h"
#include "simd/kernels.h"

namespace unroll {

class Layer {
 public:
  // memory: the block of the whole model, zero but for the parameters. above: the layer that reads this one's
  // h, or nullptr. below: the layer that this one reads, or nullptr.
  Layer(const LayerPlan& plan, const simd::Kernels& kernels, simd::Activation activation, float* memory,
        std::size_t gradients, const LayerPlan* above, const LayerPlan* below);

  // Ones into the rows; once.
  void prepare(std::size_t max_steps, std::size_t max_batch);
  // x [T, B, D] into the rows of the lowest layer.
  void set_inputs(const float* inputs, std::size_t steps, std::size_t batch);
  // From state zero. keep: a backward pass follows.
  void forward(std::size_t steps, std::size_t batch, bool keep);
  // Gradients of the parameters, and dL/dh of the layer below, from dL/dh in the plan's `dh` for steps
  // t >= dh_first. Requires: forward of the same batch with keep.
  void backward(std::size_t steps, std::size_t batch, std::size_t dh_first);
  // As backward without the gradients of the parameters; norms[T]: root of the mean over the batch of
  // |dL/dh_b(T - 1 - lag)|^2. scratch: [B][padded H].
  void hidden_norms(std::size_t steps, std::size_t batch, std::size_t dh_first, float* scratch,
                    double* norms);

 private:
  simd::LayerPass pass(std::size_t steps, std::size_t batch, bool keep) const;
  void begin_backward(std::size_t batch);
  void parameter_gradients(const simd::LayerPass& pass, std::size_t begin, std::size_t end);
  void input_gradients(const simd::LayerPass& pass, std::size_t begin, std::size_t end);
  void spread_bias_gradients();

  const LayerPlan* plan_;
  const simd::Kernels* kernels_;
  simd::Activation activation_;
  float* memory_;
  std::size_t gradients_;  // distance from a parameter to its gradient
  const LayerPlan* above_;
  const LayerPlan* below_;
};

}  // namespace unroll
