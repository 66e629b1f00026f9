// The keys `model.*` and `train.*` of an experiment that decide what a net is and how it learns.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace unroll {

struct ModelConfig {
  std::string cell = "lstm";          // a row of the cell table (nn/cells.h)
  std::size_t hidden = 64;            // H
  std::size_t layers = 1;             // L
  std::string activation = "tanh";    // of the `rnn` cell: tanh | relu | sigmoid
  std::string init = "torch";         // a row of the initialiser table (nn/init.h)
  std::optional<double> forget_bias;  // of lstm; unset = what the initialiser says
};

struct OptimizerConfig {
  std::string optimizer = "adam";  // a row of the optimizer table (nn/optimizers.h)
  double lr = 1e-3;
  double momentum = 0.0;  // sgd, rmsprop
  bool nesterov = false;  // sgd
  double rho = 0.99;      // rmsprop: decay of the mean square
  double beta1 = 0.9;     // adam, adamw
  double beta2 = 0.999;
  double eps = 1e-8;
  double weight_decay = 0.0;  // adamw: decoupled; others: added to the gradient
  double clip_norm = 0.0;     // 0 = off; global norm over all parameters
  double clip_value = 0.0;    // 0 = off; each element to [-v, v], before the norm
};

}  // namespace unroll
