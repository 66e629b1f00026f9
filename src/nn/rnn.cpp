// Elman's recurrent net.
//   h(t) = act(W x(t) + b_ih + U h(t-1) + b_hh), act = tanh, relu or sigmoid
// Backward, with a = act'(.) from h:
//   dz = dh * a, a = 1 - h^2 (tanh), [h > 0] (relu), h (1 - h) (sigmoid);  dh(t-1) = U^T dz
#include "nn/cells.h"

namespace unroll {

CellInfo rnn_cell() {
  CellInfo cell;
  cell.name = "rnn";
  cell.description = "Elman's net: one tanh, relu or sigmoid of input and state";
  cell.source = "Elman, Finding structure in time, Cognitive Science 14, 1990";
  cell.gates = {"h"};
  cell.activations = {"tanh", "relu", "sigmoid"};
  cell.panel_width = simd::kTileVectors;
  cell.saved_gates = 1;
  cell.input_columns = {0};
  cell.recurrent_columns = {0};
  cell.input_window = {0, 1};
  cell.recurrent_window = {0, 1};
  cell.kernels = &simd::Kernels::rnn;
  return cell;
}

}  // namespace unroll
