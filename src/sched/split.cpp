#include "sched/split.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <queue>
#include <utility>

#include "base/error.h"

namespace unroll {

std::vector<std::uint32_t> split_by_cost(std::span<const double> costs, std::size_t shares) {
  UNROLL_CHECK(shares > 0, "jobs are split among at least one");
  std::vector<std::uint32_t> order(costs.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return costs[a] > costs[b]; });
  using Load = std::pair<double, std::uint32_t>;
  std::priority_queue<Load, std::vector<Load>, std::greater<>> loads;
  for (std::size_t share = 0; share < shares; ++share) loads.emplace(0.0, static_cast<std::uint32_t>(share));
  std::vector<std::uint32_t> shares_of(costs.size());
  for (const std::uint32_t job : order) {
    auto [load, share] = loads.top();
    loads.pop();
    shares_of[job] = share;
    loads.emplace(load + costs[job], share);
  }
  return shares_of;
}

}  // namespace unroll
