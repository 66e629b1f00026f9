#include "sweep/strategy.h"

#include <algorithm>
#include <array>
#include <boost/random/sobol.hpp>
#include <cmath>
#include <string>

#include "base/error.h"
#include "base/hash.h"
#include "base/rng.h"
#include "sweep/spec.h"

namespace unroll {
namespace {

// A stream for each axis that depends on its keys alone, so that the order of the axes changes nothing.
std::uint32_t stream_of(const Axis& axis) {
  std::vector<std::string_view> names;
  for (const AxisKey& k : axis.keys) names.push_back(k.key->key);
  std::sort(names.begin(), names.end());
  std::string text;
  for (std::string_view name : names) text.append(name).append("\n");
  return static_cast<std::uint32_t>(hash64(text));
}

std::vector<double> random_point(const Spec& spec, std::uint32_t index) {
  std::vector<double> point;
  for (const Axis& axis : spec.axes) {
    point.push_back(Rng({spec.base.run.seed.sweep, index}, Purpose::kSearch, stream_of(axis)).uniform());
  }
  return point;
}

// Sobol's points, shifted modulo 1 by a random vector so that they depend on the seed.
// Sources: Joe and Kuo, "Constructing Sobol sequences with better two-dimensional projections", 2008;
// Cranley and Patterson, "Randomization of number theoretic methods for multiple integration", 1976.
std::vector<double> sobol_point(const Spec& spec, std::uint32_t index) {
  boost::random::sobol engine(spec.axes.size());
  engine.seed(index);
  std::vector<double> point;
  for (const Axis& axis : spec.axes) {
    const double shift = Rng({spec.base.run.seed.sweep, 0}, Purpose::kSearch, stream_of(axis)).uniform();
    const double u = std::ldexp(static_cast<double>(engine()), -64) + shift;
    point.push_back(u < 1.0 ? u : u - 1.0);
  }
  return point;
}

constexpr std::array<StrategyInfo, 4> kStrategies = {{
    {"grid", "every combination of the values", nullptr},
    {"random", "sweep.runs independent draws", random_point},
    {"sobol", "sweep.runs draws that fill the space more evenly", sobol_point},
    {"halving", "draws as of random, of which the better ones are trained on", random_point},
}};

}  // namespace

std::span<const StrategyInfo> strategies() {
  return kStrategies;
}

const StrategyInfo& strategy(std::string_view name) {
  const auto found = std::find_if(kStrategies.begin(), kStrategies.end(),
                                  [&](const StrategyInfo& s) { return s.name == name; });
  UNROLL_CHECK(found != kStrategies.end(), "no strategy " + std::string(name));
  return *found;
}

}  // namespace unroll
