#include "nn/cells.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/error.h"

namespace unroll {

std::span<const CellInfo> cells() {
  static const std::array<CellInfo, 4> table = {rnn_cell(), lstm_cell(), gru_cell(), gru_reset_before_cell()};
  return table;
}

const CellInfo* find_cell(std::string_view name) {
  for (const CellInfo& cell : cells()) {
    if (cell.name == name) return &cell;
  }
  return nullptr;
}

simd::Activation activation_of(const CellInfo& cell, std::string_view name) {
  if (cell.activations.empty()) return simd::Activation::kTanh;
  const auto at = std::find(cell.activations.begin(), cell.activations.end(), name);
  if (at == cell.activations.end()) {
    throw UsageError("model.activation", "'" + std::string(name) + "' is not known",
                     "one of: tanh, relu, sigmoid");
  }
  return static_cast<simd::Activation>(at - cell.activations.begin());
}

double cell_flops(const CellInfo& cell, std::size_t input, std::size_t hidden) {
  return 2.0 * static_cast<double>(cell.gates.size()) * static_cast<double>(hidden) *
         static_cast<double>(input + hidden);
}

}  // namespace unroll
