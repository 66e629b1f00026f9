// Time-major batches of a part, in a shuffled or a fixed order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/rng.h"
#include "data/dataset.h"
#include "data/task.h"

namespace unroll {

// Views of one batch; valid until the next call of the reader that gave it.
struct BatchView {
  std::size_t batch = 0;                  // B, may be smaller for the last batch of an epoch
  std::size_t seq_len = 0;                // T
  const float* inputs = nullptr;          // [T, B, D]
  const float* targets = nullptr;         // [S, B, O] with S = T if every_step, else 1; or nullptr
  const std::int32_t* classes = nullptr;  // [S, B] for kSoftmax; or nullptr
};

// Copies sequences of one part into a reused batch. Nothing is allocated after construction.
class BatchReader {
 public:
  BatchReader(const Dataset& dataset, const Part& part, std::size_t max_batch);

  std::size_t batches() const;  // per epoch, the last one may be short
  // Order of this epoch: a permutation that depends on (seed, epoch) only.
  void shuffle(Seed seed, std::uint32_t epoch);
  BatchView read(std::size_t index);

  static std::size_t bytes(const TaskShape& shape, std::size_t part_size, std::size_t max_batch);

 private:
  const Dataset& dataset_;
  const Part& part_;
  std::size_t max_batch_;
  std::vector<std::uint32_t> order_;
  std::vector<float> inputs_;
  std::vector<float> targets_;
  std::vector<std::int32_t> classes_;
};

}  // namespace unroll
