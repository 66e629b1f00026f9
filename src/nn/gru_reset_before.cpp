// The GRU as first published: the reset gate acts on the state, before the recurrent product.
//   r = sigmoid(W_r x + b_ir + U_r h + b_hr),   z alike
//   n = tanh(W_n x + b_in + U_n (r h) + b_hn),   h(t) = (1 - z) n + z h(t-1)
// (The paper swaps z and 1 - z: the same cell with W_z, U_z and b_z negated.)
// Backward:
//   dn = dh (1 - z) (1 - n^2);  dz = dh (h(t-1) - n) z (1 - z);  e = U_n^T dn;  dr = e h(t-1) r (1 - r)
//   dh(t-1) = dh z + e r + U_r^T dr + U_z^T dz
#include "nn/cells.h"

namespace unroll {

CellInfo gru_reset_before_cell() {
  CellInfo cell;
  cell.name = "gru_reset_before";
  cell.description = "GRU, reset gate before the recurrent product (Cho 2014)";
  cell.source = "Cho et al., arXiv 1406.1078v3, 2014, equations 5 to 8";
  cell.gates = {"r", "z", "n"};
  cell.panel_width = simd::kTileVectors;
  cell.saved_gates = 3;
  cell.input_columns = {0, 1, 2};
  cell.recurrent_columns = {0, 1, 2};
  cell.input_window = {0, 3};
  cell.recurrent_window = {0, 3};
  cell.reset_gates = 1;
  cell.gate_functions = {simd::Activation::kSigmoid, simd::Activation::kSigmoid, simd::Activation::kTanh};
  cell.saved_columns = {0, 1, 2};
  cell.kernels = &simd::Kernels::gru_reset_before;
  return cell;
}

}  // namespace unroll
