// A recurrent net in double precision, written from the equations (src/nn/<cell>.cpp) with plain loops: the
// oracle of the float kernels. Parameters are PyTorch's, by PyTorch's names; "bias_hh_l*" may be absent.
// Codes are read through "embedding.weight" if there is one, else one-hot; layers start from "initial_h_l*"
// and "initial_c_l*" if there are any. Layers are numbered level * directions + direction.
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
  bool bidirectional = false;
  ModelShape shape;
  Parameters parameters;
};

struct Batch {
  std::size_t batch = 0;
  std::size_t steps = 0;
  Numbers inputs;   // [T, B, D]
  Numbers targets;  // [S, B, O]
  std::vector<std::int32_t> classes;
  std::vector<std::int32_t> codes;   // [T, B] in place of inputs
  std::vector<std::size_t> lengths;  // [B]; empty = all T
  std::vector<Numbers> factors;      // [level]: of dropout, [T, B, F], of the top level [S, B, F]; or empty
  std::vector<Numbers> start_h;      // [layer] [B, H]: constants to start from; or empty
  std::vector<Numbers> start_c;

  std::size_t length(std::size_t b) const { return lengths.empty() ? steps : lengths[b]; }
};

// Adds `delta` to one number of h, to measure dL/dh.
struct Nudge {
  std::size_t layer = 0;
  std::size_t step = 0;  // in the order in which the layer reads them
  std::size_t sequence = 0;
  std::size_t unit = 0;
  double delta = 0.0;
};

struct Result {
  double loss = 0.0;  // mean over scored steps
  double correct = 0.0;
  Numbers outputs;  // [scored, O]: step after step, the valid ones
  Parameters gradients;
  std::vector<Numbers> dh;      // of each layer: [T, B, H], steps in the order in which it reads them
  std::vector<Numbers> dc;      // the same of lstm, else zero
  std::vector<Numbers> last_h;  // of each layer: [B, H], after the last step
  std::vector<Numbers> last_c;
};

// Forward only; gradients and dh stay empty.
Result evaluate(const Net& net, const Batch& batch, const Nudge& nudge = {});
// With gradients. last_step_sum: of the loss of the last valid step alone, summed over the batch.
Result differentiate(const Net& net, const Batch& batch, bool last_step_sum = false);

}  // namespace unroll::reference
