// The layout that all kernels share. The columns of a matrix belong to the gates and units of a layer; they
// are cut into panels, and a panel is stored row after row:
//
//   panel p holds `width` vectors of units (fewer in the last panel); a row of it holds, for each gate in
//   turn, these units: [gate 0: units][gate 1: units]...
//
// LSTM and GRU: width 1, so a row holds all gates of `lanes` units and a register tile sees every gate of a
// unit. RNN, plain matrices and gru_reset_before, whose gates are computed one by one: width 4. Units past
// the last one are padding: zero in parameters, gradients and optimizer state, for ever.
#pragma once

#include <algorithm>
#include <cstddef>

namespace unroll::simd {

inline constexpr std::size_t kTileVectors = 4;  // vectors in a row of a full panel

inline std::size_t round_up(std::size_t n, std::size_t multiple) {
  return (n + multiple - 1) / multiple * multiple;
}

struct PanelShape {
  std::size_t units = 0;  // H, real units
  std::size_t lanes = 1;  // floats in a vector of the target
  std::size_t width = 1;  // vectors of units in a full panel
  std::size_t gates = 1;

  std::size_t padded() const { return round_up(units, lanes); }
  std::size_t panels() const { return (padded() + width * lanes - 1) / (width * lanes); }
  // Units of panel p with and without padding.
  std::size_t lanes_of(std::size_t p) const { return std::min(width * lanes, padded() - p * width * lanes); }
  std::size_t units_of(std::size_t p) const { return std::min(width * lanes, units - p * width * lanes); }
  // Floats in a row of panel p.
  std::size_t columns(std::size_t p) const { return gates * lanes_of(p); }
  // Panels [first, last) alone.
  PanelShape only(std::size_t first, std::size_t last) const {
    const std::size_t begin = first * width * lanes;
    return {std::min(units, last * width * lanes) - begin, lanes, width, gates};
  }
  // Where panel p begins, if every panel has this many rows. Only the last panel may be narrower.
  std::size_t offset(std::size_t p, std::size_t rows) const { return p * width * lanes * gates * rows; }
  std::size_t size(std::size_t rows) const { return padded() * gates * rows; }
};

// Neighbouring gates of a panel.
struct Window {
  std::size_t first = 0;
  std::size_t count = 0;
};

}  // namespace unroll::simd
