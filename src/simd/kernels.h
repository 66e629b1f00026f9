// Every kernel, as a table of functions for one target. Plain C++: nothing here knows an instruction set.
//
// Common contract. Numbers are float32; all products accumulate in float32 with fused multiply-add where the
// target has it. Pointers to panels and rows are aligned to 64 bytes; leading dimensions are multiples of
// the lanes where it says "padded". Kernels read and write whole vectors, so padded columns must exist; they
// stay zero if they were zero. Kernels allocate nothing and throw nothing. A NaN in gives a NaN out.
// The same arguments give the same bits on one target.
// Letters: B batch, T steps, D inputs, H hidden, V lanes; rows r = t * B + b.
#pragma once

#include <cstddef>
#include <cstdint>

#include "simd/panels.h"

namespace unroll::simd {

enum class Activation { kTanh, kRelu, kSigmoid };

// One recurrent layer over one batch of T x B.
struct LayerPass {
  std::size_t steps = 0;  // T
  std::size_t batch = 0;  // B
  // Sequences [first, active) are computed, the others left as they are. That goes in parts of `part`
  // sequences, of which `first` begins one: so their bits do not depend on which parts are computed by whom.
  std::size_t first = 0;
  std::size_t active = 0;
  std::size_t part = 1;
  std::size_t input = 0;  // D
  PanelShape shape;       // of `saved`; units = H
  bool keep = true;       // false: `saved` and `state` hold one step only and backward may not follow
  Activation activation = Activation::kTanh;  // of rnn

  // Rows [(T + 1) * B][row_stride]: row r holds h(t-1) from column 0, x(t) from column `input_offset`, then
  // a one. Forward reads row t and writes h(t) into row t + 1.
  float* rows = nullptr;
  std::size_t row_stride = 0;
  std::size_t input_offset = 0;
  // [T * B] or nullptr: x(t) is 1 at this place and 0 elsewhere, and the rows hold no x. Each in [0, D).
  const std::int32_t* codes = nullptr;
  // Where h(t) goes a second time, as x(t) of the layer above: row r at above + r * above_stride; or nullptr.
  float* above = nullptr;
  std::size_t above_stride = 0;

  // Panels of `weight_rows` rows: H recurrent rows, D input rows, bias rows (which the kernels skip).
  const float* weights = nullptr;
  std::size_t weight_rows = 0;
  const float* bias = nullptr;  // [panel][columns of saved]: the sum of the biases of each saved gate

  float* saved = nullptr;       // panels of T * B rows: activated gates after forward, their gradients after
                                // backward (dL/d of what goes into the activation)
  float* state = nullptr;       // lstm: c, panels of (T + 1) * B rows, row r holds c(t-1)
  float* state_out = nullptr;   // lstm: tanh(c(t)), panels of T * B rows
  float* reset_rows = nullptr;  // gru_reset_before: r * h(t-1), [T * B][padded H]

  // Backward only. `transposed` is the recurrent part of the weights by `transpose`.
  const float* transposed = nullptr;
  const float* dh = nullptr;  // [(T - dh_first) * B][padded H]: dL/dh(t) from outside for t >= dh_first
  std::size_t dh_first = 0;
  float* carry =
      nullptr;  // [B][padded H]: part of the gradient that flows past the gates; zeroed by the caller
  float* dh_sum = nullptr;  // [B][padded H]: receives the whole dL/dh(t) of each step in turn; or nullptr
  float* dc_sum = nullptr;  // lstm: the same for dL/dc(t)
};

// The steps [begin, end) of a layer; backward goes from end - 1 down to begin and reads step `end` if end <
// T, where the gate gradients of a sequence that is over must be zero.
struct CellKernels {
  void (*forward)(const LayerPass& pass, std::size_t begin, std::size_t end) = nullptr;
  void (*backward)(const LayerPass& pass, std::size_t begin, std::size_t end) = nullptr;
};

// out[r][c] = init[c] + sum over k < depth of a[r][k] * b[k][c], for c < columns (padded).
struct Product {
  std::size_t rows = 0;
  std::size_t depth = 0;
  std::size_t columns = 0;
  const float* a = nullptr;
  std::size_t a_stride = 0;
  const float* b = nullptr;
  std::size_t b_stride = 0;
  const float* init = nullptr;  // [columns] or nullptr for zero
  float* out = nullptr;
  std::size_t out_stride = 0;
};

// out[k][c] (+)= sum over r < rows of a[r][k] * b[r][c], for k < depth, c < columns (padded).
struct OuterSum {
  std::size_t rows = 0;
  std::size_t depth = 0;
  std::size_t columns = 0;
  const float* a = nullptr;
  std::size_t a_stride = 0;
  const float* b = nullptr;
  std::size_t b_stride = 0;
  float* out = nullptr;
  std::size_t out_stride = 0;
  bool accumulate = false;
};

// out[index[r]][c] += b[r][c] for r < rows in turn, c < columns (padded).
struct ScatterSum {
  std::size_t rows = 0;
  std::size_t columns = 0;
  const std::int32_t* index = nullptr;
  const float* b = nullptr;
  std::size_t b_stride = 0;
  float* out = nullptr;
  std::size_t out_stride = 0;
};

// An outer sum for gates in panels: for every panel, out[k][window of a row] (+)= sum of a[r][k] *
// b[r][window].
struct PanelOuterSum {
  std::size_t first_row = 0;  // rows [first_row, last_row) of a and b
  std::size_t last_row = 0;
  std::size_t depth = 0;
  const float* a = nullptr;  // row 0
  std::size_t a_stride = 0;
  PanelShape b_shape;
  const float* b = nullptr;  // panels of b_rows rows
  std::size_t b_rows = 0;
  Window b_window;
  PanelShape out_shape;
  float* out = nullptr;  // panels of out_rows rows; the sum goes to rows [out_row, out_row + depth)
  std::size_t out_rows = 0;
  std::size_t out_row = 0;
  std::size_t out_gate = 0;  // first gate of the window in `out`
  bool accumulate = false;
};

// Weight rows [first, first + count) transposed: panels of one gate and width 4 over `count` units, whose
// rows are the columns of the weights, panel after panel. Size: `transposed_size`.
struct Transpose {
  PanelShape shape;  // of the weights
  const float* weights = nullptr;
  std::size_t weight_rows = 0;
  std::size_t first = 0;
  std::size_t count = 0;
  float* out = nullptr;
};

inline std::size_t transposed_size(const PanelShape& weights, std::size_t count) {
  return weights.padded() * weights.gates * round_up(count, weights.lanes);
}

// out[r][c] = sum over panels and j in their window of a[r][j] * b[j][c], rows [first_row, last_row): the
// gradients of gates times weights. The window's gates are the gates from `b_gate` on of the weights.
struct PanelProduct {
  std::size_t first_row = 0;
  std::size_t last_row = 0;
  PanelShape shape;          // of a
  const float* a = nullptr;  // panels of a_rows rows
  std::size_t a_rows = 0;
  Window window;
  const float* b = nullptr;  // made by `transpose`
  std::size_t b_gates = 0;   // of the weights
  std::size_t b_gate = 0;
  std::size_t columns = 0;  // real columns of the result
  float* out = nullptr;     // row 0
  std::size_t out_stride = 0;
};

// Loss of `rows` rows of logits y [rows][stride], stride padded. Writes dL/dy = scale * dloss(row)/dy into dy
// [rows][stride] unless it is nullptr (it may be y itself); padded columns of dy become zero.
struct LossPass {
  std::size_t rows = 0;
  std::size_t outputs = 0;
  std::size_t stride = 0;
  const float* y = nullptr;
  const float* targets = nullptr;         // [rows][outputs]: mse, sigmoid
  const std::int32_t* classes = nullptr;  // [rows]: softmax; each in [0, outputs)
  float scale = 1.0F;
  float* dy = nullptr;
};

struct LossSums {
  double loss = 0.0;
  double correct = 0.0;
};

// One step of an optimizer over `count` (padded) numbers; formulas in nn/optimizers.h. Factors that depend on
// the step are computed by the caller in double.
struct UpdatePass {
  std::size_t count = 0;
  float* p = nullptr;
  float* g = nullptr;        // the gradient; only read
  float* first = nullptr;    // momentum, mean of the gradient, or mean of the squared update
  float* second = nullptr;   // mean or sum of the squared gradient
  float scale = 1.0F;        // of the gradient, from clipping
  float lr = 0.0F;           // adam: lr / (1 - beta1^n)
  float momentum = 0.0F;     // sgd, rmsprop
  bool nesterov = false;     // sgd
  float mean_rate = 0.0F;    // adam: 1 - beta1
  float square_keep = 0.0F;  // beta2, rho
  float square_rate = 0.0F;  // 1 - beta2, 1 - rho
  float root_scale = 1.0F;   // adam: 1 / sqrt(1 - beta2^n)
  float eps = 0.0F;
  float weight_decay = 0.0F;  // times p is added to the gradient
  float l1 = 0.0F;            // times the sign of p is added to the gradient
  float shrink = 1.0F;        // of p before the update: 1 - lr * weight_decay if the decay is decoupled
};

// Sums over a strip of numbers, added to what is there.
struct Moments {
  double sum = 0.0;
  double squares = 0.0;
  double max = 0.0;  // of the absolute value, over the finite ones
  std::size_t zeros = 0;
  std::size_t nonfinite = 0;  // these are left out of sum, squares and max
};

inline constexpr std::size_t kMultiplyAddChains = 12;  // latency 4 times two pipes is 8 at least

struct Kernels {
  std::size_t lanes = 1;

  // Cells. Equations: nn/<cell>.cpp.
  CellKernels rnn;
  CellKernels lstm;
  CellKernels gru;
  CellKernels gru_reset_before;

  // Matrix products.
  void (*product)(const Product&) = nullptr;
  void (*outer_sum)(const OuterSum&) = nullptr;
  void (*scatter_sum)(const ScatterSum&) = nullptr;
  void (*panel_outer_sum)(const PanelOuterSum&) = nullptr;
  void (*panel_product)(const PanelProduct&) = nullptr;
  void (*transpose)(const Transpose&) = nullptr;

  // Losses: mse = mean over outputs of (y - t)^2; softmax = -log softmax(y)[class]; sigmoid = sum over
  // outputs of the binary cross-entropy. Loss of a row in float32, sums over rows in double.
  LossSums (*mse_loss)(const LossPass&) = nullptr;
  LossSums (*softmax_loss)(const LossPass&) = nullptr;
  LossSums (*sigmoid_loss)(const LossPass&) = nullptr;

  // Optimizers: the formulas of PyTorch's torch.optim, see nn/optimizers.h.
  void (*sgd)(const UpdatePass&) = nullptr;
  void (*rmsprop)(const UpdatePass&) = nullptr;
  void (*adam)(const UpdatePass&) = nullptr;
  void (*adagrad)(const UpdatePass&) = nullptr;
  void (*adadelta)(const UpdatePass&) = nullptr;

  // Reductions. `count` is padded for the first two; sums in double.
  double (*square_sum)(const float* x, std::size_t count) = nullptr;
  bool (*clip)(float* x, std::size_t count,
               float limit) = nullptr;  // to [-limit, limit]; true if any was outside
  // rows x count numbers at x + row * stride.
  void (*moments)(const float* x, std::size_t rows, std::size_t stride, std::size_t count,
                  Moments& out) = nullptr;

  // Elementary functions over arrays. Largest error in units in the last place: exp 2 for |x| <= 87 (clamped
  // outside); tanh 3; sigmoid 4 + 1.25 |x| for x >= -87 (clamped below), which is below 2e-7 absolute. tanh
  // and sigmoid are the ones that the cells use.
  void (*exp)(const float* x, float* y, std::size_t count) = nullptr;
  void (*tanh)(const float* x, float* y, std::size_t count) = nullptr;
  void (*sigmoid)(const float* x, float* y, std::size_t count) = nullptr;

  // Ceilings of the core, to judge the others by; what they return depends on all the work.
  // rounds * kMultiplyAddChains multiply-adds of whole vectors in registers, in independent chains.
  float (*multiply_adds)(std::size_t rounds) = nullptr;
  // The sum of x, `passes` times over; count is a multiple of 8 * lanes.
  float (*read)(const float* x, std::size_t count, std::size_t passes) = nullptr;
};

// Of the current target; see simd/targets.h. Valid for ever.
const Kernels& kernels();

}  // namespace unroll::simd
