// The instruction sets that this program carries, and the one in use.
// A Model takes the kernels of the current target when it is made and keeps them; its memory layout
// depends on the number of lanes, so results are the same bits only for the same target.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace unroll::simd {

struct Target {
  std::string_view name;   // avx512 | avx2 | sse4 | neon | scalar: values of --isa and UNROLL_ISA
  std::size_t lanes = 1;   // floats in a vector
  bool supported = false;  // by this machine
};

// All targets compiled into this program, best first.
const std::vector<Target>& targets();

// The best supported target; the one named by the environment variable UNROLL_ISA, if it is set; or the
// one forced last. Throws UsageError if UNROLL_ISA names none that this machine supports.
const Target& current_target();
inline std::string target_name() {
  return std::string(current_target().name);
}

// From now on new Models use this target. An empty name returns to the choice at program start.
// Throws UsageError for a name that is unknown or not supported here. Not to be called while others make
// Models.
void force_target(std::string_view name);

}  // namespace unroll::simd
