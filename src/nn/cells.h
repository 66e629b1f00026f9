// The table of cells. To add one: a file here with its equations and its row, its kernels in simd/, and its
// line in cells.cpp. The name is the value of `model.cell`.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "simd/kernels.h"

namespace unroll {

struct CellInfo {
  std::string_view name;
  std::string_view description;
  std::string_view source;  // paper
  // Gates in PyTorch's order: the row blocks of weight_ih, and the names in parameter blocks.
  std::vector<std::string_view> gates;
  std::vector<std::string_view>
      activations;                         // values of `model.activation`, first = default; empty: no choice
  std::optional<std::size_t> forget_gate;  // the gate that `model.forget_bias` is about
  bool separate_biases = false;            // bias_ih and bias_hh are not just a sum: a net always has both

  // Layout of the kernels, see simd/panels.h. A row of weights holds all gates; the order of input rows and
  // of recurrent rows may differ. Each feeds a window of the saved gates, column by column.
  std::size_t panel_width = 1;
  // Sequences that fill the kernels' register tiles: a thread takes so many, or more.
  std::size_t tile_rows = 6;
  std::size_t saved_gates = 0;
  std::vector<std::size_t> input_columns;      // where gate g lies in an input row
  std::vector<std::size_t> recurrent_columns;  // and in a recurrent row
  simd::Window input_window;
  simd::Window recurrent_window;
  std::size_t reset_gates = 0;  // so many last gates of a recurrent row multiply r * h instead of h
  bool has_state = false;       // keeps c beside h
  // What gate g is after the forward pass, and where it lies in a row of `saved`. Both empty: the only gate
  // is h itself, and its function is `model.activation`.
  std::vector<simd::Activation> gate_functions;
  std::vector<std::size_t> saved_columns;
  simd::CellKernels simd::Kernels::*kernels = nullptr;

  std::size_t weight_gates() const { return input_columns.size(); }
};

// The name under which the saved tanh(c) of a cell with a state stands among the gates in statistics.
inline constexpr std::string_view kStateGate = "c";

std::span<const CellInfo> cells();
// nullptr if there is none of this name.
const CellInfo* find_cell(std::string_view name);

// The rows of the table, each in its file.
CellInfo rnn_cell();
CellInfo lstm_cell();
CellInfo gru_cell();
CellInfo gru_reset_before_cell();

// The activation of a cell that has the choice, by its name; tanh of the others. Throws UsageError for an
// unknown one.
simd::Activation activation_of(const CellInfo& cell, std::string_view name);

// Floating-point operations of the products of one step of one sequence, forward: 2 G H (D + H).
double cell_flops(const CellInfo& cell, std::size_t input, std::size_t hidden);

}  // namespace unroll
