#include "nn/readout.h"

#include <algorithm>

namespace unroll {

Readout::Readout(const ModelPlan& plan, float* memory, std::int32_t* classes)
    : plan_(&plan), memory_(memory), classes_(classes) {
  if (!plan.gathered) return;
  const HeadPlan& head = plan.head;
  const std::size_t rows = plan.scored_steps() * plan.shape.max_batch;
  for (std::size_t r = 0; r < rows; ++r) memory[head.rows + r * head.row_stride + head.one_offset] = 1.0F;
}

// visit(row, t, b) for each scored row; t is the step of the sequence.
template <typename Visit>
void Readout::each_row(const Visit& visit) const {
  std::size_t row = 0;
  if (!plan_->shape.every_step || last_only_) {
    for (std::size_t b = 0; b < sequences_.batch; ++b) visit(row++, sequences_.length(b) - 1, b);
    return;
  }
  for (std::size_t t = 0; t < sequences_.steps; ++t) {
    for (std::size_t b = 0; b < sequences_.batch; ++b) {
      if (t < sequences_.length(b)) visit(row++, t, b);
    }
  }
}

const float* Readout::factors_of(std::size_t t, std::size_t b) const {
  const std::size_t row = (plan_->shape.every_step ? t * sequences_.batch : 0) + b;
  return factors_ + row * plan_->head.features;
}

void Readout::copy_features() {
  const HeadPlan& head = plan_->head;
  each_row([&](std::size_t row, std::size_t t, std::size_t b) {
    float* const to = memory_ + head.rows + row * head.row_stride;
    for (std::size_t d = 0; d < plan_->directions; ++d) {
      const LayerPlan& top = plan_->layer(plan_->levels - 1, d);
      const float* h = memory_ + top.rows + ((place(d, t, b) + 1) * sequences_.batch + b) * top.row_stride;
      std::copy_n(h, top.hidden, to + d * top.hidden);
    }
    if (factors_ == nullptr) return;
    const float* factor = factors_of(t, b);
    for (std::size_t f = 0; f < head.features; ++f) to[f] *= factor[f];
  });
}

// Of the scored steps alone. Requires: a target for every step.
void Readout::copy_targets(Scored& scored) {
  const std::size_t outputs = plan_->head.outputs;
  float* const targets = memory_ + plan_->head.targets;
  each_row([&](std::size_t row, std::size_t t, std::size_t b) {
    const std::size_t from = t * sequences_.batch + b;
    if (scored.classes != nullptr) classes_[row] = scored.classes[from];
    if (scored.targets != nullptr)
      std::copy_n(scored.targets + from * outputs, outputs, targets + row * outputs);
  });
  if (scored.classes != nullptr) scored.classes = classes_;
  if (scored.targets != nullptr) scored.targets = targets;
}

Scored Readout::select(const ModelBatch& batch, const Sequences& sequences, bool last_only,
                       const float* factors) {
  const ModelShape& shape = plan_->shape;
  sequences_ = sequences;
  last_only_ = last_only;
  factors_ = factors;
  const bool one_step = last_only || !shape.every_step;
  Scored scored;
  scored.targets = batch.targets;
  scored.classes = batch.classes;
  if (one_step) {
    scored.rows = sequences.batch;
  } else {
    for (std::size_t b = 0; b < sequences.batch; ++b) scored.rows += sequences.length(b);
  }
  if (shape.every_step && sequences.lengths != nullptr) {
    copy_targets(scored);
  } else if (shape.every_step && last_only) {
    const std::size_t skip = (sequences.steps - 1) * sequences.batch;
    if (scored.targets != nullptr) scored.targets += skip * shape.output_size;
    if (scored.classes != nullptr) scored.classes += skip;
  }
  if (plan_->gathered) {
    copy_features();
    scored.dh_first = shape.every_step || shape.lengths ? 0 : sequences.steps - 1;
  } else {
    // h(t) is in row t + 1.
    scored.row = one_step ? sequences.steps * sequences.batch : sequences.batch;
    scored.dh_first = one_step ? sequences.steps - 1 : 0;
  }
  dh_first_ = scored.dh_first;
  return scored;
}

void Readout::hand_back() {
  if (!plan_->gathered) return;
  const HeadPlan& head = plan_->head;
  const std::size_t batch = sequences_.batch;
  for (std::size_t d = 0; d < plan_->directions; ++d) {
    const LayerPlan& top = plan_->layer(plan_->levels - 1, d);
    const std::size_t padded = top.saved.padded();
    float* const dh = memory_ + top.dh;
    std::fill_n(dh, (sequences_.steps - dh_first_) * batch * padded, 0.0F);
    each_row([&](std::size_t row, std::size_t t, std::size_t b) {
      const float* from = memory_ + head.dfeatures + row * head.padded_features + d * top.hidden;
      float* to = dh + ((place(d, t, b) - dh_first_) * batch + b) * padded;
      std::copy_n(from, top.hidden, to);
      if (factors_ == nullptr) return;
      const float* factor = factors_of(t, b) + d * top.hidden;
      for (std::size_t u = 0; u < top.hidden; ++u) to[u] *= factor[u];
    });
  }
}

}  // namespace unroll
