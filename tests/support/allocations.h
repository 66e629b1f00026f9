// Counts what a test program allocates: every form of operator new of a program that links
// test_allocations goes through the counters.
#pragma once

#include <cstddef>

namespace unroll {

struct Allocations {
  std::size_t count = 0;  // calls so far
  std::size_t live = 0;   // bytes now
  std::size_t peak = 0;   // most bytes since the last forget_peak()
};

Allocations allocations();

// The peak is what is live now.
void forget_peak();

}  // namespace unroll
