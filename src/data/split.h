// How the items of a file (rows, windows or whole sequences) are divided into training, validation and test
// part, once or as one of k folds of cross-validation. Key `task.split`:
//   time      the order of the file: training, then validation, then test. Folds: all but the test part is
//   cut
//             into k + 1 blocks; fold f validates on block f + 1 and trains on the blocks before it, never on
//             what comes later (expanding window, Hyndman and Athanasopoulos, Forecasting, section 5.10).
//   shuffled  an order drawn from the seed, then as above; but folds are k blocks, and fold f validates on
//             block f and trains on all the others.
// The test part is the same in every fold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/index_range.h"
#include "base/rng.h"
#include "data/task.h"

namespace unroll {

// Positions of n items in their order: training is [0, valid.first) and [valid.end, train_end).
struct Cut {
  IndexRange valid;
  IndexRange test;
  std::size_t train_end = 0;

  std::size_t train_size() const { return valid.first + (train_end - valid.end); }
  // The positions of the training part.
  std::vector<std::size_t> train() const;
};

// spare: items at the start that no part may hold (the first rows of a series have no window).
// Requires: check_cut(config).
Cut cut(const TaskConfig& config, std::size_t items, std::size_t spare = 0);

// Refuses shares and folds that make no sense; by itself, and for so many items, of which `what` says what
// they are ("sequences").
void check_split_keys(const TaskConfig& config);
void check_cut(const TaskConfig& config, std::size_t items, const char* what);

// The item at each position. `groups`: a number for each item; in a shuffled order each group is spread
// evenly, so that every part has its share of each (stratified). Empty = one group.
std::vector<std::uint32_t> item_order(const TaskConfig& config, Seed seed, std::size_t items,
                                      std::span<const std::int32_t> groups = {});

// The items at some positions of an order.
std::vector<std::uint32_t> items_at(const std::vector<std::uint32_t>& order,
                                    const std::vector<std::size_t>& positions);
std::vector<std::uint32_t> items_at(const std::vector<std::uint32_t>& order, IndexRange range);

}  // namespace unroll
