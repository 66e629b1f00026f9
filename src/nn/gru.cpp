// The GRU as in PyTorch and cuDNN: the reset gate acts after the recurrent product.
//   r = sigmoid(W_r x + b_ir + U_r h + b_hr),   z alike
//   q = U_n h + b_hn,   n = tanh(W_n x + b_in + r q),   h(t) = (1 - z) n + z h(t-1)
// Backward:
//   dn = dh (1 - z) (1 - n^2);  dq = dn r;  dr = dn q r (1 - r);  dz = dh (h(t-1) - n) z (1 - z)
//   dh(t-1) = dh z + U_r^T dr + U_z^T dz + U_n^T dq
// Kernel layout: saved gates n, r, z, q; input rows feed n, r, z and recurrent rows r, z, q.
#include "nn/cells.h"

namespace unroll {

CellInfo gru_cell() {
  CellInfo cell;
  cell.name = "gru";
  cell.description = "GRU, reset gate after the recurrent product (PyTorch, cuDNN)";
  cell.source = "Chung, Gulcehre, Cho, Bengio, arXiv 1412.3555, 2014";
  cell.gates = {"r", "z", "n"};
  cell.separate_biases = true;
  cell.tile_rows = 12;  // its forward tiles are three vectors wide
  cell.saved_gates = 4;
  cell.input_columns = {1, 2, 0};
  cell.recurrent_columns = {0, 1, 2};
  cell.input_window = {0, 3};
  cell.recurrent_window = {1, 3};
  cell.gate_functions = {simd::Activation::kSigmoid, simd::Activation::kSigmoid, simd::Activation::kTanh};
  cell.saved_columns = {1, 2, 0};
  cell.kernels = &simd::Kernels::gru;
  return cell;
}

}  // namespace unroll
