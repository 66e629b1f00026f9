// What makes two runs the same run.
#pragma once

#include <cstdint>
#include <string>

#include "sweep/keys.h"

namespace unroll {

// One line "key=value" for every setting that the run reads, in the order of the keys; of a file its hash.
// Requires: reset_unused and, for a finished identity, resolve_task were applied.
std::string settings_text(const Experiment& experiment);

// Makes the ids of the replicates of one setting. The text behind an id is settings_text with the lines
// replicate=, schema= and sweep.seed= in their places.
class RunIdentity {
 public:
  explicit RunIdentity(const Experiment& experiment);

  std::string text(std::uint32_t replicate) const;
  // 128-bit hash of the text, 32 hex digits.
  std::string id(std::uint32_t replicate) const;

 private:
  std::string head_;
  std::string tail_;
};

}  // namespace unroll
