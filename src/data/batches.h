// Time-major batches of a part, in a shuffled or a fixed order.
// Of a dataset with carried state the N sequences are cut into B streams of consecutive ones, the first N mod
// B streams one longer than the others. Batch i holds the i-th sequence of every stream, so row b of a batch
// goes on where row b of the batch before ended; the last batch may have lost its last rows.
// Sequences of unequal lengths stand in a batch with the longest first: what is over then is no work.
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
  std::size_t batch = 0;                   // B, may be smaller for the last batch of an epoch
  std::size_t seq_len = 0;                 // T
  const float* inputs = nullptr;           // [T, B, D]; nullptr for symbols
  const float* targets = nullptr;          // [S, B, O] with S = T if every_step, else 1; or nullptr
  const std::int32_t* classes = nullptr;   // [S, B] for kSoftmax; or nullptr
  const std::int32_t* codes = nullptr;     // [T, B] for symbols; or nullptr
  const std::uint32_t* lengths = nullptr;  // [B] valid steps; nullptr = T for all
  bool continues = false;                  // the state starts where that of the batch before ended
};

// Copies sequences of one part into a reused batch. Nothing is allocated after construction.
class BatchReader {
 public:
  // Requires: dataset outlives the reader, part is one of its parts and not empty, max_batch > 0.
  BatchReader(const Dataset& dataset, const Part& part, std::size_t max_batch);

  std::size_t batches() const;  // per epoch, the last one may be short
  // Order of this epoch: a permutation that depends on (seed, purpose, epoch) only. Before the first call the
  // order is that of the part. Carried state has one order, which stays.
  void shuffle(Seed seed, std::uint32_t epoch, Purpose purpose = Purpose::kShuffle);
  BatchView read(std::size_t index);
  // A reader of the same sequences in the order of now, but of narrower batches, each of which starts from no
  // state: with max_batch a divisor of this one's, whole parts of its batches. Of unequal lengths a batch
  // that was read has another order than it had before.
  BatchReader in_parts(std::size_t max_batch) const;

  // What a reader of these sizes holds.
  static std::size_t bytes(const TaskShape& shape, std::size_t part_size, std::size_t max_batch);

 private:
  void order_streams();

  const Dataset& dataset_;
  const Part& part_;
  std::size_t max_batch_;
  bool carries_;
  std::vector<std::uint32_t> order_;
  std::vector<float> inputs_;
  std::vector<float> targets_;
  std::vector<std::int32_t> classes_;
  std::vector<std::int32_t> codes_;
  std::vector<std::uint32_t> lengths_;
};

}  // namespace unroll
