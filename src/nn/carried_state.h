// What a batch leaves behind for the one that goes on where it ended: the last h, and c, of each sequence in
// each layer. The nets that share a batch share it, too: each slice has its own sequences.
#pragma once

#include <cstddef>
#include <span>

#include "base/buffer.h"
#include "nn/model.h"
#include "nn/plan.h"

namespace unroll {

// Of the sequences of one slice in one layer.
struct CarriedRows {
  float* h = nullptr;  // row b at b * stride, [padded H]; nullptr: nothing is carried on
  float* c = nullptr;  // the same, of cells with a state
  std::size_t stride = 0;
  bool continues = false;  // the slice starts from them
};

class CarriedState {
 public:
  // Empty if the plan carries nothing. sequences: of the widest batch.
  CarriedState(const ModelPlan& plan, std::size_t sequences);

  // Before the slices of a batch.
  void begin(const ModelBatch& batch);
  CarriedRows rows(const ModelBatch& slice, std::size_t layer);

  std::span<float> values() { return values_.span(); }
  // What the next batch depends on, beside the values.
  template <typename Archive>
  void transfer(Archive& archive) {
    archive(batch_);
  }

  // Bytes beside the object itself.
  static std::size_t bytes(const ModelPlan& plan, std::size_t sequences);

 private:
  std::size_t padded_;
  std::size_t states_;  // h, or h and c
  std::size_t sequences_;
  std::size_t batch_ = 0;  // sequences of the last batch
  Buffer<float> values_;   // [layer][sequence][state][padded H]
};

}  // namespace unroll
