#include "nn/net.h"

#include <algorithm>

#include "base/error.h"
#include "nn/dropout.h"

namespace unroll {

void add(BatchLoss& sum, const BatchLoss& part) {
  sum.loss += part.loss;
  sum.correct += part.correct;
  sum.count += part.count;
}

Net::Net(const ModelPlan& model_plan, const ModelShape& shape, const simd::Kernels& kernels,
         simd::Activation activation, CarriedState& carried_state)
    : plan(model_plan),
      carried(carried_state),
      memory(plan.floats),
      codes(plan.codes),
      slices(shape, plan.shape),
      stack(plan, kernels, activation, memory.data(), codes.data(), carried),
      readout(plan, memory.data(),
              codes.data() + (plan.shape.symbols > 0 && plan.directions == 2
                                  ? plan.shape.seq_len * plan.shape.max_batch
                                  : 0)),
      head(plan.head, plan.shape.loss, kernels, memory.data(), plan.gradients) {}

std::size_t Net::bytes(const ModelPlan& plan, const ModelShape& shape) {
  return sizeof(Net) + Buffer<float>::bytes(plan.floats) + Buffer<std::int32_t>::bytes(plan.codes) +
         Slices::bytes(shape, plan.shape);
}

Sequences Net::sequences_of(const ModelBatch& slice) const {
  UNROLL_CHECK(slice.seq_len > 0 && slice.seq_len <= plan.shape.seq_len, "batch is longer than the model");
  if (slice.lengths == nullptr) return {slice.seq_len, slice.batch, nullptr};
  UNROLL_CHECK(plan.shape.lengths, "this model knows one length");
  const auto [shortest, longest] = std::minmax_element(slice.lengths, slice.lengths + slice.batch);
  UNROLL_CHECK(*shortest > 0 && *longest <= slice.seq_len, "length out of range");
  return {*longest, slice.batch, slice.lengths};
}

Scored Net::forward(const ModelBatch& slice, bool keep, bool last_only, const Dropout* dropout,
                    IdleWorkers* idle) {
  const Sequences sequences = sequences_of(slice);
  stack.forward(slice, sequences, keep, dropout, idle);
  const Scored scored = readout.select(slice, sequences, last_only, stack.factors(plan.levels - 1));
  head.forward(scored.row, scored.rows);
  return scored;
}

BatchLoss Net::measure(const Scored& scored, bool gradient, float scale) {
  const simd::LossSums sums = head.loss(scored.rows, scored.targets, scored.classes, gradient, scale);
  return {sums.loss, sums.correct, scored.rows};
}

BatchLoss Net::evaluate(const ModelBatch& batch, std::size_t first, std::size_t last, IdleWorkers* idle) {
  BatchLoss sum;
  for (std::size_t i = first; i < last; ++i) {
    add(sum, measure(forward(slices.take(batch, i), false, false, nullptr, idle), false, 1.0F));
  }
  return sum;
}

BatchLoss Net::gradient(const ModelBatch& batch, std::size_t first, std::size_t last, float scale,
                        const DropoutRate& rate, IdleWorkers* idle) {
  BatchLoss sum;
  const Dropout dropout(rate.p, rate.seed, batch.step, plan.levels);
  for (std::size_t i = first; i < last; ++i) {
    const bool accumulate = i > first;
    const Scored scored =
        forward(slices.take(batch, i), true, false, rate.p > 0.0 ? &dropout : nullptr, idle);
    add(sum, measure(scored, true, scale));
    head.feature_gradients(scored.rows);
    head.parameter_gradients(scored.row, scored.rows, accumulate);
    readout.hand_back();
    stack.backward(scored.dh_first, accumulate, idle);
  }
  return sum;
}

}  // namespace unroll
