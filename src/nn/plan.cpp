#include "nn/plan.h"

#include <fmt/format.h>

#include "base/error.h"
#include "nn/init.h"
#include "nn/lookup.h"

namespace unroll {

std::size_t recurrent_bytes(const CellInfo& cell, std::size_t hidden) {
  return sizeof(float) * hidden * hidden * cell.gates.size();
}

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
                               bool whole_vectors) {
  const std::size_t columns = one_hot ? 0 : input;
  one_offset = input_offset + (whole_vectors ? simd::round_up(columns, saved.lanes) : columns);
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
  if (has_dx) transposed_input = carver.take(simd::transposed_size(weights, input));
  dh = carver.take(padded * dh_steps * batch);
  carry = carver.take(padded * batch);
  if (learned_start) dh_start = carver.take(padded * batch);
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

std::vector<Block> LayerPlan::blocks() const {
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
    const std::string prefix = fmt::format("{}.{}.", name, cell->gates[g]);
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
  return kind == ParameterKind::kHeadBias ? bias() + row : parameters + row * padded_features + column;
}

ModelPlan::ModelPlan(const ModelConfig& config, const ModelShape& model_shape, OptimizerState state,
                     std::size_t lanes)
    : shape(model_shape),
      directions(config.bidirectional ? 2 : 1),
      levels(config.layers),
      copied(config.bidirectional || config.dropout > 0.0),
      gathered(copied || model_shape.lengths) {
  UNROLL_CHECK(config.hidden > 0 && config.layers > 0, "a model needs units and layers");
  UNROLL_CHECK(shape.input_size > 0 && shape.output_size > 0 && shape.seq_len > 0 && shape.max_batch > 0,
               "a model needs inputs, outputs, steps and a batch");
  UNROLL_CHECK(!shape.carried || !shape.lengths, "sequences that go on cannot end early");
  Carver carver;
  take_parameters(carver, config, lanes);
  large = recurrent_bytes(*layers.front().cell, config.hidden) > kLargeBytes;
  for (LayerPlan& layer : layers) layer.part = large ? layer.cell->tile_rows : shape.max_batch;
  parameter_floats = carver.size();
  gradients = carver.take(parameter_floats);
  if (state.first) first_state = carver.take(parameter_floats);
  if (state.second) second_state = carver.take(parameter_floats);
  take_workspace(carver, config);
  floats = carver.size();
}

void ModelPlan::take_parameters(Carver& carver, const ModelConfig& config, std::size_t lanes) {
  const CellInfo* cell = &lookup(cells(), "model.cell", config.cell);
  const std::size_t biases =
      cell->separate_biases ? 2 : lookup(initialisers(), "model.init", config.init).biases;
  const std::size_t features = directions * config.hidden;
  const bool embeds = shape.symbols > 0 && config.embedding > 0;
  UNROLL_CHECK(shape.symbols == 0 || shape.input_size == (embeds ? config.embedding : shape.symbols),
               "the input is as wide as a symbol is");
  for (std::size_t i = 0; i < levels * directions; ++i) {
    const std::size_t level = i / directions;
    LayerPlan& layer =
        layers.emplace_back(*cell, level == 0 ? shape.input_size : features, config.hidden, biases, lanes);
    layer.name = fmt::format("layer{}{}", level, i % directions == 0 ? "" : "_reverse");
    layer.one_hot = level == 0 && shape.symbols > 0 && !embeds;
    layer.has_dx = level > 0 || embeds;
    layer.learned_start = config.learn_initial_state;
    layer.parameters = carver.take(layer.weights.size(layer.weight_rows));
  }
  head.outputs = shape.output_size;
  head.features = features;
  head.padded_outputs = simd::round_up(head.outputs, lanes);
  head.padded_features = simd::round_up(head.features, lanes);
  head.parameters = carver.take(head.outputs * head.padded_features + head.padded_outputs);
  if (embeds) {
    embedding = {shape.symbols, config.embedding, simd::round_up(config.embedding, lanes), 0};
    embedding.parameters = carver.take(embedding.symbols * embedding.padded);
  }
  for (LayerPlan& layer : layers) {
    if (!layer.learned_start) continue;
    layer.initial_h = carver.take(layer.saved.padded());
    if (layer.cell->has_state) layer.initial_c = carver.take(layer.saved.padded());
  }
}

void ModelPlan::take_workspace(Carver& carver, const ModelConfig& config) {
  const std::size_t rows = shape.seq_len * shape.max_batch;
  const std::size_t scored = scored_steps() * shape.max_batch;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    LayerPlan& layer = layers[i];
    const std::size_t level = i / directions;
    const bool direct = level > 0 && !copied;
    const bool top = level + 1 == levels;
    layer.take_workspace(carver, shape.seq_len, shape.max_batch, top ? top_steps() : shape.seq_len, direct);
    if (direct) {
      LayerPlan& below = layers[i - directions];
      below.has_above = true;
      below.above = layer.rows + layer.input_offset;
      below.above_stride = layer.row_stride;
      layer.dx = below.dh;
      layer.dx_stride = below.saved.padded();
    } else if (layer.has_dx) {
      layer.dx_stride = simd::round_up(layer.input, layer.saved.lanes);
      layer.dx = carver.take(rows * layer.dx_stride);
    }
  }
  head.transposed = carver.take(head.features * head.padded_outputs);
  head.logits = carver.take(scored * head.padded_outputs);
  if (gathered) {
    head.one_offset = head.padded_features;
    head.row_stride = simd::round_up(head.one_offset + 1, 16);
    head.rows = carver.take(scored * head.row_stride);
    head.dfeatures = carver.take(scored * head.padded_features);
    if (shape.lengths && shape.every_step && shape.loss != HeadLoss::kSoftmax) {
      head.targets = carver.take(scored * head.outputs);
    }
  } else {
    const LayerPlan& top = layers.back();
    head.one_offset = top.one_offset;
    head.row_stride = top.row_stride;
    head.rows = top.rows;
    head.dfeatures = top.dh;
  }
  if (config.dropout > 0.0) {
    for (std::size_t level = 0; level < levels; ++level) {
      masks.push_back(carver.take((level + 1 == levels ? scored : rows) * head.features));
    }
  }
  const std::size_t states = shape.max_batch * layers.back().saved.padded();
  hidden_norms = carver.take(states);
  if (layers.back().cell->has_state) cell_norms = carver.take(states);
  if (shape.symbols > 0 && directions == 2) codes += rows;
  if (shape.lengths && shape.every_step && shape.loss == HeadLoss::kSoftmax) codes += scored;
}

std::vector<Parameter> ModelPlan::parameters() const {
  std::vector<Parameter> list;
  const auto suffixed = [&](const char* name, std::size_t i) {
    return fmt::format("{}_l{}{}", name, i / directions, i % directions == 0 ? "" : "_reverse");
  };
  using enum ParameterKind;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const LayerPlan& layer = layers[i];
    const std::size_t rows = layer.cell->gates.size() * layer.hidden;
    list.push_back({suffixed("weight_ih", i), kInputWeight, i, rows, layer.input, layer.input});
    list.push_back({suffixed("weight_hh", i), kRecurrentWeight, i, rows, layer.hidden, layer.hidden});
    list.push_back({suffixed("bias_ih", i), kInputBias, i, rows, 1, layer.input});
    if (layer.biases == 2) list.push_back({suffixed("bias_hh", i), kRecurrentBias, i, rows, 1, layer.hidden});
  }
  list.push_back({"head.weight", kHeadWeight, 0, head.outputs, head.features, head.features});
  list.push_back({"head.bias", kHeadBias, 0, head.outputs, 1, head.features});
  if (embedding.symbols > 0) {
    list.push_back({"embedding.weight", kEmbedding, 0, embedding.symbols, embedding.width, 1});
  }
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (!layers[i].learned_start) continue;
    list.push_back({suffixed("initial_h", i), kInitialHidden, i, layers[i].hidden, 1, 1});
    if (layers[i].cell->has_state)
      list.push_back({suffixed("initial_c", i), kInitialState, i, layers[i].hidden, 1, 1});
  }
  return list;
}

std::vector<Block> ModelPlan::blocks() const {
  std::vector<Block> list;
  for (const LayerPlan& layer : layers) {
    for (Block& block : layer.blocks()) list.push_back(std::move(block));
  }
  list.push_back({"head.weight", {{head.parameters, head.outputs, head.padded_features, head.features}}});
  list.push_back({"head.bias", {{head.bias(), 1, head.padded_outputs, head.outputs}}});
  if (embedding.symbols > 0) {
    list.push_back(
        {"embedding.weight", {{embedding.parameters, embedding.symbols, embedding.padded, embedding.width}}});
  }
  for (const LayerPlan& layer : layers) {
    if (!layer.learned_start) continue;
    list.push_back({layer.name + ".initial_h", {{layer.initial_h, 1, layer.hidden, layer.hidden}}});
    if (layer.cell->has_state)
      list.push_back({layer.name + ".initial_c", {{layer.initial_c, 1, layer.hidden, layer.hidden}}});
  }
  return list;
}

std::size_t ModelPlan::index(const Parameter& parameter, std::size_t row, std::size_t column) const {
  switch (parameter.kind) {
    case ParameterKind::kHeadWeight:
    case ParameterKind::kHeadBias:
      return head.index(parameter.kind, row, column);
    case ParameterKind::kEmbedding:
      return embedding.parameters + row * embedding.padded + column;
    case ParameterKind::kInitialHidden:
      return layers[parameter.layer].initial_h + row;
    case ParameterKind::kInitialState:
      return layers[parameter.layer].initial_c + row;
    default:
      return layers[parameter.layer].index(parameter.kind, row, column);
  }
}

}  // namespace unroll
