// A recurrent net in double precision, written from the equations (src/nn/<cell>.cpp) with plain loops: the
// oracle of the float kernels. Parameters are PyTorch's, by PyTorch's names; "bias_hh_l*" may be absent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "nn/model.h"

namespace unroll::reference {

using Numbers = std::vector<double>;
using Parameters = std::map<std::string, Numbers>;

struct Net {
  std::string cell = "lstm";
  std::string activation = "tanh";
  std::size_t layers = 1;
  std::size_t hidden = 1;
  ModelShape shape;
  Parameters parameters;
};

struct Batch {
  std::size_t batch = 0;
  std::size_t steps = 0;
  Numbers inputs;   // [T, B, D]
  Numbers targets;  // [S, B, O]
  std::vector<std::int32_t> classes;
};

// Adds `delta` to one number of h, to measure dL/dh.
struct Nudge {
  std::size_t layer = 0;
  std::size_t step = 0;
  std::size_t sequence = 0;
  std::size_t unit = 0;
  double delta = 0.0;
};

struct Result {
  double loss = 0.0;  // mean over scored steps
  double correct = 0.0;
  Numbers outputs;  // [S, B, O]
  Parameters gradients;
  std::vector<Numbers> dh;  // of each layer: [T, B, H]
};

// Forward only; gradients and dh stay empty.
Result evaluate(const Net& net, const Batch& batch, const Nudge& nudge = {});
// With gradients. last_step_sum: of the loss of the last step alone, summed over the batch.
Result differentiate(const Net& net, const Batch& batch, bool last_step_sum = false);

}  // namespace unroll::reference
