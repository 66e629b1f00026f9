// What one finished run leaves behind: plain data, made by the trainer, written by store.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "train/metrics.h"

namespace unroll {

// Values are those of `state` in HDF5 and in the journal: never renumber.
enum class RunState : std::uint8_t { kMissing = 0, kDone = 1, kDiverged = 2, kFailed = 3, kPruned = 4 };

std::string_view state_name(RunState state);

// A parameter that a run keeps, in PyTorch's layout: a matrix [rows, columns], or a vector (columns 0).
struct KeptParameter {
  std::string name;  // "weight_ih_l0"
  std::uint32_t rows = 0;
  std::uint32_t columns = 0;
  std::vector<float> values;

  std::size_t size() const { return std::size_t{rows} * (columns == 0 ? 1 : columns); }
  bool operator==(const KeptParameter&) const = default;
  template <typename Archive>
  void transfer(Archive& archive) {
    archive(name, rows, columns, values);
  }
};

struct RunRecord {
  RunState state = RunState::kMissing;
  std::string message;               // why it failed or diverged; empty otherwise
  std::uint32_t epochs = 0;          // epochs trained, the finite prefix of a diverged run; the axis `epoch`
  std::vector<std::string> blocks;   // names, the axis `block`
  std::vector<std::string> classes;  // names, the axes `class` and `predicted`
  // Lengths of the other axes of this run's arrays, by Dim; 0 = no array has it.
  std::array<std::uint32_t, static_cast<std::size_t>(Dim::kCount)> lengths{};
  // One array for each row of the metric table, row-major over its dims; empty = not recorded.
  std::array<std::vector<double>, static_cast<std::size_t>(Metric::kCount)> values;
  std::string sample;                  // text that the net wrote after training, UTF-8; empty if none
  std::vector<KeptParameter> weights;  // of a run that is done; empty unless record.weights asks for them

  std::vector<double>& operator[](Metric m) { return values[static_cast<std::size_t>(m)]; }
  const std::vector<double>& operator[](Metric m) const { return values[static_cast<std::size_t>(m)]; }
  // Length of any axis in this run.
  std::size_t length(Dim dim) const;
  const std::vector<std::string>& names(NameList list) const;
  std::vector<std::string>& names(NameList list);
  // Requires: neither `epoch` nor an axis of own names, whose lengths follow from the fields above.
  void set_length(Dim dim, std::size_t length);
};

}  // namespace unroll
