// A plan on paper: every run, what it costs, and what the sweep will take on this machine.
#pragma once

#include <cstddef>
#include <string>

#include "sweep/plan.h"

namespace unroll {

// A table of the runs, the first and last ones only unless `all`, and the totals.
std::string plan_text(const Plan& plan, std::size_t workers, bool all);
// One object with all runs.
std::string plan_json(const Plan& plan, std::size_t workers);

}  // namespace unroll
