// The bridge between data and nn, which do not know each other.
#pragma once

#include "data/batches.h"
#include "nn/model.h"

namespace unroll {

inline ModelBatch batch_of(const BatchView& view) {
  return {view.batch, view.seq_len, view.inputs, view.targets, view.classes};
}

}  // namespace unroll
