// Dropout: the factors that what a layer hands on is multiplied with in training, 0 with probability p, else
// 1 / (1 - p). Source: Srivastava et al., Dropout, JMLR 15, 2014; between layers as in Zaremba, Sutskever,
// Vinyals, arXiv 1409.2329, 2014.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/rng.h"

namespace unroll {

// The factors of a slice of one training step, drawn in the order in which they are asked for: a function of
// the seed, the step, the slice and that order alone.
class Dropout {
 public:
  // p is rounded to a multiple of 2^-16. Requires: 0 <= p < 1.
  Dropout(double p, Seed seed, std::uint32_t step, std::uint32_t slice = 0);
  void draw(std::span<float> factors);

 private:
  std::uint32_t threshold_;
  float scale_;
  Rng rng_;
};

}  // namespace unroll
