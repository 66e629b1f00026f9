// Which rows of the top layer the head reads: those of every step, or the last ones of each sequence, of both
// directions side by side. Reads them in place where it can, else copies them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "nn/model.h"
#include "nn/plan.h"
#include "nn/sequences.h"

namespace unroll {

// The scored rows of a batch.
struct Scored {
  std::size_t row = 0;  // the first one among the rows of the head
  std::size_t rows = 0;
  const float* targets = nullptr;
  const std::int32_t* classes = nullptr;
  std::size_t dh_first = 0;  // the first step of the top layers that may have a dL/dh
};

class Readout {
 public:
  // classes: room for those of valid steps, or nullptr.
  Readout(const ModelPlan& plan, float* memory, std::int32_t* classes);

  // last_only: the last valid step of each sequence, even of a net with a head on every step. factors: of
  // dropout, or nullptr.
  Scored select(const ModelBatch& batch, const Sequences& sequences, bool last_only, const float* factors);
  // The head's dL/dfeatures back to the top layers; zero for all other steps.
  void hand_back();

 private:
  template <typename Visit>
  void each_row(const Visit& visit) const;
  // When a direction reads what the head sees of step t.
  std::size_t place(std::size_t direction, std::size_t t, std::size_t b) const {
    return plan_->shape.every_step ? sequences_.place(direction, t, b) : t;
  }
  const float* factors_of(std::size_t t, std::size_t b) const;
  void copy_features();
  void copy_targets(Scored& scored);

  const ModelPlan* plan_;
  float* memory_;
  std::int32_t* classes_;
  // Of the last selection.
  Sequences sequences_;
  bool last_only_ = false;
  const float* factors_ = nullptr;
  std::size_t dh_first_ = 0;
};

}  // namespace unroll
