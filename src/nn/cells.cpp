#include "nn/cells.h"

#include <array>

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

double cell_flops(const CellInfo& cell, std::size_t input, std::size_t hidden) {
  return 2.0 * static_cast<double>(cell.gates.size()) * static_cast<double>(hidden) *
         static_cast<double>(input + hidden);
}

}  // namespace unroll
