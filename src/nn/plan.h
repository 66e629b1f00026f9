// Where everything of a net lies: sizes and offsets in the one block of memory that a Model owns, known
// without making one. Parameters come first, layer after layer, then the head; gradients and optimizer state
// repeat this part; workspace follows. Letters: simd/kernels.h.
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

// A parameter in PyTorch's shape and under PyTorch's name.
struct Parameter {
  std::string name;
  ParameterKind kind = ParameterKind::kInputWeight;
  std::size_t layer = 0;
  std::size_t rows = 0;  // gate after gate of H, or O
  std::size_t columns = 0;
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

struct LayerPlan {
  LayerPlan(const CellInfo& cell, std::size_t input, std::size_t hidden, std::size_t biases,
            std::size_t lanes);

  const CellInfo* cell;
  std::size_t input;   // D, of the layer below: its H
  std::size_t hidden;  // H
  std::size_t biases;  // bias rows: 1 or 2
  simd::PanelShape saved;
  simd::PanelShape weights;
  std::size_t weight_rows;     // H recurrent, D input, then bias_ih and bias_hh
  std::size_t input_offset;    // column of x in a row [h, x, 1]
  std::size_t one_offset = 0;  // column of the one
  std::size_t row_stride = 0;
  std::size_t parameters = 0;  // offset of the first one; size weights.size(weight_rows)

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

  // Takes the workspace for T x B; dh_steps: steps that receive a gradient from above.
  void take_workspace(Carver& carver, std::size_t steps, std::size_t batch, std::size_t dh_steps,
                      bool lowest);
  // Offset of element (row, column) of a logical parameter.
  std::size_t index(ParameterKind kind, std::size_t row, std::size_t column) const;
  std::vector<Block> blocks(std::size_t layer) const;
};

// The dense head: weights [O][padded H], then the bias [padded O].
struct HeadPlan {
  std::size_t outputs = 0;  // O
  std::size_t hidden = 0;   // H
  std::size_t padded_outputs = 0;
  std::size_t padded_hidden = 0;
  std::size_t parameters = 0;
  std::size_t transposed = 0;  // [H][padded O]
  std::size_t logits = 0;      // [S * B][padded O]

  std::size_t bias() const { return parameters + outputs * padded_hidden; }
  std::size_t index(ParameterKind kind, std::size_t row, std::size_t column) const;
};

struct ModelPlan {
  // Throws UsageError for unknown names.
  ModelPlan(const ModelConfig& config, const ModelShape& shape, OptimizerState state, std::size_t lanes);

  ModelShape shape;
  std::vector<LayerPlan> layers;
  HeadPlan head;
  std::size_t parameter_floats = 0;  // with padding
  std::size_t gradients = 0;
  std::size_t first_state = 0;
  std::size_t second_state = 0;
  std::size_t hidden_norms = 0;  // [B][padded H], scratch of the probe
  std::size_t floats = 0;        // of the whole block of memory

  std::size_t scored_steps() const { return shape.every_step ? shape.seq_len : 1; }
  std::vector<Parameter> parameters() const;
  std::vector<Block> blocks() const;
  std::size_t index(const Parameter& parameter, std::size_t row, std::size_t column) const;
};

}  // namespace unroll
