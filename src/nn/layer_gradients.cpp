// A layer's gradients of parameters, inputs and start, from the gate gradients of its backward pass.
#include <algorithm>

#include "nn/layer.h"

namespace unroll {
namespace {

// Behind the last row of step end - 1 that takes part; of the steps before, all do.
std::size_t last_row(const simd::LayerPass& pass, std::size_t end) {
  return (end - 1) * pass.batch + pass.active;
}

}  // namespace

// A row of input weights gets the gate gradients of the rows with its code.
void Layer::code_gradients(const simd::LayerPass& pass, IndexRange steps, IndexRange panels) {
  const simd::PanelShape& saved = plan_->saved;
  const simd::PanelShape& weights = plan_->weights;
  const std::size_t row = steps.first * pass.batch;
  simd::ScatterSum sum;
  sum.rows = last_row(pass, steps.end) - row;
  sum.index = codes_ + row;
  for (std::size_t p = panels.first; p < panels.end; ++p) {
    sum.columns = weights.columns(p);
    sum.out_stride = weights.columns(p);
    sum.out = memory_ + plan_->parameters + gradients_ + weights.offset(p, plan_->weight_rows) +
              plan_->hidden * sum.out_stride;
    if (steps.end == pass.steps && !accumulate_) std::fill_n(sum.out, plan_->input * sum.out_stride, 0.0F);
    sum.b_stride = saved.columns(p);
    sum.b = pass.saved + saved.offset(p, pass.steps * pass.batch) + row * sum.b_stride +
            plan_->cell->input_window.first * saved.lanes_of(p);
    kernels_->scatter_sum(sum);
  }
}

void Layer::parameter_gradients(const simd::LayerPass& pass, IndexRange steps, IndexRange panels) {
  const CellInfo& cell = *plan_->cell;
  simd::PanelOuterSum sum;
  sum.first_row = steps.first * pass.batch;
  sum.last_row = last_row(pass, steps.end);
  sum.b_rows = pass.steps * pass.batch;
  sum.b_shape = plan_->saved.only(panels.first, panels.end);
  sum.b = pass.saved + plan_->saved.offset(panels.first, sum.b_rows);
  sum.out_rows = plan_->weight_rows;
  sum.out_shape = plan_->weights.only(panels.first, panels.end);
  sum.out = memory_ + plan_->parameters + gradients_ + plan_->weights.offset(panels.first, sum.out_rows);
  sum.accumulate = accumulate_ || steps.end != pass.steps;
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
  const bool one_follows = !plan_->one_hot && plan_->one_offset == plan_->input_offset + plan_->input;
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
    if (plan_->one_hot) {
      code_gradients(pass, steps, panels);
    } else {
      add(x, pass.row_stride, plan_->input + (one_follows ? 1 : 0), in, hidden, 0);
    }
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

void Layer::input_gradients(const simd::LayerPass& pass, IndexRange steps, IdleWorkers* idle) {
  simd::PanelProduct product;
  product.first_row = steps.first * pass.batch;
  product.last_row = last_row(pass, steps.end);
  product.shape = plan_->saved;
  product.a = pass.saved;
  product.a_rows = pass.steps * pass.batch;
  product.window = plan_->cell->input_window;
  product.b_gates = plan_->weights.gates;
  product.out_stride = plan_->dx_stride;
  float* const dx = memory_ + plan_->dx;
  const std::size_t block = simd::kTileVectors * product.shape.lanes;
  share_range(idle, plan_->input, block, [&](IndexRange columns) {
    simd::PanelProduct some = product;
    some.b = memory_ + plan_->transposed_input + columns.first * product.shape.padded() * product.b_gates;
    some.columns = columns.size();
    some.out = dx + columns.first;
    kernels_->panel_product(some);
  });
  std::fill(dx + product.last_row * product.out_stride, dx + steps.end * pass.batch * product.out_stride,
            0.0F);
}

// dL/dh and dL/dc before the first step, summed over the batch.
void Layer::start_gradients(const simd::LayerPass& pass) {
  const CellInfo& cell = *plan_->cell;
  const std::size_t padded = plan_->saved.padded();
  float* dh = memory_ + plan_->initial_h + gradients_;
  float* dc = cell.has_state ? memory_ + plan_->initial_c + gradients_ : dh;
  if (!accumulate_) {
    std::fill_n(dh, padded, 0.0F);
    std::fill_n(dc, padded, 0.0F);
  }
  if (carried_.continues) return;
  simd::PanelProduct product;
  product.last_row = pass.batch;
  product.shape = plan_->saved;
  product.a = pass.saved;
  product.a_rows = pass.steps * pass.batch;
  product.window = {cell.recurrent_window.first, cell.recurrent_window.count - cell.reset_gates};
  product.b = pass.transposed;
  product.b_gates = plan_->weights.gates;
  product.columns = plan_->hidden;
  product.out = memory_ + plan_->dh_start;
  product.out_stride = padded;
  kernels_->panel_product(product);
  for (std::size_t b = 0; b < pass.batch; ++b) {
    for (std::size_t u = 0; u < plan_->hidden; ++u) {
      dh[u] += product.out[b * padded + u];
      dc[u] += pass.carry[b * padded + u];  // of a cell without c it is the rest of dh
    }
  }
}

}  // namespace unroll
