#include "report/shares.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace unroll {

namespace {

struct Observation {
  std::vector<std::size_t> levels;  // of each factor
  double value = 0.0;
};

using Levels = std::vector<std::size_t>;

// The scale on which variance is meaningful.
std::string to_scale(std::vector<Observation>& runs) {
  const bool finite =
      std::all_of(runs.begin(), runs.end(), [](const auto& r) { return std::isfinite(r.value); });
  const bool positive = std::all_of(runs.begin(), runs.end(), [](const auto& r) { return r.value > 0.0; });
  if (finite && positive) {
    for (Observation& run : runs) run.value = std::log(run.value);
    return "logarithm";
  }
  if (finite) return "value";
  std::vector<double> sorted;
  for (const Observation& run : runs) sorted.push_back(run.value);
  std::sort(sorted.begin(), sorted.end());
  for (Observation& run : runs) {
    const auto [first, last] = std::equal_range(sorted.begin(), sorted.end(), run.value);
    run.value = 0.5 * static_cast<double>((first - sorted.begin()) + (last - sorted.begin()));
  }
  return "rank";
}

// Sum of squares between the groups that have the same levels of `factors`.
double between(const std::vector<Observation>& runs, double mean, const std::vector<std::size_t>& factors) {
  std::map<Levels, std::pair<double, double>> groups;  // sum and size
  for (const Observation& run : runs) {
    Levels key;
    for (const std::size_t factor : factors) key.push_back(run.levels[factor]);
    auto& [sum, n] = groups[key];
    sum += run.value;
    n += 1.0;
  }
  double total = 0.0;
  for (const auto& [key, group] : groups) {
    const double d = group.first / group.second - mean;
    total += group.second * d * d;
  }
  return total;
}

}  // namespace

Shares factor_shares(const Grid& grid) {
  Shares out;
  std::vector<std::string> names;
  if (grid.methods.size() > 1) names.push_back(grid.by);
  names.insert(names.end(), grid.axes.begin(), grid.axes.end());
  std::vector<std::map<AxisValue, std::size_t>> values(grid.axes.size());
  std::vector<Observation> runs;
  std::map<Levels, std::size_t> sizes;
  for (std::size_t method = 0; method < grid.methods.size(); ++method) {
    for (std::size_t point = 0; point < grid.points.size(); ++point) {
      Levels levels;
      if (grid.methods.size() > 1) levels.push_back(method);
      for (std::size_t axis = 0; axis < grid.axes.size(); ++axis) {
        auto& known = values[axis];
        levels.push_back(known.try_emplace(grid.points[point][axis], known.size()).first->second);
      }
      for (const Score& score : grid.cells[method][point]) {
        if (!score.counts()) continue;
        runs.push_back({levels, score.value});
        ++sizes[levels];
      }
    }
  }
  if (names.empty() || runs.size() < 3) return out;
  std::size_t cells = std::max<std::size_t>(grid.methods.size(), 1);
  for (const auto& known : values) cells *= known.size();
  out.exact = sizes.size() == cells && std::all_of(sizes.begin(), sizes.end(), [&](const auto& s) {
                return s.second == sizes.begin()->second;
              });
  out.scale = to_scale(runs);
  const double mean = std::accumulate(runs.begin(), runs.end(), 0.0,
                                      [](double sum, const Observation& r) { return sum + r.value; }) /
                      static_cast<double>(runs.size());
  double total = 0.0;
  for (const Observation& run : runs) total += (run.value - mean) * (run.value - mean);
  if (!(total > 0.0)) return out;
  const auto add = [&](const std::string& name, double squares) {
    out.factors.push_back({name, std::max(0.0, squares / total)});
  };
  std::vector<double> alone;
  for (std::size_t f = 0; f < names.size(); ++f) {
    alone.push_back(between(runs, mean, {f}));
    add(names[f], alone.back());
  }
  if (!out.exact) return out;
  double explained = std::accumulate(alone.begin(), alone.end(), 0.0);
  for (std::size_t a = 0; a < names.size(); ++a) {
    for (std::size_t b = a + 1; b < names.size(); ++b) {
      const double both = between(runs, mean, {a, b}) - alone[a] - alone[b];
      explained += both;
      add(names[a] + " x " + names[b], both);
    }
  }
  std::vector<std::size_t> all(names.size());
  std::iota(all.begin(), all.end(), 0);
  const double cell_squares = between(runs, mean, all);
  if (names.size() > 2) add("higher interactions", cell_squares - explained);
  add(grid.repeat + "s", total - cell_squares);
  return out;
}

}  // namespace unroll
