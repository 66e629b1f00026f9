#include "nn/layer.h"

#include <algorithm>
#include <cmath>

namespace unroll {
namespace {

// Rows of backpropagation after which their part of the weight gradients is taken: their gate gradients are
// still in the second-level cache then.
constexpr std::size_t kChunkRows = 512;

}  // namespace

Layer::Layer(const LayerPlan& plan, const simd::Kernels& kernels, simd::Activation activation, float* memory,
             std::size_t gradients, const LayerPlan* above, const LayerPlan* below)
    : plan_(&plan),
      kernels_(&kernels),
      activation_(activation),
      memory_(memory),
      gradients_(gradients),
      above_(above),
      below_(below) {}

void Layer::prepare(std::size_t max_steps, std::size_t max_batch) {
  float* rows = memory_ + plan_->rows;
  for (std::size_t r = 0; r < (max_steps + 1) * max_batch; ++r)
    rows[r * plan_->row_stride + plan_->one_offset] = 1.0F;
}

void Layer::set_inputs(const float* inputs, std::size_t steps, std::size_t batch) {
  const std::size_t width = plan_->input;
  float* to = memory_ + plan_->rows + plan_->input_offset;
  for (std::size_t r = 0; r < steps * batch; ++r, to += plan_->row_stride, inputs += width) {
    std::copy_n(inputs, width, to);
  }
}

simd::LayerPass Layer::pass(std::size_t steps, std::size_t batch, bool keep) const {
  simd::LayerPass pass;
  pass.steps = steps;
  pass.batch = batch;
  pass.input = plan_->input;
  pass.shape = plan_->saved;
  pass.keep = keep;
  pass.activation = activation_;
  pass.rows = memory_ + plan_->rows;
  pass.row_stride = plan_->row_stride;
  pass.input_offset = plan_->input_offset;
  if (above_ != nullptr) {
    pass.above = memory_ + above_->rows + above_->input_offset;
    pass.above_stride = above_->row_stride;
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

void Layer::forward(std::size_t steps, std::size_t batch, bool keep) {
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
  float* row = memory_ + plan_->rows;
  for (std::size_t b = 0; b < batch; ++b, row += plan_->row_stride) std::fill_n(row, saved.padded(), 0.0F);
  const simd::LayerPass forward_pass = pass(steps, batch, keep);
  if (plan_->cell->has_state) {
    const std::size_t state_rows = keep ? (steps + 1) * batch : batch;
    for (std::size_t p = 0; p < saved.panels(); ++p) {
      std::fill_n(forward_pass.state + p * state_rows * saved.lanes, batch * saved.lanes, 0.0F);
    }
  }
  (kernels_->*plan_->cell->kernels).forward(forward_pass, 0, steps);
}

void Layer::begin_backward(std::size_t batch) {
  simd::Transpose transpose;
  transpose.shape = plan_->weights;
  transpose.weights = memory_ + plan_->parameters;
  transpose.weight_rows = plan_->weight_rows;
  transpose.count = plan_->hidden;
  transpose.out = memory_ + plan_->transposed;
  kernels_->transpose(transpose);
  if (below_ != nullptr) {
    transpose.first = plan_->hidden;
    transpose.count = plan_->input;
    transpose.out = memory_ + plan_->transposed_input;
    kernels_->transpose(transpose);
  }
  std::fill_n(memory_ + plan_->carry, batch * plan_->saved.padded(), 0.0F);
}

void Layer::parameter_gradients(const simd::LayerPass& pass, std::size_t begin, std::size_t end) {
  const CellInfo& cell = *plan_->cell;
  simd::PanelOuterSum sum;
  sum.first_row = begin * pass.batch;
  sum.last_row = end * pass.batch;
  sum.b_shape = plan_->saved;
  sum.b = pass.saved;
  sum.b_rows = pass.steps * pass.batch;
  sum.out_shape = plan_->weights;
  sum.out = memory_ + plan_->parameters + gradients_;
  sum.out_rows = plan_->weight_rows;
  sum.accumulate = end != pass.steps;
  const auto add = [&](const float* a, std::size_t stride, std::size_t depth, simd::Window window,
                       std::size_t row, std::size_t gate) {
    sum.a = a;
    sum.a_stride = stride;
    sum.depth = depth;
    sum.b_window = window;
    sum.out_row = row;
    sum.out_gate = gate;
    kernels_->panel_outer_sum(sum);
  };
  const std::size_t hidden = plan_->hidden;
  const simd::Window in = cell.input_window;
  const simd::Window recurrent = cell.recurrent_window;
  const bool same_window = in.first == recurrent.first && cell.reset_gates == 0;
  const bool one_follows = plan_->one_offset == plan_->input_offset + plan_->input;
  const float* const x = pass.rows + plan_->input_offset;
  if (same_window && plan_->input_offset == hidden && one_follows) {
    add(pass.rows, pass.row_stride, hidden + plan_->input + 1, in, 0, 0);
  } else {
    const std::size_t plain = recurrent.count - cell.reset_gates;
    add(pass.rows, pass.row_stride, hidden, {recurrent.first, plain}, 0, 0);
    if (cell.reset_gates != 0) {
      add(pass.reset_rows, plan_->saved.padded(), hidden, {recurrent.first + plain, cell.reset_gates}, 0,
          plain);
    }
    add(x, pass.row_stride, plan_->input + (one_follows ? 1 : 0), in, hidden, 0);
    if (!one_follows) add(pass.rows + plan_->one_offset, pass.row_stride, 1, in, hidden + plan_->input, 0);
  }
  // Gates that only the recurrent bias feeds.
  const std::size_t in_end = in.first + in.count;
  const std::size_t recurrent_end = recurrent.first + recurrent.count;
  if (recurrent_end > in_end) {
    add(pass.rows + plan_->one_offset, pass.row_stride, 1, {in_end, recurrent_end - in_end},
        hidden + plan_->input + 1, in_end - recurrent.first);
  }
}

// What both biases feed has the same gradient in both.
void Layer::spread_bias_gradients() {
  if (plan_->biases == 1) return;
  const CellInfo& cell = *plan_->cell;
  const simd::PanelShape& weights = plan_->weights;
  const std::size_t shift = cell.recurrent_window.first - cell.input_window.first;
  for (std::size_t p = 0; p < weights.panels(); ++p) {
    const std::size_t columns = weights.columns(p);
    const std::size_t skip = shift * weights.lanes_of(p);
    float* from = memory_ + plan_->parameters + gradients_ + weights.offset(p, plan_->weight_rows) +
                  (plan_->hidden + plan_->input) * columns;
    std::copy(from + skip, from + columns, from + columns);
  }
}

void Layer::input_gradients(const simd::LayerPass& pass, std::size_t begin, std::size_t end) {
  simd::PanelProduct product;
  product.first_row = begin * pass.batch;
  product.last_row = end * pass.batch;
  product.shape = plan_->saved;
  product.a = pass.saved;
  product.a_rows = pass.steps * pass.batch;
  product.window = plan_->cell->input_window;
  product.b = memory_ + plan_->transposed_input;
  product.b_gates = plan_->weights.gates;
  product.columns = plan_->input;
  product.out = memory_ + below_->dh;
  product.out_stride = below_->saved.padded();
  kernels_->panel_product(product);
}

void Layer::backward(std::size_t steps, std::size_t batch, std::size_t dh_first) {
  begin_backward(batch);
  simd::LayerPass backward_pass = pass(steps, batch, true);
  backward_pass.dh_first = dh_first;
  const std::size_t chunk = std::max<std::size_t>(1, kChunkRows / batch);
  for (std::size_t end = steps; end > 0;) {
    const std::size_t begin = end > chunk ? end - chunk : 0;
    (kernels_->*plan_->cell->kernels).backward(backward_pass, begin, end);
    parameter_gradients(backward_pass, begin, end);
    if (below_ != nullptr) input_gradients(backward_pass, begin, end);
    end = begin;
  }
  spread_bias_gradients();
}

void Layer::hidden_norms(std::size_t steps, std::size_t batch, std::size_t dh_first, float* scratch,
                         double* norms) {
  begin_backward(batch);
  simd::LayerPass backward_pass = pass(steps, batch, true);
  backward_pass.dh_first = dh_first;
  backward_pass.dh_sum = scratch;
  for (std::size_t lag = 0; lag < steps; ++lag) {
    const std::size_t t = steps - 1 - lag;
    (kernels_->*plan_->cell->kernels).backward(backward_pass, t, t + 1);
    norms[lag] =
        std::sqrt(kernels_->square_sum(scratch, batch * plan_->saved.padded()) / static_cast<double>(batch));
  }
  if (below_ != nullptr) input_gradients(backward_pass, 0, steps);
}

}  // namespace unroll
