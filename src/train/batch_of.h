// The bridge between data and nn, which do not know each other.
#pragma once

#include <cstdint>

#include "data/batches.h"
#include "nn/model.h"

namespace unroll {

// step: of training, counted from 0 over the whole run; what dropout is drawn for.
inline ModelBatch batch_of(const BatchView& view, std::uint32_t step = 0) {
  ModelBatch batch;
  batch.batch = view.batch;
  batch.seq_len = view.seq_len;
  batch.inputs = view.inputs;
  batch.targets = view.targets;
  batch.classes = view.classes;
  batch.codes = view.codes;
  batch.lengths = view.lengths;
  batch.continues = view.continues;
  batch.step = step;
  return batch;
}

}  // namespace unroll
