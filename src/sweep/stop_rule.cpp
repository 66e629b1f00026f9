#include "sweep/stop_rule.h"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>

#include "base/error.h"

namespace unroll {
namespace {

// Stops what at its best was worse than the usual setting on average.
// Source: Golovin et al., "Google Vizier: a service for black-box optimization", 2017, section 3.2.2.
std::vector<bool> stops_median(std::span<const Standing> standings, std::size_t /*eta*/) {
  std::vector<double> means;
  for (const Standing& s : standings) means.push_back(s.mean);
  const double usual = lower_median(std::move(means));
  std::vector<bool> stops;
  for (const Standing& s : standings) stops.push_back(!s.stopped && s.best > usual);
  return stops;
}

// Lets the best of every eta go on, at least one. Of equal ones the first in the plan.
// Source: Jamieson and Talwalkar, "Non-stochastic best arm identification and hyperparameter optimization",
// 2016; with eta as in Li et al., "Hyperband", 2018.
std::vector<bool> stops_halving(std::span<const Standing> standings, std::size_t eta) {
  std::vector<std::size_t> order(standings.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::erase_if(order, [&](std::size_t s) { return standings[s].stopped; });
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return standings[a].best < standings[b].best; });
  std::vector<bool> stops(standings.size(), false);
  for (std::size_t n = std::max<std::size_t>(1, order.size() / eta); n < order.size(); ++n)
    stops[order[n]] = true;
  return stops;
}

constexpr std::array<StopRule, 3> kRules = {{
    {"none", "every run is trained to its end", nullptr},
    {"median", "stops what at its best is worse than the median setting on average", stops_median},
    {"halving", "the best of every eta settings go on", stops_halving},
}};

}  // namespace

std::span<const StopRule> stop_rules() {
  return kRules;
}

const StopRule& stop_rule(std::string_view name) {
  const auto found =
      std::find_if(kRules.begin(), kRules.end(), [&](const StopRule& r) { return r.name == name; });
  UNROLL_CHECK(found != kRules.end(), "no stop rule " + std::string(name));
  return *found;
}

std::vector<std::size_t> rungs(const EarlyTerminate& rule, std::size_t epochs) {
  std::vector<std::size_t> out;
  if (!rule.active()) return out;
  for (std::size_t rung = rule.min_iter; rung < epochs; rung *= rule.eta) {
    out.push_back(rung);
    if (rung > epochs / rule.eta) break;  // the next one would be beyond, perhaps beyond size_t
  }
  return out;
}

double lower_median(std::vector<double> values) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace unroll
