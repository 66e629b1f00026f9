// How the settings of a sweep are chosen. To add a strategy: one function and one row in strategy.cpp.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace unroll {

struct Spec;

struct StrategyInfo {
  std::string_view name;
  std::string_view description;
  // Point `index` of an endless list of points in [0, 1)^axes, a function of sweep.seed, the index and the
  // axes alone: more runs keep the first ones. nullptr: every combination of the values, each once.
  std::vector<double> (*point)(const Spec& spec, std::uint32_t index);
};

std::span<const StrategyInfo> strategies();
// Requires: there is one of this name.
const StrategyInfo& strategy(std::string_view name);

}  // namespace unroll
