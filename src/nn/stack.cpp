#include "nn/stack.h"

#include <algorithm>
#include <span>

#include "base/error.h"

namespace unroll {

Stack::Stack(const ModelPlan& plan, const simd::Kernels& kernels, simd::Activation activation, float* memory,
             std::int32_t* codes, CarriedState& carried)
    : plan_(&plan), kernels_(&kernels), memory_(memory), reversed_(codes), carried_(&carried) {
  for (const LayerPlan& layer : plan.layers) {
    layers_.emplace_back(layer, kernels, activation, memory, plan.gradients);
    layers_.back().prepare(plan.shape.seq_len, plan.shape.max_batch);
  }
}

void Stack::set_codes(const std::int32_t* codes) {
  UNROLL_CHECK(codes != nullptr, "a batch of symbols needs codes");
  const auto symbols = static_cast<std::int32_t>(plan_->shape.symbols);
  const std::size_t batch = sequences_.batch;
  const std::size_t rows = sequences_.steps * batch;
  for (std::size_t r = 0; r < rows; ++r)
    UNROLL_CHECK(codes[r] >= 0 && codes[r] < symbols, "code out of range");
  codes_[0] = codes;
  if (plan_->directions == 1) return;
  for (std::size_t t = 0; t < sequences_.steps; ++t) {
    for (std::size_t b = 0; b < batch; ++b) {
      reversed_[sequences_.place(1, t, b) * batch + b] = codes[t * batch + b];
    }
  }
  codes_[1] = reversed_;
}

// x of the lowest layers, unless it is one-hot: numbers, or rows of the embedding.
void Stack::set_inputs(const ModelBatch& batch) {
  if (plan_->shape.symbols > 0) set_codes(batch.codes);
  if (plan_->layers.front().one_hot) return;
  UNROLL_CHECK(batch.inputs != nullptr || plan_->shape.symbols > 0, "a batch needs inputs");
  const EmbeddingPlan& embedding = plan_->embedding;
  for (std::size_t d = 0; d < plan_->directions; ++d) {
    const LayerPlan& plan = plan_->layer(0, d);
    float* x = memory_ + plan.rows + plan.input_offset;
    if (d == 0 && embedding.symbols == 0) {
      // As it comes.
      const float* from = batch.inputs;
      for (std::size_t r = 0; r < sequences_.steps * sequences_.batch; ++r, x += plan.row_stride) {
        std::copy_n(from, plan.input, x);
        from += plan.input;
      }
      continue;
    }
    for (std::size_t t = 0; t < sequences_.steps; ++t) {
      for (std::size_t b = 0; b < sequences_.batch; ++b) {
        const std::size_t r = t * sequences_.batch + b;
        const float* from = embedding.symbols == 0
                                ? batch.inputs + r * plan.input
                                : memory_ + embedding.parameters +
                                      static_cast<std::size_t>(batch.codes[r]) * embedding.padded;
        const std::size_t at = sequences_.place(d, t, b) * sequences_.batch + b;
        std::copy_n(from, plan.input, x + at * plan.row_stride);
      }
    }
  }
}

// first: the place of the slice in its batch.
void Stack::draw(std::size_t level, std::size_t first, const Dropout& dropout) {
  const bool one_step = level + 1 == plan_->levels && !plan_->shape.every_step;
  const std::size_t steps = one_step ? 1 : sequences_.steps;
  const std::size_t features = plan_->head.features;
  for (std::size_t b = 0; b < sequences_.batch; ++b) {
    dropout.draw(level, first + b, steps, features, sequences_.batch * features,
                 memory_ + plan_->masks[level] + b * features);
  }
}

void Stack::forward(const ModelBatch& batch, const Sequences& sequences, bool keep, const Dropout* dropout,
                    IdleWorkers* idle) {
  sequences_ = sequences;
  dropping_ = dropout != nullptr;
  set_inputs(batch);
  for (std::size_t level = 0; level < plan_->levels; ++level) {
    for (std::size_t d = 0; d < plan_->directions; ++d) {
      const std::int32_t* codes = plan_->layer(level, d).one_hot ? codes_[d] : nullptr;
      const CarriedRows carried = carried_->rows(batch, level * plan_->directions + d);
      layer(level, d).forward(sequences, codes, keep, carried, idle);
    }
    if (dropping_) draw(level, batch.first, *dropout);
    if (plan_->copied && level + 1 < plan_->levels) hand_on(level);
  }
}

// h of both directions, times the factors of dropout, side by side into the rows of the level above.
void Stack::hand_on(std::size_t level) {
  const std::size_t batch = sequences_.batch;
  const float* const all = factors(level);
  const std::size_t features = plan_->head.features;
  for (std::size_t to = 0; to < plan_->directions; ++to) {
    const LayerPlan& above = plan_->layer(level + 1, to);
    for (std::size_t t = 0; t < sequences_.steps; ++t) {
      for (std::size_t b = 0; b < batch; ++b) {
        float* x = memory_ + above.rows + (sequences_.place(to, t, b) * batch + b) * above.row_stride +
                   above.input_offset;
        for (std::size_t from = 0; from < plan_->directions; ++from) {
          const LayerPlan& below = plan_->layer(level, from);
          const float* h =
              memory_ + below.rows + ((sequences_.place(from, t, b) + 1) * batch + b) * below.row_stride;
          if (all == nullptr) {
            x = std::copy_n(h, below.hidden, x);
            continue;
          }
          const float* factor = all + (t * batch + b) * features + from * below.hidden;
          for (std::size_t u = 0; u < below.hidden; ++u) x[u] = h[u] * factor[u];
          x += below.hidden;
        }
      }
    }
  }
}

// dL/dh of both directions of a level from dL/dx of those above.
void Stack::hand_back(std::size_t level) {
  const std::size_t batch = sequences_.batch;
  const float* const all = factors(level);
  const std::size_t features = plan_->head.features;
  for (std::size_t to = 0; to < plan_->directions; ++to) {
    const LayerPlan& below = plan_->layer(level, to);
    const std::size_t padded = below.saved.padded();
    for (std::size_t t = 0; t < sequences_.steps; ++t) {
      for (std::size_t b = 0; b < batch; ++b) {
        float* dh = memory_ + below.dh + (sequences_.place(to, t, b) * batch + b) * padded;
        std::fill_n(dh, below.hidden, 0.0F);
        for (std::size_t from = 0; from < plan_->directions; ++from) {
          const LayerPlan& above = plan_->layer(level + 1, from);
          const float* dx = memory_ + above.dx +
                            (sequences_.place(from, t, b) * batch + b) * above.dx_stride + to * below.hidden;
          for (std::size_t u = 0; u < below.hidden; ++u) dh[u] += dx[u];
        }
        if (all == nullptr) continue;
        const float* factor = all + (t * batch + b) * features + to * below.hidden;
        for (std::size_t u = 0; u < below.hidden; ++u) dh[u] *= factor[u];
      }
    }
  }
}

void Stack::embedding_gradient(bool accumulate) {
  const EmbeddingPlan& embedding = plan_->embedding;
  simd::ScatterSum sum;
  sum.rows = sequences_.steps * sequences_.batch;
  sum.columns = embedding.padded;
  sum.out = memory_ + embedding.parameters + plan_->gradients;
  sum.out_stride = embedding.padded;
  if (!accumulate) std::fill_n(sum.out, embedding.symbols * embedding.padded, 0.0F);
  for (std::size_t d = 0; d < plan_->directions; ++d) {
    const LayerPlan& lowest = plan_->layer(0, d);
    sum.index = codes_[d];
    sum.b = memory_ + lowest.dx;
    sum.b_stride = lowest.dx_stride;
    kernels_->scatter_sum(sum);
  }
}

void Stack::backward(std::size_t dh_first, bool accumulate, IdleWorkers* idle) {
  for (std::size_t level = plan_->levels; level-- > 0;) {
    for (std::size_t d = 0; d < plan_->directions; ++d) {
      layer(level, d).backward(level + 1 == plan_->levels ? dh_first : 0, accumulate, idle);
    }
    if (plan_->copied && level > 0) hand_back(level - 1);
  }
  if (plan_->embedding.symbols > 0) embedding_gradient(accumulate);
}

void Stack::state_norms(std::size_t dh_first, StateNorms& norms, std::size_t row) {
  for (std::size_t level = plan_->levels; level-- > 0;) {
    for (std::size_t d = 0; d < plan_->directions; ++d) {
      Layer::StateNorms to;
      to.hidden_scratch = memory_ + plan_->hidden_norms;
      to.cell_scratch = memory_ + plan_->cell_norms;
      if (d == 0) to.hidden = norms.hidden.data() + level * row;
      if (d == 0 && !norms.cell.empty()) to.cell = norms.cell.data() + level * row;
      layer(level, d).state_norms(level + 1 == plan_->levels ? dh_first : 0, to);
    }
    if (plan_->copied && level > 0) hand_back(level - 1);
  }
}

void Stack::visit_gates(const GateVisitor& visit) const {
  for (std::size_t level = 0; level < plan_->levels; ++level) {
    layers_[level * plan_->directions].visit_gates(
        [&](std::size_t gate, std::span<const float> values) { visit(level, gate, values); });
  }
}

}  // namespace unroll
