// A batch shared among threads: its slices form groups, and each group's gradient is made by whichever net
// comes to it. Groups are summed in their order, so the bits do not depend on who helps. Large layers, whose
// slices are few, share their own work instead (nn/layer.h).
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "base/buffer.h"
#include "base/idle_workers.h"
#include "nn/carried_state.h"
#include "nn/net.h"

namespace unroll {

class Team {
 public:
  // See Net.
  Team(const ModelPlan& plan, const ModelShape& shape, const simd::Kernels& kernels,
       simd::Activation activation);

  Net& lead() { return *nets_.front(); }  // has the parameters that count
  const Net& lead() const { return *nets_.front(); }
  CarriedState& carried() { return carried_; }

  // Of the whole batch; the gradient ends up in the lead. idle: may be nullptr.
  BatchLoss evaluate(const ModelBatch& batch, IdleWorkers* idle);
  BatchLoss gradient(const ModelBatch& batch, float scale, const DropoutRate& rate, IdleWorkers* idle);

  // Bytes beside the object and the lead: without help.
  static std::size_t bytes(const ModelPlan& plan, const ModelShape& shape);

 private:
  struct Groups;
  Groups groups_of(const ModelBatch& batch) const;
  std::size_t bytes_of_next() const;
  std::size_t members(const Groups& groups, IdleWorkers* idle);
  template <typename Work>
  BatchLoss share(const Groups& groups, std::size_t members, IdleWorkers* idle, const Work& work);

  const ModelPlan& plan_;
  ModelShape shape_;
  const simd::Kernels& kernels_;
  simd::Activation activation_;
  CarriedState carried_;
  std::vector<std::unique_ptr<Net>> nets_;
  Buffer<float> sum_;                 // of the groups' gradients so far, if one net makes them all
  std::vector<Buffer<float>> parts_;  // of each group, if several do
};

}  // namespace unroll
