#include "train/gate_statistics.h"

#include <algorithm>

namespace unroll {

const std::vector<std::string_view>& gate_names() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all;
    for (const CellInfo& cell : cells()) {
      for (const std::string_view gate : cell.gates) {
        if (std::find(all.begin(), all.end(), gate) == all.end()) all.push_back(gate);
      }
    }
    all.push_back(kStateGate);
    return all;
  }();
  return names;
}

std::size_t gate_place(const CellInfo& cell, std::size_t gate) {
  const std::string_view name = gate < cell.gates.size() ? cell.gates[gate] : kStateGate;
  const std::vector<std::string_view>& names = gate_names();
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

simd::Activation gate_function(const CellInfo& cell, std::size_t gate, std::string_view activation) {
  if (gate >= cell.gates.size()) return simd::Activation::kTanh;
  if (!cell.gate_functions.empty()) return cell.gate_functions[gate];
  return activation_of(cell, activation);
}

void GateStatistics::add(std::span<const float> values) {
  const bool is_tanh = function_ == simd::Activation::kTanh;
  const bool is_relu = function_ == simd::Activation::kRelu;
  const double low = is_tanh ? -1.0 : 0.0;
  const double bins_per_unit = static_cast<double>(kGateBins) / (1.0 - low);
  for (const float value : values) {
    const double x = value;
    sum_ += x;
    if (is_relu ? x <= 0.0 : x < low + kSaturatedMargin || x > 1.0 - kSaturatedMargin) ++saturated_;
    // A NaN falls into the first bin.
    const double bin = std::min(std::max(0.0, (x - low) * bins_per_unit), static_cast<double>(kGateBins - 1));
    ++bins_[static_cast<std::size_t>(bin)];
  }
  count_ += values.size();
}

}  // namespace unroll
