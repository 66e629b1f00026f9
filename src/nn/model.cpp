#include "nn/model.h"

#include <algorithm>
#include <optional>

#include "base/error.h"
#include "nn/model_impl.h"
#include "simd/targets.h"

namespace unroll {
namespace {

std::size_t real_parameters(const ModelPlan& plan) {
  std::size_t count = 0;
  for (const Parameter& p : plan.parameters()) count += p.rows * p.columns;
  return count;
}

}  // namespace

Model::Model(const ModelConfig& config, const OptimizerConfig& optimizer, const ModelShape& shape, Seed seed)
    : impl_(std::make_unique<Impl>(config, optimizer, shape, seed)) {}
Model::~Model() = default;
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;

std::size_t Model::parameters() const {
  return real_parameters(impl_->plan);
}

BatchLoss Model::evaluate(const ModelBatch& batch, IdleWorkers* idle) {
  return impl_->team.evaluate(batch, idle);
}

BatchLoss Model::gradient(const ModelBatch& batch, IdleWorkers* idle) {
  const float scale = 1.0F / static_cast<float>(impl_->count_scored(batch));
  return impl_->team.gradient(batch, scale, impl_->rate, idle);
}

StepReport Model::step(double lr) {
  return impl_->optimizer.step(lr);
}

std::vector<float> Model::predict(const ModelBatch& batch) {
  Impl& m = *impl_;
  const HeadPlan& head = m.plan.head;
  const std::size_t steps = m.plan.shape.every_step ? batch.seq_len : 1;
  const auto scores = [&](std::size_t t, std::size_t b) {
    return steps == 1 || batch.lengths == nullptr || t < batch.lengths[b];
  };
  // Where the row of each scored step goes.
  std::vector<std::size_t> place(steps * batch.batch);
  std::size_t rows = 0;
  for (std::size_t i = 0; i < place.size(); ++i) {
    place[i] = rows;
    rows += scores(i / batch.batch, i % batch.batch) ? 1 : 0;
  }
  std::vector<float> y(rows * head.outputs);
  m.net.each_slice(batch, [&](const ModelBatch& slice) {
    m.net.forward(slice, false, false);
    const float* from = m.memory.data() + head.logits;
    for (std::size_t t = 0; t < steps; ++t) {
      for (std::size_t b = slice.first; b < slice.first + slice.batch; ++b) {
        if (!scores(t, b)) continue;
        std::copy_n(from, head.outputs, y.data() + place[t * batch.batch + b] * head.outputs);
        from += head.padded_outputs;
      }
    }
  });
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
    using enum ParameterKind;
    const bool matrix =
        p.kind == kInputWeight || p.kind == kRecurrentWeight || p.kind == kHeadWeight || p.kind == kEmbedding;
    shapes.push_back({p.name, p.rows, matrix ? p.columns : 0});
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
  archive(impl_->optimizer, impl_->team.carried());
}

void Model::transfer(Loader& archive) {
  std::vector<float> values;
  for (const std::span<float> part : impl_->lasting()) {
    archive(values);
    if (values.size() != part.size()) return archive.fail();
    std::copy(values.begin(), values.end(), part.begin());
  }
  archive(impl_->optimizer, impl_->team.carried());
}

std::size_t Model::bytes(const ModelConfig& config, const OptimizerConfig& optimizer,
                         const ModelShape& shape) {
  const ModelPlan plan(config, slice_shape(config, shape), optimizer_state(optimizer), simd::kernels().lanes);
  return sizeof(Impl) + Net::bytes(plan, shape) + Team::bytes(plan, shape);
}

std::size_t Model::parameters(const ModelConfig& config, const ModelShape& shape) {
  return real_parameters(ModelPlan(config, shape, {}, 1));
}

std::size_t Model::block_count(const ModelConfig& config, const ModelShape& shape) {
  ModelConfig one_unit = config;  // as many blocks, and the fewest strips
  one_unit.hidden = 1;
  return ModelPlan(one_unit, shape, {}, 1).blocks().size();
}

ModelFlops Model::flops(const ModelConfig& config, const ModelShape& shape, double sequences, double steps) {
  const CellInfo& cell = lookup(cells(), "model.cell", config.cell);
  const std::size_t directions = config.bidirectional ? 2 : 1;
  const std::size_t features = directions * config.hidden;
  const double passes = steps * static_cast<double>(directions);
  ModelFlops flops;
  double back = 0.0;  // from dL/dh of a level to that of the step before and to dL/dx
  for (std::size_t l = 0; l < config.layers; ++l) {
    // The weights of a one-hot input are picked, not multiplied.
    const bool one_hot = shape.symbols > 0 && config.embedding == 0;
    const std::size_t input = l > 0 ? features : one_hot ? 0 : shape.input_size;
    // The gradient of x is wanted only where there is something below.
    const bool below = l > 0 || (shape.symbols > 0 && !one_hot);
    flops.forward += passes * cell_flops(cell, input, config.hidden);
    back += passes * cell_flops(cell, below ? input : 0, config.hidden);
  }
  const double scored = shape.every_step ? steps : sequences;
  const double head = scored * 2.0 * static_cast<double>(features) * static_cast<double>(shape.output_size);
  flops.forward += head;
  // The gradients of the weights cost as much as the forward pass.
  flops.step = 2.0 * flops.forward + back + head;
  return flops;
}

}  // namespace unroll
