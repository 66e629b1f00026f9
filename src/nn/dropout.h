// Dropout: the factors that what a layer hands on is multiplied with in training, 0 with probability p, else
// 1 / (1 - p). Source: Srivastava et al., Dropout, JMLR 15, 2014; between layers as in Zaremba, Sutskever,
// Vinyals, arXiv 1409.2329, 2014.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/rng.h"

namespace unroll {

// The factors of one training step: a function of the seed, the step, the place of a sequence in its batch
// and that of the level in the net.
class Dropout {
 public:
  // p is rounded to a multiple of 2^-16. levels: of the net. Requires: 0 <= p < 1.
  Dropout(double p, Seed seed, std::uint32_t step, std::size_t levels);
  // Of a sequence: `steps` rows of `units` factors, `stride` numbers from each to the next.
  void draw(std::size_t level, std::size_t sequence, std::size_t steps, std::size_t units, std::size_t stride,
            float* rows) const;

 private:
  std::uint32_t threshold_;
  float scale_;
  Seed seed_;
  std::uint32_t step_;
  std::size_t levels_;
};

}  // namespace unroll
