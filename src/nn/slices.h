// Batches in slices of sequences: forward and backward of one slice after the other, gradients added up. What
// a slice keeps for its backward pass then stays nearer to the core, and a wide batch needs no more memory
// than a slice of it. What that gains: tests/bench/README.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "nn/model.h"

namespace unroll {

// The shape with max_batch = the widest slice: 12 sequences, of larger weights 18 and 32, and more where
// their state is small. The same on every instruction set.
ModelShape slice_shape(const ModelConfig& config, const ModelShape& shape);

// Cuts batches of `shape` into nearly equal ones of slice_shape. Where depends on the batch alone.
class Slices {
 public:
  Slices(const ModelShape& shape, const ModelShape& slice);

  std::size_t count(const ModelBatch& batch) const;
  // The first sequence of a slice; that behind the last slice is the end of the batch.
  std::size_t first(const ModelBatch& batch, std::size_t slice) const;
  // The batch itself if it has one slice, else a copy of the slice's part, valid until the next call.
  ModelBatch take(const ModelBatch& batch, std::size_t slice);

  // Bytes beside the object itself.
  static std::size_t bytes(const ModelShape& shape, const ModelShape& slice);

 private:
  std::size_t max_batch_;
  std::size_t width_;             // most sequences of a slice
  std::size_t inputs_per_step_;   // numbers of a sequence; 0 with codes
  std::size_t targets_per_step_;  // 0 with classes
  bool every_step_;
  std::vector<float> inputs_;
  std::vector<std::int32_t> codes_;
  std::vector<float> targets_;
  std::vector<std::int32_t> classes_;
};

}  // namespace unroll
