// The sequences of a batch: how long each is, and where a direction meets its steps.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace unroll {

struct Sequences {
  std::size_t steps = 0;                   // of the longest
  std::size_t batch = 0;                   // B
  const std::uint32_t* lengths = nullptr;  // [B] or nullptr: all are as long

  std::size_t length(std::size_t b) const { return lengths == nullptr ? steps : lengths[b]; }
  std::size_t shortest() const {
    return lengths == nullptr ? steps : *std::min_element(lengths, lengths + batch);
  }
  // The first so many sequences hold all that are not over at step t.
  std::size_t active(std::size_t t) const {
    std::size_t b = batch;
    while (lengths != nullptr && b > 0 && lengths[b - 1] <= t) --b;
    return b;
  }
  // When a direction (0 forward, 1 reverse) reads step t of sequence b: the reverse one turns the valid part
  // around and leaves what follows in its place.
  std::size_t place(std::size_t direction, std::size_t t, std::size_t b) const {
    const std::size_t n = length(b);
    return direction == 0 || t >= n ? t : n - 1 - t;
  }
};

}  // namespace unroll
