// The table of initialisers. To add one: one function and one row in init.cpp. The name is the value of
// `model.init`. H hidden, D inputs of the layer, G gates, O outputs.
//
//   torch   every number of every layer, and of the head, from U(-1/sqrt(H), 1/sqrt(H)); two biases
//           (PyTorch: nn.RNN, nn.LSTM, nn.GRU, nn.Linear)
//   keras   input weights Glorot uniform over all gates together: U(-a, a), a = sqrt(6 / (D + G H));
//           recurrent weights orthogonal over all gates together: [G H, H] with U^T U = 1; biases 0, the
//           forget gate's 1; head Glorot uniform, a = sqrt(6 / (H + O)); one bias, for `gru` two
//           (Keras: glorot_uniform, orthogonal, unit_forget_bias)
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
  kHeadBias
};

struct InitContext {
  ParameterKind kind = ParameterKind::kInputWeight;
  std::size_t rows = 0;     // G * H, or O
  std::size_t columns = 0;  // D, H, or 1
  std::size_t hidden = 0;   // H
  const CellInfo* cell = nullptr;
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
