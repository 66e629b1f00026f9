// The keys `model.*` and `train.*` of an experiment that decide what a net is and how it learns.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace unroll {

struct ModelConfig {
  std::string cell = "lstm";          // a row of the cell table (nn/cells.h)
  std::size_t hidden = 64;            // H
  std::size_t params = 0;             // decides H, see train/solve_hidden.h; 0 = off
  std::size_t layers = 1;             // L
  std::string activation = "tanh";    // of the `rnn` cell: tanh | relu | sigmoid
  std::string init = "torch";         // a row of the initialiser table (nn/init.h)
  std::optional<double> forget_bias;  // of lstm; unset = what the initialiser says
  bool bidirectional = false;         // each layer reads its input from both ends, H units each
  std::size_t embedding = 0;          // E: symbols are read through a learned table; 0 = one-hot
  double dropout = 0.0;               // share of what a layer hands on that is dropped in training
  bool learn_initial_state = false;   // the state before the first step is a parameter
};

struct OptimizerConfig {
  std::string optimizer = "adam";  // a row of the optimizer table (nn/optimizers.h)
  double lr = 1e-3;
  double momentum = 0.0;      // sgd, rmsprop
  bool nesterov = false;      // sgd
  std::optional<double> rho;  // rmsprop, adadelta: decay of the mean square; unset = PyTorch's
  double beta1 = 0.9;         // adam, adamw
  double beta2 = 0.999;
  std::optional<double> eps;            // unset = PyTorch's
  double l1 = 0.0;                      // times the sign of a parameter is added to the gradient
  double weight_decay = 0.0;            // times a parameter is added to the gradient (L2)
  bool decoupled_weight_decay = false;  // the decay acts on the parameter instead; adamw: always
  double clip_norm = 0.0;               // 0 = off; global norm over all parameters
  double clip_value = 0.0;              // 0 = off; each element to [-v, v], before the norm
};

}  // namespace unroll
