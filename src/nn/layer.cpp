#include "nn/layer.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"

namespace unroll {
namespace {

// Rows of backpropagation after which their part of the weight gradients is taken: their gate gradients are
// still in the second-level cache then.
constexpr std::size_t kChunkRows = 512;

}  // namespace

Layer::Layer(const LayerPlan& plan, const simd::Kernels& kernels, simd::Activation activation, float* memory,
             std::size_t gradients)
    : plan_(&plan), kernels_(&kernels), activation_(activation), memory_(memory), gradients_(gradients) {}

void Layer::prepare(std::size_t max_steps, std::size_t max_batch) {
  float* rows = memory_ + plan_->rows;
  for (std::size_t r = 0; r < (max_steps + 1) * max_batch; ++r)
    rows[r * plan_->row_stride + plan_->one_offset] = 1.0F;
}

simd::LayerPass Layer::pass(bool keep) const {
  simd::LayerPass pass;
  pass.steps = sequences_.steps;
  pass.batch = sequences_.batch;
  pass.active = sequences_.batch;
  pass.part = plan_->part;
  pass.input = plan_->input;
  pass.shape = plan_->saved;
  pass.keep = keep;
  pass.activation = activation_;
  pass.rows = memory_ + plan_->rows;
  pass.row_stride = plan_->row_stride;
  pass.input_offset = plan_->input_offset;
  pass.codes = codes_;
  if (plan_->has_above) {
    pass.above = memory_ + plan_->above;
    pass.above_stride = plan_->above_stride;
  }
  pass.weights = memory_ + plan_->parameters;
  pass.weight_rows = plan_->weight_rows;
  pass.bias = memory_ + plan_->bias;
  pass.saved = memory_ + plan_->saved_gates;
  pass.state = memory_ + plan_->state;
  pass.state_out = memory_ + plan_->state_out;
  pass.reset_rows = memory_ + plan_->reset_rows;
  pass.transposed = memory_ + plan_->transposed;
  pass.dh = memory_ + plan_->dh;
  pass.carry = memory_ + plan_->carry;
  return pass;
}

// The state before the first step: that of the batch before, the learned one, or zero.
void Layer::set_start(const simd::LayerPass& pass) {
  const simd::PanelShape& saved = plan_->saved;
  const std::size_t padded = saved.padded();
  const bool learned = plan_->learned_start && !carried_.continues;
  const bool zero = !plan_->learned_start && !carried_.continues;
  const std::size_t stride = learned ? 0 : carried_.stride;
  const float* const h = learned ? memory_ + plan_->initial_h : carried_.h;
  const float* const c = learned ? memory_ + plan_->initial_c : carried_.c;
  for (std::size_t b = 0; b < pass.batch; ++b) {
    float* row = pass.rows + b * pass.row_stride;
    if (zero) {
      std::fill_n(row, padded, 0.0F);
    } else {
      std::copy_n(h + b * stride, padded, row);
    }
  }
  if (!plan_->cell->has_state) return;
  const std::size_t state_rows = pass.keep ? (pass.steps + 1) * pass.batch : pass.batch;
  for (std::size_t p = 0; p < saved.panels(); ++p) {
    float* state = pass.state + p * state_rows * saved.lanes;
    for (std::size_t b = 0; b < pass.batch; ++b, state += saved.lanes) {
      if (zero) {
        std::fill_n(state, saved.lanes, 0.0F);
      } else {
        std::copy_n(c + b * stride + p * saved.lanes, saved.lanes, state);
      }
    }
  }
}

// Sequences that are over keep their h. Nothing reads it, but numbers that a net of relu would let grow
// without bound must not reach the products of the backward pass, not even times zero.
void Layer::freeze(std::size_t step, IndexRange sequences) {
  const std::size_t padded = plan_->saved.padded();
  for (std::size_t b = sequences.first; b < sequences.end; ++b) {
    if (sequences_.length(b) > step) continue;
    float* row = memory_ + plan_->rows + (step * sequences_.batch + b) * plan_->row_stride;
    std::copy_n(row, padded, row + sequences_.batch * plan_->row_stride);
  }
}

// The state after the last step, for a batch that goes on from here.
void Layer::keep_last(const simd::LayerPass& pass) {
  const simd::PanelShape& saved = plan_->saved;
  const std::size_t padded = saved.padded();
  const float* row = pass.rows + pass.steps * pass.batch * pass.row_stride;
  for (std::size_t b = 0; b < pass.batch; ++b, row += pass.row_stride) {
    std::copy_n(row, padded, carried_.h + b * carried_.stride);
  }
  if (!plan_->cell->has_state) return;
  const std::size_t state_rows = pass.keep ? (pass.steps + 1) * pass.batch : pass.batch;
  const std::size_t last = pass.keep ? pass.steps * pass.batch : 0;
  for (std::size_t p = 0; p < saved.panels(); ++p) {
    const float* state = pass.state + (p * state_rows + last) * saved.lanes;
    for (std::size_t b = 0; b < pass.batch; ++b) {
      std::copy_n(state + b * saved.lanes, saved.lanes, carried_.c + b * carried_.stride + p * saved.lanes);
    }
  }
}

void Layer::step_forward(simd::LayerPass pass, IndexRange sequences) {
  const auto run = (kernels_->*plan_->cell->kernels).forward;
  const std::size_t shortest = sequences_.shortest();
  pass.first = sequences.first;
  pass.active = sequences.end;
  run(pass, 0, shortest);
  for (std::size_t t = shortest; t < sequences_.steps; ++t) {
    pass.active = std::min(sequences.end, sequences_.active(t));
    run(pass, t, t + 1);
    freeze(t, sequences);
  }
}

void Layer::forward(const Sequences& sequences, const std::int32_t* codes, bool keep,
                    const CarriedRows& carried, IdleWorkers* idle) {
  sequences_ = sequences;
  codes_ = codes;
  carried_ = carried;
  const simd::PanelShape& saved = plan_->saved;
  const simd::PanelShape& weights = plan_->weights;
  // The sum of the biases of each saved gate.
  std::fill_n(memory_ + plan_->bias, saved.size(1), 0.0F);
  for (std::size_t p = 0; p < saved.panels(); ++p) {
    const std::size_t lanes = saved.lanes_of(p);
    const std::size_t columns = weights.columns(p);
    float* sum = memory_ + plan_->bias + saved.offset(p, 1);
    const float* bias = memory_ + plan_->parameters + weights.offset(p, plan_->weight_rows) +
                        (plan_->hidden + plan_->input) * columns;
    for (std::size_t c = 0; c < columns; ++c) sum[plan_->cell->input_window.first * lanes + c] += bias[c];
    if (plan_->biases == 1) continue;
    for (std::size_t c = 0; c < columns; ++c) {
      sum[plan_->cell->recurrent_window.first * lanes + c] += bias[columns + c];
    }
  }
  const simd::LayerPass forward_pass = pass(keep);
  set_start(forward_pass);
  share_range(idle, sequences.batch, plan_->part, [&](IndexRange some) { step_forward(forward_pass, some); });
  if (carried_.h != nullptr) keep_last(forward_pass);
}

void Layer::transpose_weights() {
  simd::Transpose transpose;
  transpose.shape = plan_->weights;
  transpose.weights = memory_ + plan_->parameters;
  transpose.weight_rows = plan_->weight_rows;
  transpose.count = plan_->hidden;
  transpose.out = memory_ + plan_->transposed;
  kernels_->transpose(transpose);
  if (plan_->has_dx) {
    transpose.first = plan_->hidden;
    transpose.count = plan_->input;
    transpose.out = memory_ + plan_->transposed_input;
    kernels_->transpose(transpose);
  }
}

void Layer::begin_backward() {
  if (!accumulate_) transpose_weights();
  std::fill_n(memory_ + plan_->carry, sequences_.batch * plan_->saved.padded(), 0.0F);
}

// The kernel's backward pass over steps of which all sequences that take part in the last one take part in
// all. Those that join below have no gradients there.
void Layer::step_back(simd::LayerPass pass, IndexRange steps, IndexRange sequences) {
  pass.first = sequences.first;
  pass.active = std::min(sequences.end, sequences_.active(steps.end - 1));
  (kernels_->*plan_->cell->kernels).backward(pass, steps.first, steps.end);
  const std::size_t over = std::max(pass.first, pass.active);
  if (over == sequences.end) return;
  const simd::PanelShape& saved = plan_->saved;
  const std::size_t rows = pass.steps * pass.batch;
  for (std::size_t p = 0; p < saved.panels(); ++p) {
    const std::size_t columns = saved.columns(p);
    float* dead = pass.saved + saved.offset(p, rows) + (steps.first * pass.batch + over) * columns;
    std::fill_n(dead, (sequences.end - over) * columns, 0.0F);
  }
}

void Layer::backward(std::size_t dh_first, bool accumulate, IdleWorkers* idle) {
  accumulate_ = accumulate;
  begin_backward();
  simd::LayerPass backward_pass = pass(true);
  backward_pass.dh_first = dh_first;
  const std::size_t chunk = std::max<std::size_t>(1, kChunkRows / sequences_.batch);
  const std::size_t shortest = sequences_.shortest();
  for (std::size_t end = sequences_.steps; end > 0;) {
    // Steps at which some sequences are over go one by one, and the others in chunks.
    const std::size_t begin = end > shortest ? end - 1 : end > chunk ? end - chunk : 0;
    const IndexRange steps{begin, end};
    backward_pass.active = sequences_.active(end - 1);
    share_range(idle, sequences_.batch, plan_->part,
                [&](IndexRange some) { step_back(backward_pass, steps, some); });
    share_range(idle, plan_->saved.panels(), 1,
                [&](IndexRange panels) { parameter_gradients(backward_pass, steps, panels); });
    if (plan_->has_dx) input_gradients(backward_pass, steps, idle);
    end = begin;
  }
  spread_bias_gradients();
  if (plan_->learned_start) start_gradients(backward_pass);
}

void Layer::state_norms(std::size_t dh_first, const StateNorms& norms) {
  accumulate_ = false;
  begin_backward();
  const std::size_t steps = sequences_.steps;
  const std::size_t batch = sequences_.batch;
  const std::size_t padded = plan_->saved.padded();
  simd::LayerPass backward_pass = pass(true);
  backward_pass.dh_first = dh_first;
  backward_pass.dh_sum = norms.hidden_scratch;
  backward_pass.dc_sum = norms.cell == nullptr ? nullptr : norms.cell_scratch;
  const auto add = [&](const float* x, std::size_t t, double* sums) {
    if (sums == nullptr) return;
    if (sequences_.lengths == nullptr) {
      sums[steps - 1 - t] += kernels_->square_sum(x, batch * padded);
      return;
    }
    for (std::size_t b = 0; b < batch; ++b) {
      const std::size_t n = sequences_.length(b);
      if (t < n) sums[n - 1 - t] += kernels_->square_sum(x + b * padded, padded);
    }
  };
  for (std::size_t t = steps; t-- > 0;) {
    step_back(backward_pass, {t, t + 1}, {0, batch});
    add(norms.hidden_scratch, t, norms.hidden);
    add(norms.cell_scratch, t, norms.cell);
  }
  if (plan_->has_dx) input_gradients(backward_pass, {0, steps}, nullptr);
}

void Layer::visit_gates(
    const std::function<void(std::size_t gate, std::span<const float> values)>& visit) const {
  const CellInfo& cell = *plan_->cell;
  const simd::PanelShape& shape = plan_->saved;
  const std::size_t batch = sequences_.batch;
  const std::size_t rows = sequences_.steps * batch;
  const auto each_row = [&](const auto& use) {
    for (std::size_t r = 0; r < rows; ++r) {
      if (r / batch < sequences_.length(r % batch)) use(r);
    }
  };
  if (cell.saved_columns.empty()) {
    const float* h = memory_ + plan_->rows + batch * plan_->row_stride;
    each_row([&](std::size_t r) { visit(0, {h + r * plan_->row_stride, plan_->hidden}); });
    return;
  }
  for (std::size_t p = 0; p < shape.panels(); ++p) {
    const std::size_t lanes = shape.lanes_of(p);
    const std::size_t units = shape.units_of(p);
    const float* saved = memory_ + plan_->saved_gates + shape.offset(p, rows);
    const float* out = memory_ + plan_->state_out + p * rows * lanes;
    each_row([&](std::size_t r) {
      const float* row = saved + r * shape.columns(p);
      for (std::size_t g = 0; g < cell.saved_columns.size(); ++g) {
        visit(g, {row + cell.saved_columns[g] * lanes, units});
      }
      if (cell.has_state) visit(cell.gates.size(), {out + r * lanes, units});
    });
  }
}

}  // namespace unroll
