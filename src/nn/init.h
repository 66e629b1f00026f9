// The table of initialisers. To add one: one function and one row in init.cpp. The name is the value of
// `model.init`. H hidden, D inputs of the layer, G gates, O outputs.
//
//   torch   every number of every layer, and of the head, from U(-1/sqrt(H), 1/sqrt(H)); two biases
//           (PyTorch: nn.RNN, nn.LSTM, nn.GRU, nn.Linear)
//   keras   input weights Glorot uniform over all gates together: U(-a, a), a = sqrt(6 / (D + G H));
//           recurrent weights orthogonal over all gates together: [G H, H] with U^T U = 1; biases 0, the
//           forget gate's 1; head Glorot uniform, a = sqrt(6 / (H + O)); one bias, for `gru` two
//           (Keras: glorot_uniform, orthogonal, unit_forget_bias)
//   xavier_uniform, xavier_normal   each gate's weights [H, D] and [H, H], and the head's [O, H], with
//           variance 2 / (rows + columns) (Glorot, Bengio, 2010)
//   he_uniform, he_normal           the same with variance 2 / columns (He et al., 2015)
//   lecun_uniform, lecun_normal     the same with variance 1 / columns (LeCun et al., 1998)
//   orthogonal   each gate's recurrent weights orthogonal (Saxe et al., 2014), the others as xavier_uniform
//   identity     each gate's recurrent weights the identity, the others normal with standard deviation 0.001
//           (the IRNN of Le, Jaitly, Hinton, 2015, with `rnn` and relu)
//
// From xavier_uniform on biases are 0, the forget gate's too, and a gate has one, for `gru` two. The rows of
// an embedding are standard normal, for `keras` U(-0.05, 0.05). A learned initial state starts from 0.
//
// Two biases of a gate receive the same gradient and the same update, so their sum moves twice as far as one
// bias would: the preset decides how many there are, and each is a parameter of its own.
// What is drawn depends on the seed and the parameter's name, not on the instruction set.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "base/rng.h"
#include "nn/cells.h"

namespace unroll {

enum class ParameterKind {
  kInputWeight,
  kRecurrentWeight,
  kInputBias,
  kRecurrentBias,
  kHeadWeight,
  kHeadBias,
  kEmbedding,
  kInitialHidden,
  kInitialState
};

struct InitContext {
  ParameterKind kind = ParameterKind::kInputWeight;
  std::size_t rows = 0;     // G * H, or O
  std::size_t columns = 0;  // D, H, or 1
  std::size_t inputs = 0;   // of the matrix that it is, or that it is the bias of
  std::size_t hidden = 0;   // H
  const CellInfo* cell = nullptr;

  bool is_bias() const {
    return kind == ParameterKind::kInputBias || kind == ParameterKind::kRecurrentBias ||
           kind == ParameterKind::kHeadBias;
  }
  // Rows of one gate: H, or O.
  std::size_t gate_rows() const { return kind == ParameterKind::kHeadWeight ? rows : hidden; }
};

struct InitInfo {
  std::string_view name;
  std::string_view description;
  std::size_t biases = 2;  // of a gate that needs only one
  // Fills a parameter, row-major [rows, columns].
  void (*fill)(const InitContext& context, Rng& rng, std::span<float> values) = nullptr;
};

std::span<const InitInfo> initialisers();

// Sets one gate's part of a bias [G * H].
void fill_gate(const InitContext& context, std::size_t gate, float value, std::span<float> values);

}  // namespace unroll
