// What a Model is made of; only for model.cpp and model_probe.cpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "base/buffer.h"
#include "base/error.h"
#include "nn/init.h"
#include "nn/lookup.h"
#include "nn/model.h"
#include "nn/optimizers.h"
#include "nn/plan.h"
#include "nn/slices.h"
#include "nn/team.h"
#include "simd/targets.h"

namespace unroll {

class Model::Impl {
 public:
  Impl(const ModelConfig& config, const OptimizerConfig& optimizer_config, const ModelShape& shape, Seed seed)
      : kernels(simd::kernels()),
        plan(config, slice_shape(config, shape), optimizer_state(optimizer_config), kernels.lanes),
        rate{config.dropout, seed},
        team(plan, shape, kernels, activation_of(*plan.layers.front().cell, config.activation)),
        net(team.lead()),
        memory(net.memory),
        update(update_pass(optimizer_config)),
        optimizer(optimizer_config, kernels, update),
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
      Rng rng(rate.seed, Purpose::kInit, static_cast<std::uint32_t>(i));
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

  // The numbers that outlive a step.
  std::vector<std::span<float>> lasting() {
    std::vector<std::span<float>> parts = {{update.p, update.count}};
    if (update.first != nullptr) parts.emplace_back(update.first, update.count);
    if (update.second != nullptr) parts.emplace_back(update.second, update.count);
    parts.push_back(team.carried().values());
    return parts;
  }

  // Scored steps of a batch.
  std::size_t count_scored(const ModelBatch& batch) const {
    if (!plan.shape.every_step) return batch.batch;
    if (batch.lengths == nullptr) return batch.seq_len * batch.batch;
    return std::accumulate(batch.lengths, batch.lengths + batch.batch, std::size_t{0});
  }

  // From the head's dL/dfeatures, which send_back leaves, down to the first step.
  template <typename SendBack>
  StateNorms state_norms(const ModelBatch& batch, const SendBack& send_back) {
    StateNorms norms;
    norms.hidden.assign(plan.levels * batch.seq_len, 0.0);
    if (plan.layers.front().cell->has_state) norms.cell = norms.hidden;
    net.each_slice(batch, [&](const ModelBatch& slice) {
      const Scored scored = net.forward(slice, true, true);
      send_back(scored);
      net.readout.hand_back();
      net.stack.state_norms(scored.dh_first, norms, batch.seq_len);
    });
    for (std::size_t lag = 0; lag < batch.seq_len; ++lag) {
      std::size_t reach = 0;  // sequences longer than lag
      for (std::size_t b = 0; b < batch.batch; ++b) {
        reach += batch.lengths == nullptr || batch.lengths[b] > lag ? 1 : 0;
      }
      for (std::vector<double>* squares : {&norms.hidden, &norms.cell}) {
        for (std::size_t i = lag; i < squares->size(); i += batch.seq_len) {
          double& x = (*squares)[i];
          x = reach == 0 ? std::numeric_limits<double>::quiet_NaN()
                         : std::sqrt(x / static_cast<double>(reach));
        }
      }
    }
    return norms;
  }

  const simd::Kernels& kernels;
  ModelPlan plan;  // of a slice
  DropoutRate rate;
  Team team;
  Net& net;
  Buffer<float>& memory;  // of the net
  simd::UpdatePass update;
  Optimizer optimizer;
  std::vector<Parameter> parameters;
  std::vector<Block> blocks;
};

}  // namespace unroll
