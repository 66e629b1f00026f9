// The data that a run trains on: three parts, each a block of rows and the places where its sequences
// start. A dataset is immutable once made; a run reads it through batches (batches.h).
// Letters: N sequences, T time steps, D inputs, O outputs, V symbols.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace unroll {

// What the dense head is trained for. One word in YAML, HDF5 and reports.
enum class Loss {
  kMse,      // mean squared error; targets are O values
  kSoftmax,  // softmax cross-entropy in nats; targets are one class of O
  kSigmoid,  // sigmoid cross-entropy in nats, summed over outputs; targets are O bits
};

// Sequences of T steps. Windows that overlap share their rows: sequence n is the rows
// start[n] .. start[n] + T - 1 of `inputs`, or of `codes` where the inputs are symbols. A sequence that is
// shorter than T owns T rows all the same; those past its end are zero and mean nothing, nor do their
// targets.
struct Part {
  std::vector<float> inputs;                // [rows, D], empty for symbols
  std::vector<std::uint32_t> start;         // [N] first input row of each sequence
  std::vector<float> targets;               // [target rows, O], empty for kSoftmax
  std::vector<std::int32_t> classes;        // [target rows], only for kSoftmax
  std::vector<std::uint32_t> target_start;  // [N] first target row; T rows if every_step, else 1
  std::vector<std::int32_t> codes = {};     // [rows] in [0, V), only for symbols
  std::vector<std::uint32_t> length = {};   // [N] valid steps, 1 .. T; empty = T for all

  std::size_t size() const { return start.size(); }
};

// The loss that needs no learning: what `compare`, tables and plots show beside every result.
struct Chance {
  double valid = 0.0;  // in the unit of valid_loss
  double test = 0.0;   // in the unit of test_loss
  std::string rule;    // how it comes about, for example "always predict the mean of the target"
  // Share of right answers of the likeliest class, or bits; NaN for kMse.
  double valid_accuracy = std::numeric_limits<double>::quiet_NaN();
  double test_accuracy = std::numeric_limits<double>::quiet_NaN();
};

struct Dataset {
  std::size_t seq_len = 0;      // T
  std::size_t input_size = 0;   // D; V for symbols, which a net may read one-hot
  std::size_t output_size = 0;  // O
  Loss loss = Loss::kMse;
  bool every_step = false;  // targets at every step (many-to-many) or after the last one (many-to-one)
  Part train;
  Part valid;
  Part test;
  Chance chance;
  std::size_t symbols = 0;              // V: inputs are one of V symbols; 0 = they are numbers
  std::vector<char32_t> alphabet = {};  // [V] the character of each symbol, if they are characters
  std::vector<std::string> class_names =
      {};                // [O] of the classes of sequences or steps; empty if they have none
  bool carried = false;  // sequence n + 1 goes on where n ends, and so does the state of the net
};

}  // namespace unroll
