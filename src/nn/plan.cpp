#include "nn/plan.h"

#include <fmt/format.h>

#include "base/error.h"
#include "nn/init.h"
#include "nn/lookup.h"

namespace unroll {

std::size_t Block::size() const {
  std::size_t n = 0;
  for (const Strip& strip : strips) n += strip.rows * strip.count;
  return n;
}

LayerPlan::LayerPlan(const CellInfo& cell_info, std::size_t input_size, std::size_t hidden_size,
                     std::size_t bias_rows, std::size_t lanes)
    : cell(&cell_info),
      input(input_size),
      hidden(hidden_size),
      biases(bias_rows),
      saved{hidden, lanes, cell->panel_width, cell->saved_gates},
      weights{hidden, lanes, cell->panel_width, cell->weight_gates()},
      weight_rows(hidden + input + biases),
      input_offset(saved.padded()) {}

void LayerPlan::take_workspace(Carver& carver, std::size_t steps, std::size_t batch, std::size_t dh_steps,
                               bool lowest) {
  // The layer below writes its h in whole vectors.
  one_offset = input_offset + (lowest ? input : simd::round_up(input, saved.lanes));
  row_stride = simd::round_up(one_offset + 1, 16);
  const std::size_t padded = saved.padded();
  const std::size_t count = steps * batch;
  rows = carver.take((steps + 1) * batch * row_stride);
  bias = carver.take(padded * saved.gates);
  saved_gates = carver.take(saved.size(count));
  if (cell->has_state) {
    state = carver.take(padded * (steps + 1) * batch);
    state_out = carver.take(padded * count);
  }
  if (cell->reset_gates != 0) reset_rows = carver.take(padded * count);
  transposed = carver.take(simd::transposed_size(weights, hidden));
  if (!lowest) transposed_input = carver.take(simd::transposed_size(weights, input));
  dh = carver.take(padded * dh_steps * batch);
  carry = carver.take(padded * batch);
}

std::size_t LayerPlan::index(ParameterKind kind, std::size_t row, std::size_t column) const {
  const std::size_t gate = row / hidden;
  const std::size_t unit = row % hidden;
  const std::size_t panel = unit / (weights.width * weights.lanes);
  const std::size_t lane = unit % (weights.width * weights.lanes);
  std::size_t weight_row = 0;
  switch (kind) {
    case ParameterKind::kRecurrentWeight:
      weight_row = column;
      break;
    case ParameterKind::kInputWeight:
      weight_row = hidden + column;
      break;
    case ParameterKind::kInputBias:
      weight_row = hidden + input;
      break;
    case ParameterKind::kRecurrentBias:
      weight_row = hidden + input + 1;
      break;
    default:
      UNROLL_CHECK(false, "not a parameter of a layer");
  }
  const bool recurrent = kind == ParameterKind::kRecurrentWeight || kind == ParameterKind::kRecurrentBias;
  const std::size_t place = (recurrent ? cell->recurrent_columns : cell->input_columns)[gate];
  return parameters + weights.offset(panel, weight_rows) + weight_row * weights.columns(panel) +
         place * weights.lanes_of(panel) + lane;
}

std::vector<Block> LayerPlan::blocks(std::size_t layer) const {
  std::vector<Block> result;
  for (std::size_t g = 0; g < cell->gates.size(); ++g) {
    // The part of weight rows [first, first + count) that belongs to gate g.
    const auto add = [&](Block& block, ParameterKind kind, std::size_t count) {
      for (std::size_t p = 0; p < weights.panels(); ++p) {
        const std::size_t unit = p * weights.width * weights.lanes;
        block.strips.push_back(
            {index(kind, g * hidden + unit, 0), count, weights.columns(p), weights.units_of(p)});
      }
    };
    const std::string prefix = fmt::format("layer{}.{}.", layer, cell->gates[g]);
    Block from_input{prefix + "input", {}};
    Block recurrent{prefix + "recurrent", {}};
    Block bias_block{prefix + "bias", {}};
    add(from_input, ParameterKind::kInputWeight, input);
    add(recurrent, ParameterKind::kRecurrentWeight, hidden);
    add(bias_block, ParameterKind::kInputBias, 1);
    if (biases == 2) add(bias_block, ParameterKind::kRecurrentBias, 1);
    result.push_back(std::move(from_input));
    result.push_back(std::move(recurrent));
    result.push_back(std::move(bias_block));
  }
  return result;
}

std::size_t HeadPlan::index(ParameterKind kind, std::size_t row, std::size_t column) const {
  return kind == ParameterKind::kHeadBias ? bias() + row : parameters + row * padded_hidden + column;
}

ModelPlan::ModelPlan(const ModelConfig& config, const ModelShape& model_shape, OptimizerState state,
                     std::size_t lanes)
    : shape(model_shape) {
  UNROLL_CHECK(config.hidden > 0 && config.layers > 0, "a model needs units and layers");
  UNROLL_CHECK(shape.input_size > 0 && shape.output_size > 0 && shape.seq_len > 0 && shape.max_batch > 0,
               "a model needs inputs, outputs, steps and a batch");
  const CellInfo* cell = &lookup(cells(), "model.cell", config.cell);
  const std::size_t biases =
      cell->separate_biases ? 2 : lookup(initialisers(), "model.init", config.init).biases;

  Carver carver;
  for (std::size_t l = 0; l < config.layers; ++l) {
    const std::size_t input = l == 0 ? shape.input_size : config.hidden;
    LayerPlan& layer = layers.emplace_back(*cell, input, config.hidden, biases, lanes);
    layer.parameters = carver.take(layer.weights.size(layer.weight_rows));
  }
  head.outputs = shape.output_size;
  head.hidden = config.hidden;
  head.padded_outputs = simd::round_up(head.outputs, lanes);
  head.padded_hidden = simd::round_up(head.hidden, lanes);
  head.parameters = carver.take(head.outputs * head.padded_hidden + head.padded_outputs);
  parameter_floats = carver.size();
  gradients = carver.take(parameter_floats);
  if (state.first) first_state = carver.take(parameter_floats);
  if (state.second) second_state = carver.take(parameter_floats);

  for (std::size_t l = 0; l < layers.size(); ++l) {
    const bool top = l + 1 == layers.size();
    layers[l].take_workspace(carver, shape.seq_len, shape.max_batch, top ? scored_steps() : shape.seq_len,
                             l == 0);
  }
  head.transposed = carver.take(head.hidden * head.padded_outputs);
  head.logits = carver.take(scored_steps() * shape.max_batch * head.padded_outputs);
  hidden_norms = carver.take(shape.max_batch * head.padded_hidden);
  floats = carver.size();
}

std::vector<Parameter> ModelPlan::parameters() const {
  std::vector<Parameter> list;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const LayerPlan& layer = layers[l];
    const std::size_t rows = layer.cell->gates.size() * layer.hidden;
    list.push_back({fmt::format("weight_ih_l{}", l), ParameterKind::kInputWeight, l, rows, layer.input});
    list.push_back({fmt::format("weight_hh_l{}", l), ParameterKind::kRecurrentWeight, l, rows, layer.hidden});
    list.push_back({fmt::format("bias_ih_l{}", l), ParameterKind::kInputBias, l, rows, 1});
    if (layer.biases == 2)
      list.push_back({fmt::format("bias_hh_l{}", l), ParameterKind::kRecurrentBias, l, rows, 1});
  }
  list.push_back({"head.weight", ParameterKind::kHeadWeight, 0, head.outputs, head.hidden});
  list.push_back({"head.bias", ParameterKind::kHeadBias, 0, head.outputs, 1});
  return list;
}

std::vector<Block> ModelPlan::blocks() const {
  std::vector<Block> list;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    for (Block& block : layers[l].blocks(l)) list.push_back(std::move(block));
  }
  list.push_back({"head.weight", {{head.parameters, head.outputs, head.padded_hidden, head.hidden}}});
  list.push_back({"head.bias", {{head.bias(), 1, head.padded_outputs, head.outputs}}});
  return list;
}

std::size_t ModelPlan::index(const Parameter& parameter, std::size_t row, std::size_t column) const {
  const bool of_head =
      parameter.kind == ParameterKind::kHeadWeight || parameter.kind == ParameterKind::kHeadBias;
  return of_head ? head.index(parameter.kind, row, column)
                 : layers[parameter.layer].index(parameter.kind, row, column);
}

}  // namespace unroll
