// Which settings of a sweep stop before their last epoch. Decisions fall at rungs: epochs that every setting
// reaches before any goes on. So they are a function of the runs alone, not of workers, order or
// interruptions. To add a rule: one function and one row in stop_rule.cpp.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace unroll {

// The keys sweep.early_terminate.*.
struct EarlyTerminate {
  std::string type = "none";
  std::size_t min_iter = 1;  // epochs before the first rung
  std::size_t eta = 3;       // from one rung to the next; of halving also the share that goes on, 1 / eta

  bool active() const { return type != "none"; }
};

// How a setting stands at a rung: medians over its replicates; lower is better, infinite = diverged.
struct Standing {
  double best = 0.0;     // the best value so far
  double mean = 0.0;     // of the values of all epochs so far
  bool stopped = false;  // at an earlier rung; the values are those it had then
};

struct StopRule {
  std::string_view name;
  std::string_view description;
  // Which of the standings stop at a rung: never one of the best. nullptr: there are no rungs.
  std::vector<bool> (*stops)(std::span<const Standing> standings, std::size_t eta);
};

std::span<const StopRule> stop_rules();
// Requires: there is one of this name.
const StopRule& stop_rule(std::string_view name);

// min_iter * eta^k, as far as it is below `epochs`.
std::vector<std::size_t> rungs(const EarlyTerminate& rule, std::size_t epochs);

// Of the middle of an even number of values the lower one, so that it is one of them; NaN of none.
double lower_median(std::vector<double> values);

}  // namespace unroll
