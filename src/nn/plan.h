// Where everything of a net lies: sizes and offsets in the one block of memory that a Model owns, known
// without making one. Parameters come first: layer after layer, the reverse direction after the forward one,
// then the head, the embedding and the initial states; gradients and optimizer state repeat this part;
// workspace follows. Letters: simd/kernels.h; F features, what a layer hands on: H, from both directions 2 H.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "nn/cells.h"
#include "nn/config.h"
#include "nn/init.h"
#include "nn/model.h"
#include "nn/optimizers.h"

namespace unroll {

// Hands out consecutive pieces, each on a cache line.
class Carver {
 public:
  std::size_t take(std::size_t floats) {
    const std::size_t at = size_;
    size_ += simd::round_up(floats, 16);
    return at;
  }
  std::size_t size() const { return size_; }

 private:
  std::size_t size_ = 0;
};

// Bytes of the recurrent weights that each step takes; of a large layer more than kLargeBytes.
inline constexpr std::size_t kLargeBytes = std::size_t{1280} * 1024;
std::size_t recurrent_bytes(const CellInfo& cell, std::size_t hidden);

// A parameter in PyTorch's shape and under PyTorch's name.
struct Parameter {
  std::string name;
  ParameterKind kind = ParameterKind::kInputWeight;
  std::size_t layer = 0;  // index into ModelPlan::layers
  std::size_t rows = 0;   // gate after gate of H, or O, V, H
  std::size_t columns = 0;
  std::size_t inputs = 0;  // of the matrix that it is, or that it is the bias of
};

// Real numbers among the parameters: `rows` rows of `count` at `offset`, `stride` apart.
struct Strip {
  std::size_t offset = 0;
  std::size_t rows = 0;
  std::size_t stride = 0;
  std::size_t count = 0;
};

struct Block {
  std::string name;
  std::vector<Strip> strips;
  std::size_t size() const;
};

// One direction of one layer.
struct LayerPlan {
  LayerPlan(const CellInfo& cell, std::size_t input, std::size_t hidden, std::size_t biases,
            std::size_t lanes);

  const CellInfo* cell;
  std::string name;      // "layer0", "layer0_reverse"
  std::size_t input;     // D, of the layer below: its F
  std::size_t hidden;    // H
  std::size_t biases;    // bias rows: 1 or 2
  std::size_t part = 0;  // sequences that a thread takes at least, see simd::LayerPass
  bool one_hot = false;  // x is a code: the rows hold none
  simd::PanelShape saved;
  simd::PanelShape weights;
  std::size_t weight_rows;     // H recurrent, D input, then bias_ih and bias_hh
  std::size_t input_offset;    // column of x in a row [h, x, 1]
  std::size_t one_offset = 0;  // column of the one
  std::size_t row_stride = 0;
  std::size_t parameters = 0;  // offset of the first one; size weights.size(weight_rows)
  bool learned_start = false;
  std::size_t initial_h = 0;  // [padded H]
  std::size_t initial_c = 0;

  // Offsets in the workspace.
  std::size_t rows = 0;
  std::size_t bias = 0;
  std::size_t saved_gates = 0;
  std::size_t state = 0;
  std::size_t state_out = 0;
  std::size_t reset_rows = 0;
  std::size_t transposed = 0;
  std::size_t transposed_input = 0;
  std::size_t dh = 0;
  std::size_t carry = 0;
  std::size_t dh_start = 0;  // [B][padded H]: dL/dh before the first step
  bool has_above = false;    // the kernel writes h a second time, into the rows of the layer above
  std::size_t above = 0;     // its x of row 0
  std::size_t above_stride = 0;
  bool has_dx = false;  // dL/dx is wanted
  std::size_t dx = 0;   // [T * B][dx_stride]; of layers that write into each other, the dh below
  std::size_t dx_stride = 0;

  // Takes the workspace for T x B; dh_steps: steps that receive a gradient from above. whole_vectors: the
  // layer below writes x in whole vectors.
  void take_workspace(Carver& carver, std::size_t steps, std::size_t batch, std::size_t dh_steps,
                      bool whole_vectors);
  // Offset of element (row, column) of a logical parameter.
  std::size_t index(ParameterKind kind, std::size_t row, std::size_t column) const;
  std::vector<Block> blocks() const;
};

// The dense head: weights [O][padded F], then the bias [padded O].
struct HeadPlan {
  std::size_t outputs = 0;   // O
  std::size_t features = 0;  // F
  std::size_t padded_outputs = 0;
  std::size_t padded_features = 0;
  std::size_t parameters = 0;
  std::size_t transposed = 0;  // [F][padded O]
  std::size_t logits = 0;      // [S * B][padded O]
  // Rows [features, ...] with a one at `one_offset`: those of the top layer, or copies of the scored ones.
  std::size_t rows = 0;
  std::size_t row_stride = 0;
  std::size_t one_offset = 0;
  std::size_t dfeatures = 0;  // [S * B][padded F]: of layers that it reads in place, their dh
  std::size_t targets = 0;    // [S * B][O]: those of valid steps, if sequences end early

  std::size_t bias() const { return parameters + outputs * padded_features; }
  std::size_t index(ParameterKind kind, std::size_t row, std::size_t column) const;
};

// The table that codes are read through: [V][padded E].
struct EmbeddingPlan {
  std::size_t symbols = 0;  // V; 0 = there is none
  std::size_t width = 0;    // E
  std::size_t padded = 0;
  std::size_t parameters = 0;
};

struct ModelPlan {
  // Throws UsageError for unknown names.
  ModelPlan(const ModelConfig& config, const ModelShape& shape, OptimizerState state, std::size_t lanes);

  ModelShape shape;
  std::size_t directions = 1;
  std::size_t levels = 1;  // L
  // Layers write into each other where nothing lies between: else what they hand on is copied.
  bool copied = false;
  // So many recurrent weights that batches are cut into wide slices only: threads take sequences of a slice
  // then, else slices.
  bool large = false;
  bool gathered = false;          // the head reads copies of the scored rows
  std::vector<LayerPlan> layers;  // [level][direction]
  HeadPlan head;
  EmbeddingPlan embedding;
  std::size_t parameter_floats = 0;  // with padding
  std::size_t gradients = 0;
  std::size_t first_state = 0;
  std::size_t second_state = 0;
  std::size_t hidden_norms = 0;    // [B][padded H], scratch of the probe of dL/dh
  std::size_t cell_norms = 0;      // the same for dL/dc, of cells with a state
  std::vector<std::size_t> masks;  // [level]: of dropout, [T * B][F], of the top one [S * B][F]; or empty
  std::size_t floats = 0;          // of the whole block of memory
  std::size_t codes = 0;           // numbers of codes and of classes besides, see Stack and Readout

  std::size_t scored_steps() const { return shape.every_step ? shape.seq_len : 1; }
  // Steps of the top layers that have a row in their dh.
  std::size_t top_steps() const { return shape.every_step || shape.lengths ? shape.seq_len : 1; }
  const LayerPlan& layer(std::size_t level, std::size_t direction) const {
    return layers[level * directions + direction];
  }
  std::vector<Parameter> parameters() const;
  std::vector<Block> blocks() const;
  std::size_t index(const Parameter& parameter, std::size_t row, std::size_t column) const;

 private:
  void take_parameters(Carver& carver, const ModelConfig& config, std::size_t lanes);
  void take_workspace(Carver& carver, const ModelConfig& config);
};

}  // namespace unroll
