// The settings of a sweep as a table: one column for each swept key, one row for each combination.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sweep/spec.h"

namespace unroll {

// In a cell: the fixed value of the key, or its default if there is none.
inline constexpr std::uint32_t kFixedValue = 0xFFFFFFFF;
// In a cell: the run does not read the key, which keeps its default.
inline constexpr std::uint32_t kUnusedKey = 0xFFFFFFFE;

// Runs of a plan, whatever its sweep.run_cap.
inline constexpr double kMaxCombinations = 1e7;

struct Column {
  const KeyInfo* key = nullptr;
  Mark mark;
  std::string zip;              // name of the zip that it belongs to, or ""
  std::vector<Located> values;  // a cell is an index into these
};

class Combinations {
 public:
  std::vector<Column> columns;
  std::string factors;  // where their number comes from: "3 cell x 4 hidden x 10 seeds"

  std::size_t size() const { return rows_; }
  std::span<const std::uint32_t> row(std::size_t i) const {
    return std::span(cells_).subspan(i * columns.size(), columns.size());
  }
  std::span<std::uint32_t> row(std::size_t i) {
    return std::span(cells_).subspan(i * columns.size(), columns.size());
  }
  void add(std::span<const std::uint32_t> cells) {
    cells_.insert(cells_.end(), cells.begin(), cells.end());
    ++rows_;
  }
  // Keeps the rows for which keep[i].
  void filter(const std::vector<bool>& keep);
  // Sets the values of row `i`, and the defaults of what it then does not read.
  void apply(std::size_t i, Experiment& experiment) const;
  // The value of a cell; nullptr if it stands for a fixed or an unused one.
  const Located* value(std::size_t i, std::size_t column) const {
    const std::uint32_t cell = row(i)[column];
    return cell == kFixedValue || cell == kUnusedKey ? nullptr : &columns[column].values[cell];
  }

 private:
  std::size_t rows_ = 0;
  std::vector<std::uint32_t> cells_;
};

// Expands a spec: the axes by the strategy, less `exclude`, plus `include`. Reports what cannot be.
// The rows are not yet checked as runs: several may be the same one, so they may be more than sweep.run_cap.
Combinations expand(Diagnostics& diagnostics, const Spec& spec);

// Reports that there are more runs than sweep.run_cap; `most`: they are no more than so many.
void report_too_many(Diagnostics& diagnostics, const Spec& spec, const Combinations& table, double most);

}  // namespace unroll
