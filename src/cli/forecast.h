// How long a sweep will take on this machine.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sweep/plan.h"

namespace unroll {

struct Forecast {
  double flops = 0.0;          // operations of all the runs
  double share = 1.0;          // that is left of them by early termination; flops are without the rest
  double bytes = 0.0;          // of the runs at once that need most
  double record_bytes = 0.0;   // of all their records, not compressed
  std::size_t too_large = 0;   // runs that need more memory than this machine has: left out of all else
  std::optional<double> rate;  // operations per second and core; nothing if nothing can be measured
  std::optional<double> core_hours;
  std::optional<double> seconds;
};

// Of the runs of the plan with these indices. rate: as seen before; nothing = measure it.
Forecast forecast(const Plan& plan, std::span<const std::size_t> runs, std::size_t workers,
                  std::optional<double> rate = std::nullopt);

// "6 runs need more than the 8.3 GB of memory of this machine and will fail".
std::string too_large_text(std::size_t runs);

}  // namespace unroll
