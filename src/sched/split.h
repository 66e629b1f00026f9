// Splits jobs among machines that do not know of each other: each works out the same split.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace unroll {

// The share of each job, 0 .. shares - 1: jobs in order of falling cost (ties: lower index), each to the
// share that has least by then (ties: lower share), so that no share takes longer than the fair one and the
// cost of one job. A pure function of its arguments. Requires: shares > 0. Source: Graham, "Bounds on
// multiprocessing timing anomalies", 1969.
std::vector<std::uint32_t> split_by_cost(std::span<const double> costs, std::size_t shares);

}  // namespace unroll
