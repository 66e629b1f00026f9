// Consecutive indices.
#pragma once

#include <cstddef>

namespace unroll {

// [first, end)
struct IndexRange {
  std::size_t first = 0;
  std::size_t end = 0;
  std::size_t size() const { return end - first; }
};

}  // namespace unroll
