// The layers of a net on top of each other: what goes into the lowest, what each hands on to the next, and
// the gradients on their way back. Steps of the reverse direction are turned around here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "nn/carried_state.h"
#include "nn/dropout.h"
#include "nn/layer.h"
#include "nn/model.h"
#include "nn/plan.h"
#include "nn/sequences.h"
#include "simd/kernels.h"

namespace unroll {

class Stack {
 public:
  // codes: for the plan's symbols in reverse order, or nullptr.
  Stack(const ModelPlan& plan, const simd::Kernels& kernels, simd::Activation activation, float* memory,
        std::int32_t* codes, CarriedState& carried);

  // keep: a backward pass follows. dropout: nullptr = none. idle: see Layer.
  void forward(const ModelBatch& batch, const Sequences& sequences, bool keep, const Dropout* dropout,
               IdleWorkers* idle);
  // From dL/dh of the top layers for steps t >= dh_first, in their order. accumulate: gradients are added to
  // those of the slice before, of the same parameters.
  void backward(std::size_t dh_first, bool accumulate, IdleWorkers* idle);
  // As backward without the gradients of the parameters; see Layer::state_norms, of the forward direction.
  // norms: [L][row]
  void state_norms(std::size_t dh_first, StateNorms& norms, std::size_t row);
  // See Layer::visit_gates, of the forward direction.
  void visit_gates(const GateVisitor& visit) const;

  // Factors of what level `level` handed on in the last forward pass; nullptr = none.
  const float* factors(std::size_t level) const {
    return dropping_ ? memory_ + plan_->masks[level] : nullptr;
  }

 private:
  Layer& layer(std::size_t level, std::size_t direction) {
    return layers_[level * plan_->directions + direction];
  }
  void set_inputs(const ModelBatch& batch);
  void set_codes(const std::int32_t* codes);
  void draw(std::size_t level, std::size_t first, const Dropout& dropout);
  void hand_on(std::size_t level);
  void hand_back(std::size_t level);
  void embedding_gradient(bool accumulate);

  const ModelPlan* plan_;
  const simd::Kernels* kernels_;
  float* memory_;
  std::int32_t* reversed_;
  CarriedState* carried_;
  std::vector<Layer> layers_;
  // Of the last forward pass.
  Sequences sequences_;
  const std::int32_t* codes_[2] = {nullptr, nullptr};  // of each direction
  bool dropping_ = false;
};

}  // namespace unroll
