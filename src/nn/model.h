// A recurrent net: L stacked layers, of one or both directions, and a dense head, trained by backpropagation
// through time.
// Parameters, gradients, optimizer state and workspace live in one Model in the layout of the kernels;
// names and logical order (PyTorch's) appear only in `parameter` and `blocks`.
// Shapes: batches are time-major [T, B, *]. Numerics: float32, losses summed in double; the same inputs
// give the same bits on one instruction set. Nothing is allocated inside a step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/archive.h"
#include "base/idle_workers.h"
#include "base/rng.h"
#include "nn/config.h"

namespace unroll {

// Mirrors data's Loss; nn does not include data.
enum class HeadLoss { kMse, kSoftmax, kSigmoid };

struct ModelShape {
  std::size_t input_size = 0;   // D; of symbols V, or E with an embedding
  std::size_t output_size = 0;  // O
  std::size_t seq_len = 0;      // longest T
  std::size_t max_batch = 0;    // widest B, of training and evaluation
  HeadLoss loss = HeadLoss::kMse;
  bool every_step = false;  // dense head on every step, or on the last
  std::size_t symbols = 0;  // V: the inputs are codes; 0 = numbers
  bool lengths = false;     // sequences may end before T
  bool carried = false;     // a batch may go on where the one before ended; not together with lengths
};

// One batch, as BatchView of data/batches.h. A sequence that ends early keeps its state from there on; its
// loss is that of its valid steps, or of its last valid step.
struct ModelBatch {
  std::size_t batch = 0;
  std::size_t seq_len = 0;
  const float* inputs = nullptr;        // [T, B, D], or
  const std::int32_t* codes = nullptr;  // [T, B], each in [0, V)
  const float* targets = nullptr;
  const std::int32_t* classes = nullptr;
  const std::uint32_t* lengths = nullptr;  // [B], each in [1, T]; nullptr = all T
  bool continues = false;                  // starts from the state after the batch before; B may be smaller
  std::uint32_t step = 0;                  // training step of the run: what dropout is drawn for
  std::size_t first = 0;                   // of a slice: the place of its first sequence in its batch
};

// Floating-point operations; multiply and add count as two.
struct ModelFlops {
  double forward = 0.0;
  double step = 0.0;  // of training: forward and backward
};

// What a forward pass measured, as sums: divide by `count` for the mean.
struct BatchLoss {
  double loss = 0.0;      // sum over scored steps of the loss (kMse: mean over O; kSigmoid: sum over O)
  double correct = 0.0;   // scored steps whose arg max (kSoftmax) or all bits (kSigmoid) are right
  std::size_t count = 0;  // scored steps: B or B * T
};

// A piece of the parameters that gradient statistics are kept for: layer x gate x input|recurrent|bias,
// the head, the embedding, or an initial state. Names like "layer0.i.input", "layer1_reverse.n.bias",
// "head.weight", "embedding.weight", "layer0.initial_h".
struct ParameterBlock {
  std::string name;
  std::size_t size = 0;
};

struct BlockStatistics {
  double l2 = 0.0;
  double mean = 0.0;
  double std = 0.0;
  double max = 0.0;        // largest absolute value
  double zeros = 0.0;      // share of exact zeros
  double nonfinite = 0.0;  // share of NaN and infinity
};

// A parameter as PyTorch has it: a matrix, or a vector (columns 0).
struct ParameterShape {
  std::string name;
  std::size_t rows = 0;
  std::size_t columns = 0;
};

// For the states s = h and c of each layer: root of the mean of |dl_b/ds_b|^2, lag = 0 .. T - 1 steps before
// the last valid one, over the sequences longer than lag; NaN if there is none. Of a bidirectional layer: of
// its forward direction. Layer-major [L][T].
struct StateNorms {
  std::vector<double> hidden;
  std::vector<double> cell;  // empty if the cell has no c
};

using GateVisitor = std::function<void(std::size_t layer, std::size_t gate, std::span<const float> values)>;

// What one optimizer step did.
struct StepReport {
  double grad_norm = 0.0;  // global l2 before any clipping
  bool clipped = false;
  bool finite = true;  // false: the gradient is not finite and nothing was changed
};

class Model {
 public:
  // Draws the initial parameters from `seed`, Purpose::kInit, and dropout from Purpose::kDropout. Throws
  // UsageError for unknown names.
  Model(const ModelConfig& config, const OptimizerConfig& optimizer, const ModelShape& shape, Seed seed);
  ~Model();
  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;

  std::size_t parameters() const;  // trainable numbers, each counted once

  // Loss of a batch, without dropout; nothing is kept for a backward pass. idle: workers to share a wide
  // batch with, in more memory; the bits stay the same.
  BatchLoss evaluate(const ModelBatch& batch, IdleWorkers* idle = nullptr);
  // Loss and the gradient of its mean over the batch (sum / count). A state that is carried on is a constant.
  BatchLoss gradient(const ModelBatch& batch, IdleWorkers* idle = nullptr);
  // Clips the gradient and updates the parameters.
  StepReport step(double lr);

  // Of the gradient of the last `gradient` call.
  std::vector<ParameterBlock> blocks() const;
  std::vector<BlockStatistics> block_statistics() const;

  // Where l_b is the loss of the last valid step of sequence b alone. Without dropout. Leaves parameters and
  // optimizer alone, overwrites the gradient; so does the next one.
  StateNorms state_gradient_norms(const ModelBatch& batch);
  // The same with a random unit vector for each sequence, drawn from `seed`, in place of what the head sends
  // back: how the product of the Jacobians of the steps grows.
  StateNorms random_direction_norms(const ModelBatch& batch, Seed seed);
  // Calls visit for pieces of the activated gates of every layer over a batch, in the order of the cell's
  // gates and then tanh(c) where there is a c; of a bidirectional layer of its forward direction.
  void visit_gates(const ModelBatch& batch, const GateVisitor& visit);

  // |p - before| / |before| of every block, `before` from save(); NaN where before is zero.
  std::vector<double> update_ratios(const std::vector<float>& before) const;
  // l2 of the whole gradient of the last `gradient` call.
  double gradient_norm() const;

  // Outputs of the head before the loss's nonlinearity, [S, B, O]; without steps past the end of a sequence.
  std::vector<float> predict(const ModelBatch& batch);

  // Parameters and their last gradients in logical order and PyTorch's layout, by PyTorch's names
  // ("weight_ih_l0" [G*H, D], "weight_hh_l0" [G*H, H], "bias_ih_l0", "bias_hh_l0" where the cell has one,
  // the same with "_reverse", "head.weight" [O, F], "head.bias" [O], F = H or, from both directions, 2 H;
  // "embedding.weight" [V, E]; "initial_h_l0" [H], "initial_c_l0").
  std::vector<std::string> parameter_names() const;
  std::vector<ParameterShape> parameter_shapes() const;
  std::vector<float> parameter(const std::string& name) const;
  std::vector<float> parameter_gradient(const std::string& name) const;
  void set_parameter(const std::string& name, std::span<const float> values);
  // All parameters as they lie in memory, to keep and to bring back within one run.
  void save(std::vector<float>& to) const;
  void load(const std::vector<float>& from);
  // Everything that the next batch depends on: parameters and the optimizer's state. What is loaded into a
  // model of other settings, or on another instruction set, fails.
  void transfer(Saver& archive);
  void transfer(Loader& archive);

  // Bytes that a Model of these settings will hold, and operations for sequences that have so many steps
  // together. Known without making one.
  static std::size_t bytes(const ModelConfig& config, const OptimizerConfig& optimizer,
                           const ModelShape& shape);
  static std::size_t parameters(const ModelConfig& config, const ModelShape& shape);
  static std::size_t block_count(const ModelConfig& config, const ModelShape& shape);
  static ModelFlops flops(const ModelConfig& config, const ModelShape& shape, double sequences, double steps);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace unroll
