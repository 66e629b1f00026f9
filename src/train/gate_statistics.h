// How open the gates of a net are, and how many of its activations lie at the ends of their range, where
// their derivative is nearly zero.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "nn/cells.h"
#include "simd/kernels.h"

namespace unroll {

inline constexpr std::size_t kGateBins = 20;
// Saturated: within this of an end of the range, (0, 1) of sigmoid and (-1, 1) of tanh; of relu: at zero.
// Source: Karpathy, Johnson, Li, Visualizing and understanding recurrent networks, arXiv 1506.02078, 2015.
inline constexpr double kSaturatedMargin = 0.1;

// Every gate of the table of cells, each name once, then kStateGate: the places of the axis `gate`.
const std::vector<std::string_view>& gate_names();
// Where gate g of a cell stands there; g = cell.gates.size() is the state.
std::size_t gate_place(const CellInfo& cell, std::size_t gate);

// What it does to its input; activation: value of `model.activation`, of cells that have the choice.
simd::Activation gate_function(const CellInfo& cell, std::size_t gate, std::string_view activation);

class GateStatistics {
 public:
  explicit GateStatistics(simd::Activation function) : function_(function) {}
  void add(std::span<const float> values);

  // All NaN before the first value.
  double mean() const { return sum_ / static_cast<double>(count_); }
  double saturated() const { return static_cast<double>(saturated_) / static_cast<double>(count_); }
  // Share of the values in each of kGateBins equal parts of the range, relu's being (0, 1) and more.
  double share(std::size_t bin) const {
    return static_cast<double>(bins_[bin]) / static_cast<double>(count_);
  }

 private:
  simd::Activation function_;
  std::size_t count_ = 0;
  std::size_t saturated_ = 0;
  double sum_ = 0.0;
  std::array<std::size_t, kGateBins> bins_{};
};

}  // namespace unroll
