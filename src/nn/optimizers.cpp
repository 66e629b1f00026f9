#include "nn/optimizers.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "nn/lookup.h"

namespace unroll {
namespace {

constexpr std::array<OptimizerInfo, 4> kTable = {{
    {"sgd",
     "stochastic gradient descent, with momentum and Nesterov's form",
     {true, false},
     true,
     false,
     false,
     &simd::Kernels::sgd},
    {"rmsprop",
     "gradient over the root of its mean square",
     {true, true},
     true,
     false,
     false,
     &simd::Kernels::rmsprop},
    {"adam",
     "Adam; weight decay is added to the gradient",
     {true, true},
     false,
     true,
     false,
     &simd::Kernels::adam},
    {"adamw", "Adam with decoupled weight decay", {true, true}, false, true, true, &simd::Kernels::adamw},
}};

const OptimizerInfo& find_optimizer(const OptimizerConfig& config) {
  return lookup(optimizers(), "train.optimizer", config.optimizer);
}

}  // namespace

std::span<const OptimizerInfo> optimizers() {
  return kTable;
}

OptimizerState optimizer_state(const OptimizerConfig& config) {
  const OptimizerInfo& info = find_optimizer(config);
  OptimizerState state = info.state;
  if (info.first_is_momentum && config.momentum == 0.0) state.first = false;
  return state;
}

Optimizer::Optimizer(const OptimizerConfig& config, const simd::Kernels& kernels, simd::UpdatePass pass)
    : config_(config), kernels_(&kernels), info_(&find_optimizer(config)), pass_(pass) {
  const double keep = info_->adam ? config.beta2 : config.rho;
  pass_.momentum = static_cast<float>(config.momentum);
  pass_.nesterov = config.nesterov;
  pass_.mean_rate = static_cast<float>(1.0 - config.beta1);
  pass_.square_keep = static_cast<float>(keep);
  pass_.square_rate = static_cast<float>(1.0 - keep);
  pass_.eps = static_cast<float>(config.eps);
  pass_.weight_decay = info_->decoupled_decay ? 0.0F : static_cast<float>(config.weight_decay);
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
  if (info_->adam) {
    beta1_power_ *= config_.beta1;
    beta2_power_ *= config_.beta2;
    pass_.lr = static_cast<float>(lr / (1.0 - beta1_power_));
    pass_.root_scale = static_cast<float>(1.0 / std::sqrt(1.0 - beta2_power_));
    pass_.shrink = static_cast<float>(1.0 - lr * config_.weight_decay);
  } else {
    pass_.lr = static_cast<float>(lr);
  }
  (kernels_->*info_->update)(pass_);
  return report;
}

}  // namespace unroll
