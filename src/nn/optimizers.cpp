#include "nn/optimizers.h"

#include <algorithm>
#include <cmath>

#include "nn/lookup.h"

namespace unroll {
namespace {

using simd::Kernels;

constexpr OptimizerInfo kTable[] = {
    {.name = "sgd",
     .description = "stochastic gradient descent, with momentum and Nesterov's form",
     .state = {true, false},
     .update = &Kernels::sgd,
     .momentum = true,
     .nesterov = true},
    {.name = "rmsprop",
     .description = "gradient over the root of its mean square",
     .state = {true, true},
     .update = &Kernels::rmsprop,
     .momentum = true,
     .rho = 0.99,
     .eps = 1e-8},
    {.name = "adam",
     .description = "mean gradient over the root of its mean square",
     .state = {true, true},
     .update = &Kernels::adam,
     .bias_corrected = true,
     .eps = 1e-8},
    {.name = "adamw",
     .description = "adam with decoupled weight decay",
     .state = {true, true},
     .update = &Kernels::adam,
     .bias_corrected = true,
     .decoupled_decay = true,
     .eps = 1e-8},
    {.name = "adagrad",
     .description = "gradient over the root of the sum of its squares",
     .state = {false, true},
     .update = &Kernels::adagrad,
     .eps = 1e-10},
    {.name = "adadelta",
     .description = "gradient scaled by the root mean squares of updates and gradients",
     .state = {true, true},
     .update = &Kernels::adadelta,
     .rho = 0.9,
     .eps = 1e-6},
};

const OptimizerInfo& known_optimizer(const OptimizerConfig& config) {
  return lookup(optimizers(), "train.optimizer", config.optimizer);
}

}  // namespace

std::span<const OptimizerInfo> optimizers() {
  return kTable;
}

const OptimizerInfo* find_optimizer(std::string_view name) {
  for (const OptimizerInfo& info : kTable) {
    if (info.name == name) return &info;
  }
  return nullptr;
}

OptimizerState optimizer_state(const OptimizerConfig& config) {
  const OptimizerInfo& info = known_optimizer(config);
  OptimizerState state = info.state;
  if (info.momentum && config.momentum == 0.0) state.first = false;
  return state;
}

Optimizer::Optimizer(const OptimizerConfig& config, const simd::Kernels& kernels, simd::UpdatePass pass)
    : config_(config),
      kernels_(&kernels),
      info_(&known_optimizer(config)),
      decoupled_(info_->decoupled_decay || config.decoupled_weight_decay),
      pass_(pass) {
  const double keep = info_->bias_corrected ? config.beta2 : config.rho.value_or(info_->rho);
  pass_.momentum = static_cast<float>(config.momentum);
  pass_.nesterov = config.nesterov;
  pass_.mean_rate = static_cast<float>(1.0 - config.beta1);
  pass_.square_keep = static_cast<float>(keep);
  pass_.square_rate = static_cast<float>(1.0 - keep);
  pass_.eps = static_cast<float>(config.eps.value_or(info_->eps));
  pass_.weight_decay = decoupled_ ? 0.0F : static_cast<float>(config.weight_decay);
  pass_.l1 = static_cast<float>(config.l1);
}

StepReport Optimizer::step(double lr) {
  StepReport report;
  report.grad_norm = std::sqrt(kernels_->square_sum(pass_.g, pass_.count));
  report.finite = std::isfinite(report.grad_norm);
  if (!report.finite) return report;
  double norm = report.grad_norm;
  if (config_.clip_value > 0.0) {
    report.clipped = kernels_->clip(pass_.g, pass_.count, static_cast<float>(config_.clip_value));
    if (report.clipped) norm = std::sqrt(kernels_->square_sum(pass_.g, pass_.count));
  }
  pass_.scale = 1.0F;
  if (config_.clip_norm > 0.0) {
    const double scale = config_.clip_norm / (norm + 1e-6);
    if (scale < 1.0) {
      pass_.scale = static_cast<float>(scale);
      report.clipped = true;
    }
  }
  pass_.shrink = decoupled_ ? static_cast<float>(1.0 - lr * config_.weight_decay) : 1.0F;
  if (info_->bias_corrected) {
    beta1_power_ *= config_.beta1;
    beta2_power_ *= config_.beta2;
    pass_.lr = static_cast<float>(lr / (1.0 - beta1_power_));
    pass_.root_scale = static_cast<float>(1.0 / std::sqrt(1.0 - beta2_power_));
  } else {
    pass_.lr = static_cast<float>(lr);
  }
  (kernels_->*info_->update)(pass_);
  return report;
}

}  // namespace unroll
