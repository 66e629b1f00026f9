// How long a sweep will take on this machine.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "sweep/plan.h"
#include "train/run_record.h"

namespace unroll {

// Seconds that `workers` need for runs of these costs at `rate` each, longest first.
double makespan(std::vector<double> costs, std::size_t workers, double rate);

// Operations per second and core of finished runs, or 0 if they say nothing.
double observed_rate(std::span<const RunRecord> records);
// The same, measured by about 50 ms of training steps of the run of median cost, on one core.
double measured_rate(const Plan& plan);

// The most memory that `workers` runs at once can hold: that of the largest ones.
double peak_bytes(const Plan& plan, std::size_t workers);

}  // namespace unroll
