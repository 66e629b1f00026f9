// One direction of a recurrent layer at work: forward and backward through time over the memory that its plan
// names. It goes through its rows from the first to the last; what is reversed is what was put into them.
#pragma once

#include <cstddef>
#include <functional>
#include <span>

#include "base/idle_workers.h"
#include "nn/carried_state.h"
#include "nn/plan.h"
#include "nn/sequences.h"
#include "simd/kernels.h"

namespace unroll {

class Layer {
 public:
  // memory: the block of the whole model, zero but for the parameters.
  Layer(const LayerPlan& plan, const simd::Kernels& kernels, simd::Activation activation, float* memory,
        std::size_t gradients);

  // Ones into the rows; once.
  void prepare(std::size_t max_steps, std::size_t max_batch);
  // codes: [T, B] in the order of this direction, if x is one-hot; kept until the backward pass. keep: a
  // backward pass follows. carried: where the last state goes, and where the first one comes from. idle:
  // workers to share the work with, or nullptr; the bits are the same.
  void forward(const Sequences& sequences, const std::int32_t* codes, bool keep, const CarriedRows& carried,
               IdleWorkers* idle);
  // Gradients of the parameters, and dL/dx, from dL/dh in the plan's `dh` for steps t >= dh_first. Requires:
  // forward of the same batch with keep; dL/dh is zero past the end of a sequence. accumulate: added to the
  // gradients of the call before, of the same parameters.
  void backward(std::size_t dh_first, bool accumulate, IdleWorkers* idle);
  // Where the norms of a layer's states go, and [B][padded H] of scratch for each kind. nullptr: not wanted.
  struct StateNorms {
    float* hidden_scratch = nullptr;
    float* cell_scratch = nullptr;  // only of cells with a state
    double* hidden = nullptr;       // [T]
    double* cell = nullptr;         // [T]
  };
  // As backward without the gradients of the parameters. Adds to hidden[lag] the sum over the sequences
  // longer than lag of |dL/dh_b(n_b - 1 - lag)|^2, n_b the length. cell the same for c.
  void state_norms(std::size_t dh_first, const StateNorms& norms);
  // Calls visit for pieces of each gate in valid steps, in the order of the cell's gates and then tanh(c), as
  // the last forward pass with keep left them.
  void visit_gates(const std::function<void(std::size_t gate, std::span<const float> values)>& visit) const;

 private:
  simd::LayerPass pass(bool keep) const;
  void set_start(const simd::LayerPass& pass);
  void freeze(std::size_t step, IndexRange sequences);
  void step_forward(simd::LayerPass pass, IndexRange sequences);
  void keep_last(const simd::LayerPass& pass);
  void transpose_weights();
  void begin_backward();
  void step_back(simd::LayerPass pass, IndexRange steps, IndexRange sequences);
  void start_gradients(const simd::LayerPass& pass);
  void code_gradients(const simd::LayerPass& pass, IndexRange steps, IndexRange panels);
  void parameter_gradients(const simd::LayerPass& pass, IndexRange steps, IndexRange panels);
  void input_gradients(const simd::LayerPass& pass, IndexRange steps, IdleWorkers* idle);
  void spread_bias_gradients();

  const LayerPlan* plan_;
  const simd::Kernels* kernels_;
  simd::Activation activation_;
  float* memory_;
  std::size_t gradients_;  // distance from a parameter to its gradient
  // Of the last forward pass.
  Sequences sequences_;
  const std::int32_t* codes_ = nullptr;
  CarriedRows carried_;
  bool accumulate_ = false;  // of the last backward pass
};

}  // namespace unroll
