// One net at work: a block of memory with parameters, their gradients and the workspace for a slice, and what
// goes through it. A Model has one; while threads share a batch, each has its own.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/buffer.h"
#include "base/rng.h"
#include "nn/carried_state.h"
#include "nn/head.h"
#include "nn/model.h"
#include "nn/plan.h"
#include "nn/readout.h"
#include "nn/slices.h"
#include "nn/stack.h"
#include "simd/kernels.h"

namespace unroll {

// Dropout of a run; p = 0 is none.
struct DropoutRate {
  double p = 0.0;
  Seed seed;
};

class Net {
 public:
  // plan: of a slice of `shape`. Plan and carried state outlive the net.
  Net(const ModelPlan& plan, const ModelShape& shape, const simd::Kernels& kernels,
      simd::Activation activation, CarriedState& carried);
  Net(const Net&) = delete;
  Net& operator=(const Net&) = delete;

  // Logits of the scored rows of a slice. keep: a backward pass follows.
  Scored forward(const ModelBatch& slice, bool keep, bool last_only, const Dropout* dropout = nullptr,
                 IdleWorkers* idle = nullptr);
  BatchLoss measure(const Scored& scored, bool gradient, float scale);

  // Slices first, ..., last - 1 of a batch: their loss, and with `gradient` that of scale times it. idle: see
  // Layer.
  BatchLoss evaluate(const ModelBatch& batch, std::size_t first, std::size_t last, IdleWorkers* idle);
  BatchLoss gradient(const ModelBatch& batch, std::size_t first, std::size_t last, float scale,
                     const DropoutRate& rate, IdleWorkers* idle);

  // Calls use(slice) for each slice of a batch.
  template <typename Use>
  void each_slice(const ModelBatch& batch, const Use& use) {
    carried.begin(batch);
    for (std::size_t i = 0; i < slices.count(batch); ++i) use(slices.take(batch, i));
  }

  static std::size_t bytes(const ModelPlan& plan, const ModelShape& shape);

  float* gradients() { return memory.data() + plan.gradients; }

  const ModelPlan& plan;
  CarriedState& carried;
  Buffer<float> memory;
  Buffer<std::int32_t> codes;
  Slices slices;
  Stack stack;
  Readout readout;
  Head head;

 private:
  Sequences sequences_of(const ModelBatch& slice) const;
};

void add(BatchLoss& sum, const BatchLoss& part);

}  // namespace unroll
