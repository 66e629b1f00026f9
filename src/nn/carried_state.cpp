#include "nn/carried_state.h"

#include "base/error.h"

namespace unroll {
namespace {

std::size_t states(const ModelPlan& plan) {
  return plan.layers.front().cell->has_state ? 2 : 1;
}

std::size_t size(const ModelPlan& plan, std::size_t sequences) {
  if (!plan.shape.carried) return 0;
  return plan.layers.size() * sequences * states(plan) * plan.layers.front().saved.padded();
}

}  // namespace

CarriedState::CarriedState(const ModelPlan& plan, std::size_t sequences)
    : padded_(plan.layers.front().saved.padded()),
      states_(states(plan)),
      sequences_(sequences),
      values_(size(plan, sequences)) {}

std::size_t CarriedState::bytes(const ModelPlan& plan, std::size_t sequences) {
  return Buffer<float>::bytes(size(plan, sequences));
}

void CarriedState::begin(const ModelBatch& batch) {
  if (batch.continues) {
    UNROLL_CHECK(values_.size() > 0, "this model carries no state");
    UNROLL_CHECK(batch.batch <= batch_, "more sequences go on than there were");
  }
  batch_ = batch.batch;
}

CarriedRows CarriedState::rows(const ModelBatch& slice, std::size_t layer) {
  if (values_.size() == 0) return {};
  const std::size_t stride = states_ * padded_;
  float* const h = values_.data() + (layer * sequences_ + slice.first) * stride;
  return {h, states_ > 1 ? h + padded_ : nullptr, stride, slice.continues};
}

}  // namespace unroll
