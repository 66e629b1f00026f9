#include "report/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "report/best_settings.h"
#include "report/budgets.h"
#include "report/chance_level.h"
#include "report/verdict.h"

namespace unroll {

namespace {

std::vector<double> sorted(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values;
}

AgainstChance against_chance(const Interval& interval, double chance, bool minimize) {
  if (std::isnan(chance) || std::isnan(interval.low)) return AgainstChance::kUnknown;
  const double best = minimize ? interval.low : -interval.high;
  const double worst = minimize ? interval.high : -interval.low;
  const double level = minimize ? chance : -chance;
  if (worst < level) return AgainstChance::kBetter;
  if (best > level) return AgainstChance::kWorse;
  const double near = kNearChance * std::abs(level);
  return best >= level - near && worst <= level + near ? AgainstChance::kAt : AgainstChance::kNotShown;
}

CompareRow make_row(const Results& results, const JudgedMetric& metric, const std::vector<Score>& cell,
                    Bootstrap& bootstrap) {
  CompareRow row;
  std::vector<double> values;
  for (const Score& score : cell) {
    row.missing += score.state == RunState::kMissing;
    row.failed += score.state == RunState::kFailed;
    row.diverged += score.state == RunState::kDiverged;
    row.pruned += score.state == RunState::kPruned;
    if (score.counts()) values.push_back(score.value);
  }
  row.n = values.size();
  if (row.n > 0) {
    values = sorted(std::move(values));
    for (const StatisticInfo& statistic : statistics()) row.statistics.push_back(statistic.of(values));
    row.interval = bootstrap.interval(values, interquartile_mean);
  }
  row.chance = chance_level(results, cell, metric.info->id);
  row.against_chance = against_chance(row.interval, row.chance, metric.minimize);
  row.params = median_of(results, cell, Metric::kParams);
  row.seconds = median_of(results, cell, Metric::kWallSeconds);
  return row;
}

// The difference of two scores as a loss: negative where `a` is better. Two diverged runs are equal.
double loss_difference(const Score& a, const Score& b, bool minimize) {
  if (a.value == b.value) return 0.0;
  return minimize ? a.value - b.value : b.value - a.value;
}

// Differences a - b over the replicates that both have, by replicate.
std::vector<std::pair<std::uint32_t, double>> paired_differences(const std::vector<Score>& a,
                                                                 const std::vector<Score>& b, bool minimize) {
  std::vector<std::pair<std::uint32_t, double>> differences;
  auto left = a.begin();
  auto right = b.begin();
  while (left != a.end() && right != b.end()) {
    if (left->replicate == right->replicate) {
      if (left->counts() && right->counts()) {
        differences.emplace_back(left->replicate, loss_difference(*left, *right, minimize));
      }
      ++left;
      ++right;
    } else {
      ++(left->replicate < right->replicate ? left : right);
    }
  }
  return differences;
}

// Everything that follows from the differences alone, up to the correction for many pairs. The better method
// comes first before anything is drawn at random, so the order of the methods cannot matter.
ComparePair judge(std::size_t a, std::size_t b, std::vector<double> differences, double level,
                  Bootstrap& bootstrap) {
  ComparePair pair;
  pair.better = a;
  pair.other = b;
  differences = sorted(std::move(differences));
  pair.counts = count_pairs(differences);
  if (pair.counts.wins < pair.counts.losses ||
      (pair.counts.wins == pair.counts.losses && median(differences) > 0.0)) {
    std::swap(pair.better, pair.other);
    std::swap(pair.counts.wins, pair.counts.losses);
    for (double& d : differences) d = 0.0 - d;
    std::reverse(differences.begin(), differences.end());
  }
  pair.probability = win_probability(pair.counts);
  pair.interval = win_interval(pair.counts, level);
  pair.shown = excludes_half(pair.interval);
  pair.difference = median(differences);
  pair.difference_interval = bootstrap.interval(differences, median);
  pair.raw_p = signed_rank_p(differences);
  return pair;
}

// Two methods at every point where they share a replicate, and overall if that is more than one point.
void compare_methods(Comparison& comparison, const Grid& grid, std::size_t a, std::size_t b,
                     Bootstrap& bootstrap) {
  std::vector<ComparePair> pairs;
  std::map<std::uint32_t, std::vector<double>> signs;  // [replicate][point]
  for (std::size_t point = 0; point < grid.points.size(); ++point) {
    std::vector<double> differences;
    for (const auto& [replicate, d] :
         paired_differences(grid.cells[a][point], grid.cells[b][point], comparison.minimize)) {
      differences.push_back(d);
      signs[replicate].push_back(d < 0.0 ? -1.0 : d > 0.0 ? 1.0 : 0.0);
    }
    if (differences.empty()) continue;
    pairs.push_back(judge(a, b, std::move(differences), comparison.level, bootstrap));
    pairs.back().point = point;
    if (!comparison.minimize) {
      const Interval loss = pairs.back().difference_interval;
      pairs.back().difference = 0.0 - pairs.back().difference;
      pairs.back().difference_interval = {0.0 - loss.high, 0.0 - loss.low};
    }
  }
  if (pairs.size() > 1) {
    std::vector<double> margins;
    for (const auto& [replicate, of_points] : signs) {
      margins.push_back(std::accumulate(of_points.begin(), of_points.end(), 0.0) /
                        static_cast<double>(of_points.size()));
    }
    ComparePair all = judge(a, b, std::move(margins), comparison.level, bootstrap);
    all.difference = kNoValue;
    all.difference_interval = {};
    for (const ComparePair& pair : pairs) {
      const bool same = pair.better == all.better;
      all.runs.wins += same ? pair.counts.wins : pair.counts.losses;
      all.runs.losses += same ? pair.counts.losses : pair.counts.wins;
      all.runs.ties += pair.counts.ties;
      if (pair.shown) ++(same ? all.points_shown : all.points_reversed);
    }
    comparison.overall.push_back(all);
  }
  comparison.pairs.insert(comparison.pairs.end(), pairs.begin(), pairs.end());
}

// Losses of each seed at each point at which every method has a result: [block][method].
std::vector<std::vector<double>> blocks(const Grid& grid, bool minimize) {
  std::vector<std::vector<double>> out;
  for (std::size_t point = 0; point < grid.points.size(); ++point) {
    std::map<std::uint32_t, std::vector<double>> by_seed;
    for (std::size_t method = 0; method < grid.methods.size(); ++method) {
      for (const Score& score : grid.cells[method][point]) {
        std::vector<double>& losses = by_seed[score.replicate];
        if (score.counts() && losses.size() == method)
          losses.push_back(minimize ? score.value : -score.value);
      }
    }
    for (auto& [seed, losses] : by_seed) {
      if (losses.size() == grid.methods.size()) out.push_back(std::move(losses));
    }
  }
  return out;
}

// What depends on all pairs of a table: the correction, and the search for the seeds needed, once per P.
void finish(std::vector<ComparePair>& pairs, double level) {
  std::vector<double> raw;
  for (const ComparePair& pair : pairs) {
    if (pair.judged()) raw.push_back(pair.raw_p);
  }
  const std::vector<double> corrected = holm(raw);
  auto next = corrected.begin();
  std::map<double, std::size_t> seeds;
  for (ComparePair& pair : pairs) {
    if (pair.judged()) pair.p_value = *next++;
    pair.holds = pair.shown && pair.p_value <= 1.0 - level;
    if (pair.shown) continue;
    const auto [known, is_new] = seeds.try_emplace(pair.probability, 0);
    if (is_new) known->second = seeds_needed(pair.probability, level);
    pair.seeds_needed = known->second;
  }
}

}  // namespace

std::string_view against_chance_name(AgainstChance verdict) {
  static constexpr std::string_view kNames[] = {"unknown", "better", "not_shown", "at_chance", "worse"};
  return kNames[static_cast<std::size_t>(verdict)];
}

Comparison compare(const Results& results, const CompareOptions& options) {
  if (!(options.level > 0.0 && options.level < 1.0)) {
    throw UsageError("", fmt::format("{} is no level", options.level),
                     "give a share between 0 and 1, for example 0.95");
  }
  UNROLL_CHECK(results.manifest.replicate.size() == results.runs.size(),
               "manifest and runs differ in length");
  const JudgedMetric metric = judged_metric(results, options.metric);
  Grid grid = make_grid(results, metric, options.by);
  Comparison comparison;
  comparison.experiment = results.manifest.experiment;
  comparison.metric = metric.info->name;
  comparison.description = metric.info->description;
  if (!metric.info->dims.empty()) comparison.description += ", here the last one trained";
  comparison.unit = metric.info->unit == "loss" ? results.manifest.loss : metric.info->unit;
  comparison.minimize = metric.minimize;
  comparison.has_goal = metric.has_goal;
  comparison.by = grid.by;
  comparison.repeat = grid.repeat;
  comparison.level = options.level;
  comparison.notes = options.notes;
  Bootstrap bootstrap(options.level);
  for (std::size_t point = 0; point < grid.points.size(); ++point) {
    for (std::size_t method = 0; method < grid.methods.size(); ++method) {
      if (grid.cells[method][point].empty()) continue;
      CompareRow& row =
          comparison.rows.emplace_back(make_row(results, metric, grid.cells[method][point], bootstrap));
      row.method = method;
      row.point = point;
      if (!std::isnan(row.chance)) comparison.chance_rule = results.manifest.chance_rule;
    }
  }
  if (metric.has_goal && grid.methods.size() <= kMostMethods) {
    for (std::size_t a = 0; a < grid.methods.size(); ++a) {
      for (std::size_t b = a + 1; b < grid.methods.size(); ++b)
        compare_methods(comparison, grid, a, b, bootstrap);
    }
  }
  std::stable_sort(comparison.pairs.begin(), comparison.pairs.end(),
                   [](const ComparePair& x, const ComparePair& y) { return x.point < y.point; });
  finish(comparison.pairs, options.level);
  finish(comparison.overall, options.level);
  comparison.methods = grid.methods;
  comparison.axes = grid.axes;
  comparison.points = grid.points;
  if (metric.has_goal) {
    comparison.ranks = rank_methods(blocks(grid, metric.minimize), options.level, options.post_hoc);
    if (!is_scattered(comparison)) comparison.shares = factor_shares(grid);
  }
  comparison.budgets = budget_rows(results, comparison);
  comparison.verdict = verdict(comparison);
  return comparison;
}

}  // namespace unroll
