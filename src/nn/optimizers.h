// The table of optimizers, with the formulas of PyTorch's torch.optim. To add one: a kernel in
// simd/optimizers.cpp and one row in optimizers.cpp. The name is the value of `train.optimizer`.
// g gradient after clipping, p parameter, n steps so far, wd weight_decay:
//
//   sgd       v = momentum v + g;  p -= lr (nesterov ? g + momentum v : v)
//   rmsprop   s = rho s + (1 - rho) g^2;  v = momentum v + g / (sqrt(s) + eps);  p -= lr v
//   adam      m += (1 - beta1)(g - m);  s = beta2 s + (1 - beta2) g^2;
//             p -= lr / (1 - beta1^n) m / (sqrt(s) / sqrt(1 - beta2^n) + eps)
//   adamw     adam whose decay is always decoupled
//   adagrad   s += g^2;  p -= lr g / (sqrt(s) + eps)
//   adadelta  s = rho s + (1 - rho) g^2;  d = sqrt(u + eps) / sqrt(s + eps) g;
//             u = rho u + (1 - rho) d^2;  p -= lr d
//
// Before that, in this order: each element of g to [-clip_value, clip_value]; g times
// min(1, clip_norm / (norm + 1e-6)); g += wd p (L2), or p *= 1 - lr wd if the decay is decoupled;
// g += l1 sign(p). The penalties act on every parameter and are no part of the reported loss.
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
  void (*simd::Kernels::*update)(const simd::UpdatePass&) = nullptr;
  bool momentum = false;  // `first` is its velocity: needed only if momentum is not 0
  bool nesterov = false;
  bool bias_corrected = false;   // adam: reads beta1, beta2
  bool decoupled_decay = false;  // always
  double rho = 0.0;              // PyTorch's default; 0 = it has none
  double eps = 0.0;              // the same
};

std::span<const OptimizerInfo> optimizers();
// nullptr if there is none of this name.
const OptimizerInfo* find_optimizer(std::string_view name);

// Throws UsageError for an unknown name.
OptimizerState optimizer_state(const OptimizerConfig& config);

class Optimizer {
 public:
  // pass: count, p, g, first and second are set. Throws UsageError for an unknown name.
  Optimizer(const OptimizerConfig& config, const simd::Kernels& kernels, simd::UpdatePass pass);

  // Clips the gradient and updates the parameters; does nothing if the gradient is not finite.
  StepReport step(double lr);

  // What it keeps beside the arrays of state.
  template <typename Archive>
  void transfer(Archive& archive) {
    archive(beta1_power_, beta2_power_);
  }

 private:
  OptimizerConfig config_;
  const simd::Kernels* kernels_;
  const OptimizerInfo* info_;
  bool decoupled_;
  simd::UpdatePass pass_;
  double beta1_power_ = 1.0;
  double beta2_power_ = 1.0;
};

}  // namespace unroll
