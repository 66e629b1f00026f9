// The LSTM with a forget gate, no peepholes.
//   i = sigmoid(W_i x + b_ii + U_i h + b_hi)      f, o alike
//   g = tanh(W_g x + b_ig + U_g h + b_hg)
//   c(t) = f c(t-1) + i g,   h(t) = o tanh(c(t))
// Backward, u = tanh(c):
//   do = dh u o (1 - o);  dc = dh o (1 - u^2) + f(t+1) dc(t+1)
//   di = dc g i (1 - i);  df = dc c(t-1) f (1 - f);  dg = dc i (1 - g^2);  dh(t-1) = sum of U^T d.
#include "nn/cells.h"

namespace unroll {

CellInfo lstm_cell() {
  CellInfo cell;
  cell.name = "lstm";
  cell.description = "LSTM with input, forget and output gates";
  cell.source = "Gers, Schmidhuber, Cummins, Learning to forget, Neural Computation 12, 2000";
  cell.gates = {"i", "f", "g", "o"};
  cell.forget_gate = 1;
  cell.saved_gates = 4;
  cell.input_columns = {0, 1, 2, 3};
  cell.recurrent_columns = {0, 1, 2, 3};
  cell.input_window = {0, 4};
  cell.recurrent_window = {0, 4};
  cell.has_state = true;
  cell.gate_functions = {simd::Activation::kSigmoid, simd::Activation::kSigmoid, simd::Activation::kTanh,
                         simd::Activation::kSigmoid};
  cell.saved_columns = {0, 1, 2, 3};
  cell.kernels = &simd::Kernels::lstm;
  return cell;
}

}  // namespace unroll
