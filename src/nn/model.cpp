#include "nn/model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "base/buffer.h"
#include "base/error.h"
#include "nn/dropout.h"
#include "nn/head.h"
#include "nn/init.h"
#include "nn/lookup.h"
#include "nn/optimizers.h"
#include "nn/plan.h"
#include "nn/readout.h"
#include "nn/stack.h"
#include "simd/targets.h"

namespace unroll {
namespace {

simd::Activation activation_of(const CellInfo& cell, const ModelConfig& config) {
  if (cell.activations.empty()) return simd::Activation::kTanh;
  const auto at = std::find(cell.activations.begin(), cell.activations.end(), config.activation);
  if (at == cell.activations.end()) {
    throw UsageError("model.activation", "'" + config.activation + "' is not known",
                     "one of: tanh, relu, sigmoid");
  }
  return static_cast<simd::Activation>(at - cell.activations.begin());
}

std::size_t real_parameters(const ModelPlan& plan) {
  std::size_t count = 0;
  for (const Parameter& p : plan.parameters()) count += p.rows * p.columns;
  return count;
}

}  // namespace

class Model::Impl {
 public:
  Impl(const ModelConfig& config, const OptimizerConfig& optimizer_config, const ModelShape& shape,
       Seed model_seed)
      : kernels(simd::kernels()),
        plan(config, shape, optimizer_state(optimizer_config), kernels.lanes),
        seed(model_seed),
        dropout(config.dropout),
        memory(plan.floats),
        codes(plan.codes),
        update(update_pass(optimizer_config)),
        optimizer(optimizer_config, kernels, update),
        stack(plan, kernels, activation_of(*plan.layers.front().cell, config), memory.data(), codes.data()),
        readout(
            plan, memory.data(),
            codes.data() + (shape.symbols > 0 && plan.directions == 2 ? shape.seq_len * shape.max_batch : 0)),
        head(plan.head, shape.loss, kernels, memory.data(), plan.gradients),
        parameters(plan.parameters()),
        blocks(plan.blocks()) {
    initialise(config);
  }

  simd::UpdatePass update_pass(const OptimizerConfig& config) {
    const OptimizerState state = optimizer_state(config);
    simd::UpdatePass pass;
    pass.count = plan.parameter_floats;
    pass.p = memory.data();
    pass.g = memory.data() + plan.gradients;
    if (state.first) pass.first = memory.data() + plan.first_state;
    if (state.second) pass.second = memory.data() + plan.second_state;
    return pass;
  }

  void initialise(const ModelConfig& config) {
    const InitInfo& init = lookup(initialisers(), "model.init", config.init);
    std::vector<float> values;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const Parameter& p = parameters[i];
      const CellInfo& cell = *plan.layers.front().cell;
      if (p.kind == ParameterKind::kInitialHidden || p.kind == ParameterKind::kInitialState) continue;
      const InitContext context{p.kind, p.rows, p.columns, p.inputs, config.hidden, &cell};
      values.assign(p.rows * p.columns, 0.0F);
      Rng rng(seed, Purpose::kInit, static_cast<std::uint32_t>(i));
      init.fill(context, rng, values);
      if (config.forget_bias && cell.forget_gate) {
        const auto bias = static_cast<float>(*config.forget_bias);
        if (p.kind == ParameterKind::kInputBias) fill_gate(context, *cell.forget_gate, bias, values);
        if (p.kind == ParameterKind::kRecurrentBias) fill_gate(context, *cell.forget_gate, 0.0F, values);
      }
      write(p, values);
    }
  }

  void write(const Parameter& p, std::span<const float> values) {
    UNROLL_CHECK(values.size() == p.rows * p.columns, "wrong number of values for " + p.name);
    for (std::size_t r = 0; r < p.rows; ++r) {
      for (std::size_t c = 0; c < p.columns; ++c) memory[plan.index(p, r, c)] = values[r * p.columns + c];
    }
  }

  std::vector<float> read(const Parameter& p, std::size_t distance) const {
    std::vector<float> values(p.rows * p.columns);
    for (std::size_t r = 0; r < p.rows; ++r) {
      for (std::size_t c = 0; c < p.columns; ++c)
        values[r * p.columns + c] = memory[distance + plan.index(p, r, c)];
    }
    return values;
  }

  const Parameter& find(const std::string& name) const {
    return lookup(std::span<const Parameter>(parameters), "parameter", name);
  }

  Sequences sequences_of(const ModelBatch& batch) const {
    UNROLL_CHECK(batch.batch > 0 && batch.batch <= plan.shape.max_batch, "batch is wider than the model");
    UNROLL_CHECK(batch.seq_len > 0 && batch.seq_len <= plan.shape.seq_len, "batch is longer than the model");
    UNROLL_CHECK(!batch.continues || plan.shape.carried, "this model carries no state");
    if (batch.lengths == nullptr) return {batch.seq_len, batch.batch, nullptr};
    UNROLL_CHECK(plan.shape.lengths, "this model knows one length");
    const auto [shortest, longest] = std::minmax_element(batch.lengths, batch.lengths + batch.batch);
    UNROLL_CHECK(*shortest > 0 && *longest <= batch.seq_len, "length out of range");
    return {*longest, batch.batch, batch.lengths};
  }

  // Logits of the scored rows. keep: a backward pass follows.
  Scored forward(const ModelBatch& batch, bool keep, bool last_only, Dropout* drop = nullptr) {
    const Sequences sequences = sequences_of(batch);
    stack.forward(batch, sequences, keep, drop);
    const Scored scored = readout.select(batch, sequences, last_only, stack.factors(plan.levels - 1));
    head.forward(scored.row, scored.rows);
    return scored;
  }

  BatchLoss measure(const Scored& scored, bool gradient, float scale) {
    const simd::LossSums sums = head.loss(scored.rows, scored.targets, scored.classes, gradient, scale);
    return {sums.loss, sums.correct, scored.rows};
  }

  // The parts of the memory that outlive a step.
  std::vector<std::span<float>> lasting() {
    std::vector<std::span<float>> parts = {{update.p, update.count}};
    if (update.first != nullptr) parts.emplace_back(update.first, update.count);
    if (update.second != nullptr) parts.emplace_back(update.second, update.count);
    for (const LayerPlan& layer : plan.layers) {
      const std::size_t size = layer.saved.padded() * layer.max_batch;
      if (layer.carried) parts.emplace_back(memory.data() + layer.carried_h, size);
      if (layer.carried && layer.cell->has_state) parts.emplace_back(memory.data() + layer.carried_c, size);
    }
    return parts;
  }

  // From the head's dL/dfeatures down to the first step.
  StateNorms state_norms(const ModelBatch& batch, const Scored& scored) {
    readout.hand_back();
    constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
    const std::size_t size = plan.levels * batch.seq_len;
    StateNorms norms;
    norms.hidden.assign(size, kNan);
    if (plan.layers.front().cell->has_state) norms.cell.assign(size, kNan);
    stack.state_norms(scored.dh_first, norms, batch.seq_len);
    return norms;
  }

  const simd::Kernels& kernels;
  ModelPlan plan;
  Seed seed;
  double dropout;
  Buffer<float> memory;
  Buffer<std::int32_t> codes;
  simd::UpdatePass update;
  Optimizer optimizer;
  Stack stack;
  Readout readout;
  Head head;
  std::vector<Parameter> parameters;
  std::vector<Block> blocks;
};

Model::Model(const ModelConfig& config, const OptimizerConfig& optimizer, const ModelShape& shape, Seed seed)
    : impl_(std::make_unique<Impl>(config, optimizer, shape, seed)) {}
Model::~Model() = default;
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;

std::size_t Model::parameters() const {
  return real_parameters(impl_->plan);
}

BatchLoss Model::evaluate(const ModelBatch& batch) {
  const Scored scored = impl_->forward(batch, false, false);
  return impl_->measure(scored, false, 1.0F);
}

BatchLoss Model::gradient(const ModelBatch& batch) {
  Impl& m = *impl_;
  std::optional<Dropout> dropout;
  if (m.dropout > 0.0) dropout.emplace(m.dropout, m.seed, batch.step);
  const Scored scored = m.forward(batch, true, false, dropout ? &*dropout : nullptr);
  const BatchLoss loss = m.measure(scored, true, 1.0F / static_cast<float>(scored.rows));
  m.head.feature_gradients(scored.rows);
  m.head.parameter_gradients(scored.row, scored.rows);
  m.readout.hand_back();
  m.stack.backward(scored.dh_first);
  return loss;
}

StepReport Model::step(double lr) {
  return impl_->optimizer.step(lr);
}

std::vector<ParameterBlock> Model::blocks() const {
  std::vector<ParameterBlock> list;
  for (const Block& block : impl_->blocks) list.push_back({block.name, block.size()});
  return list;
}

std::vector<BlockStatistics> Model::block_statistics() const {
  std::vector<BlockStatistics> list;
  for (const Block& block : impl_->blocks) {
    simd::Moments m;
    for (const Strip& strip : block.strips) {
      const float* g = impl_->memory.data() + impl_->plan.gradients + strip.offset;
      impl_->kernels.moments(g, strip.rows, strip.stride, strip.count, m);
    }
    const auto size = static_cast<double>(block.size());
    const double finite = size - static_cast<double>(m.nonfinite);
    BlockStatistics s;
    s.l2 = std::sqrt(m.squares);
    s.mean = finite > 0.0 ? m.sum / finite : 0.0;
    s.std = finite > 0.0 ? std::sqrt(std::max(0.0, m.squares / finite - s.mean * s.mean)) : 0.0;
    s.max = m.max;
    s.zeros = static_cast<double>(m.zeros) / size;
    s.nonfinite = static_cast<double>(m.nonfinite) / size;
    list.push_back(s);
  }
  return list;
}

StateNorms Model::state_gradient_norms(const ModelBatch& batch) {
  Impl& m = *impl_;
  // The last step alone, and the sum over the batch rather than its mean: then row b of dL/dh is dl_b/dh_b.
  const Scored scored = m.forward(batch, true, true);
  m.measure(scored, true, 1.0F);
  m.head.feature_gradients(scored.rows);
  return m.state_norms(batch, scored);
}

StateNorms Model::random_direction_norms(const ModelBatch& batch, Seed seed) {
  Impl& m = *impl_;
  const Scored scored = m.forward(batch, true, true);
  const HeadPlan& head = m.plan.head;
  Rng rng(seed, Purpose::kProbe, 1);
  float* row = m.memory.data() + head.dfeatures;
  std::vector<double> direction(head.features);
  for (std::size_t b = 0; b < scored.rows; ++b, row += head.padded_features) {
    double squares = 0.0;
    for (double& x : direction) {
      x = rng.normal();
      squares += x * x;
    }
    std::fill_n(row, head.padded_features, 0.0F);
    for (std::size_t f = 0; f < head.features; ++f) {
      row[f] = static_cast<float>(direction[f] / std::sqrt(squares));
    }
  }
  return m.state_norms(batch, scored);
}

void Model::visit_gates(const ModelBatch& batch, const GateVisitor& visit) {
  impl_->forward(batch, true, true);
  impl_->stack.visit_gates(visit);
}

std::vector<double> Model::update_ratios(const std::vector<float>& before) const {
  UNROLL_CHECK(before.size() == impl_->plan.parameter_floats, "saved by another model");
  std::vector<double> ratios;
  for (const Block& block : impl_->blocks) {
    double change = 0.0;
    double size = 0.0;
    for (const Strip& strip : block.strips) {
      for (std::size_t i = 0; i < strip.rows * strip.count; ++i) {
        const std::size_t at = strip.offset + i / strip.count * strip.stride + i % strip.count;
        const double old = before[at];
        const double moved = impl_->memory[at] - old;
        change += moved * moved;
        size += old * old;
      }
    }
    ratios.push_back(size > 0.0 ? std::sqrt(change / size) : std::numeric_limits<double>::quiet_NaN());
  }
  return ratios;
}

double Model::gradient_norm() const {
  const Impl& m = *impl_;
  return std::sqrt(m.kernels.square_sum(m.memory.data() + m.plan.gradients, m.plan.parameter_floats));
}

std::vector<float> Model::predict(const ModelBatch& batch) {
  Impl& m = *impl_;
  const std::size_t rows = m.forward(batch, false, false).rows;
  const HeadPlan& head = m.plan.head;
  std::vector<float> y(rows * head.outputs);
  for (std::size_t r = 0; r < rows; ++r) {
    std::copy_n(m.memory.data() + head.logits + r * head.padded_outputs, head.outputs,
                y.data() + r * head.outputs);
  }
  return y;
}

std::vector<std::string> Model::parameter_names() const {
  std::vector<std::string> names;
  for (const Parameter& p : impl_->parameters) names.push_back(p.name);
  return names;
}

std::vector<ParameterShape> Model::parameter_shapes() const {
  std::vector<ParameterShape> shapes;
  for (const Parameter& p : impl_->parameters) {
    const bool bias = p.kind == ParameterKind::kInputBias || p.kind == ParameterKind::kRecurrentBias ||
                      p.kind == ParameterKind::kHeadBias;
    shapes.push_back({p.name, p.rows, bias ? 0 : p.columns});
  }
  return shapes;
}

std::vector<float> Model::parameter(const std::string& name) const {
  return impl_->read(impl_->find(name), 0);
}

std::vector<float> Model::parameter_gradient(const std::string& name) const {
  return impl_->read(impl_->find(name), impl_->plan.gradients);
}

void Model::set_parameter(const std::string& name, std::span<const float> values) {
  impl_->write(impl_->find(name), values);
}

void Model::save(std::vector<float>& to) const {
  const float* first = impl_->memory.data();
  to.assign(first, first + impl_->plan.parameter_floats);
}

void Model::load(const std::vector<float>& from) {
  UNROLL_CHECK(from.size() == impl_->plan.parameter_floats, "saved by another model");
  std::copy(from.begin(), from.end(), impl_->memory.data());
}

void Model::transfer(Saver& archive) {
  std::vector<float> values;
  for (const std::span<float> part : impl_->lasting()) {
    values.assign(part.begin(), part.end());
    archive(values);
  }
  archive(impl_->optimizer, impl_->stack);
}

void Model::transfer(Loader& archive) {
  std::vector<float> values;
  for (const std::span<float> part : impl_->lasting()) {
    archive(values);
    if (values.size() != part.size()) return archive.fail();
    std::copy(values.begin(), values.end(), part.begin());
  }
  archive(impl_->optimizer, impl_->stack);
}

std::size_t Model::bytes(const ModelConfig& config, const OptimizerConfig& optimizer,
                         const ModelShape& shape) {
  const ModelPlan plan(config, shape, optimizer_state(optimizer), simd::kernels().lanes);
  return sizeof(Impl) + Buffer<float>::bytes(plan.floats) + Buffer<std::int32_t>::bytes(plan.codes);
}

std::size_t Model::parameters(const ModelConfig& config, const ModelShape& shape) {
  return real_parameters(ModelPlan(config, shape, {}, 1));
}

std::size_t Model::block_count(const ModelConfig& config, const ModelShape& shape) {
  return ModelPlan(config, shape, {}, 1).blocks().size();
}

double Model::step_flops(const ModelConfig& config, const ModelShape& shape, std::size_t batch) {
  const CellInfo& cell = lookup(cells(), "model.cell", config.cell);
  const std::size_t directions = config.bidirectional ? 2 : 1;
  const std::size_t features = directions * config.hidden;
  const auto sequences = static_cast<double>(batch);
  const double per_step = sequences * static_cast<double>(shape.seq_len);
  double flops = 0.0;
  for (std::size_t l = 0; l < config.layers; ++l) {
    // The weights of a one-hot input are picked, not multiplied.
    const bool one_hot = shape.symbols > 0 && config.embedding == 0;
    const std::size_t input = l > 0 ? features : one_hot ? 0 : shape.input_size;
    // Forward, weight gradients, and the gradient of h; that of x only for layers that have one below.
    const bool below = l > 0 || (shape.symbols > 0 && !one_hot);
    flops +=
        static_cast<double>(directions) * per_step *
        (2.0 * cell_flops(cell, input, config.hidden) + cell_flops(cell, below ? input : 0, config.hidden));
  }
  const double scored = shape.every_step ? per_step : sequences;
  return flops + scored * 6.0 * static_cast<double>(features) * static_cast<double>(shape.output_size);
}

}  // namespace unroll
