// The table of optimizers, with the formulas of PyTorch's torch.optim. To add one: a kernel in
// simd/optimizers.cpp and one row in optimizers.cpp. The name is the value of `train.optimizer`.
// g gradient after clipping, p parameter, n steps so far, wd weight_decay:
//
//   sgd      g += wd p;  v = momentum v + g;  p -= lr (nesterov ? g + momentum v : v)
//   rmsprop  g += wd p;  s = rho s + (1 - rho) g^2;  v = momentum v + g / (sqrt(s) + eps);  p -= lr v
//   adam     g += wd p;  m += (1 - beta1)(g - m);  s = beta2 s + (1 - beta2) g^2;
//            p -= lr / (1 - beta1^n) m / (sqrt(s) / sqrt(1 - beta2^n) + eps)
//   adamw    p *= 1 - lr wd;  then adam without wd
//
// Before that: each element to [-clip_value, clip_value], then all times min(1, clip_norm / (norm + 1e-6)).
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "nn/config.h"
#include "nn/model.h"
#include "simd/kernels.h"

namespace unroll {

// Arrays of state, each as long as the parameters.
struct OptimizerState {
  bool first = false;
  bool second = false;
};

struct OptimizerInfo {
  std::string_view name;
  std::string_view description;
  OptimizerState state;
  bool first_is_momentum = false;  // needed only if momentum is not 0
  bool adam = false;               // bias-corrected means
  bool decoupled_decay = false;
  void (*simd::Kernels::*update)(const simd::UpdatePass&) = nullptr;
};

std::span<const OptimizerInfo> optimizers();

// Throws UsageError for an unknown name.
OptimizerState optimizer_state(const OptimizerConfig& config);

class Optimizer {
 public:
  // pass: count, p, g, first and second are set. Throws UsageError for an unknown name.
  Optimizer(const OptimizerConfig& config, const simd::Kernels& kernels, simd::UpdatePass pass);

  // Clips the gradient and updates the parameters; does nothing if the gradient is not finite.
  StepReport step(double lr);

 private:
  OptimizerConfig config_;
  const simd::Kernels* kernels_;
  const OptimizerInfo* info_;
  simd::UpdatePass pass_;
  double beta1_power_ = 1.0;
  double beta2_power_ = 1.0;
};

}  // namespace unroll
