#include "report/ranks.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <functional>
#include <iterator>
#include <numeric>

#include "base/error.h"
#include "report/paired.h"

namespace unroll {

namespace {

// Mean ranks of one block, 1 = lowest; adds t^3 - t for each group of t ties.
std::vector<double> ranks_of(const std::vector<double>& losses, double& ties) {
  std::vector<double> sorted = losses;
  std::sort(sorted.begin(), sorted.end());
  std::vector<double> ranks;
  for (const double loss : losses) {
    const auto [first, last] = std::equal_range(sorted.begin(), sorted.end(), loss);
    ranks.push_back(0.5 * static_cast<double>((first - sorted.begin()) + (last - sorted.begin()) + 1));
  }
  for (auto at = sorted.begin(); at != sorted.end();) {
    const auto end = std::upper_bound(at, sorted.end(), *at);
    const auto t = static_cast<double>(end - at);
    ties += t * t * t - t;
    at = end;
  }
  return ranks;
}

// Every pair of methods over all blocks. Two diverged runs are equal.
std::vector<RankedPair> signed_rank_pairs(const std::vector<std::vector<double>>& losses) {
  std::vector<RankedPair> pairs;
  std::vector<double> raw;
  for (std::size_t a = 0; a < losses.front().size(); ++a) {
    for (std::size_t b = a + 1; b < losses.front().size(); ++b) {
      std::vector<double> differences;
      for (const std::vector<double>& block : losses) {
        differences.push_back(block[a] == block[b] ? 0.0 : block[a] - block[b]);
      }
      pairs.push_back({a, b, kNoValue});
      raw.push_back(signed_rank_p(differences));
    }
  }
  const std::vector<double> corrected = holm(raw);
  for (std::size_t i = 0; i < pairs.size(); ++i) pairs[i].p_value = corrected[i];
  return pairs;
}

using Set = std::vector<std::size_t>;
using Alike = std::function<bool(std::size_t, std::size_t)>;

// Bron and Kerbosch, "Algorithm 457: finding all cliques of an undirected graph", 1973, with a pivot: a
// method that is like the pivot comes up beside it.
void extend(const Set& clique, Set candidates, Set done, const Alike& alike, std::vector<Set>& out) {
  if (candidates.empty() && done.empty() && clique.size() > 1) out.push_back(clique);
  if (candidates.empty()) return;
  const auto degree = [&](std::size_t method) {
    return std::count_if(candidates.begin(), candidates.end(),
                         [&](std::size_t other) { return other != method && alike(method, other); });
  };
  std::size_t pivot = candidates.front();
  for (const Set* set : {&candidates, &done}) {
    for (const std::size_t method : *set) {
      if (degree(method) > degree(pivot)) pivot = method;
    }
  }
  for (const std::size_t next : Set(candidates)) {
    if (next != pivot && alike(pivot, next)) continue;
    const auto neighbours = [&](const Set& set) {
      Set kept;
      std::copy_if(set.begin(), set.end(), std::back_inserter(kept),
                   [&](std::size_t other) { return other != next && alike(next, other); });
      return kept;
    };
    Set larger = clique;
    larger.push_back(next);
    extend(larger, neighbours(candidates), neighbours(done), alike, out);
    std::erase(candidates, next);
    done.push_back(next);
  }
}

// All maximal sets of which any two are alike; they and each of them in the given order.
std::vector<Set> cliques(const Set& order, const Alike& alike) {
  std::vector<Set> out;
  extend({}, order, {}, alike, out);
  std::vector<std::size_t> place(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) place[order[i]] = i;
  const auto before = [&](std::size_t a, std::size_t b) { return place[a] < place[b]; };
  for (Set& set : out) std::sort(set.begin(), set.end(), before);
  std::sort(out.begin(), out.end(), [&](const Set& a, const Set& b) {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), before);
  });
  return out;
}

}  // namespace

std::string_view post_hoc_name(PostHoc test) {
  return test == PostHoc::kNemenyi ? "nemenyi" : "wilcoxon";
}

PostHoc parse_post_hoc(std::string_view name) {
  for (const PostHoc test : {PostHoc::kNemenyi, PostHoc::kWilcoxon}) {
    if (name == post_hoc_name(test)) return test;
  }
  throw UsageError("--post-hoc", fmt::format("expected nemenyi or wilcoxon, got '{}'", name));
}

std::vector<std::size_t> by_mean_rank(const RankTable& ranks) {
  std::vector<std::size_t> order(ranks.mean_rank.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return ranks.mean_rank[a] < ranks.mean_rank[b]; });
  return order;
}

double studentized_range_cdf(double q, std::size_t k) {
  if (q <= 0.0) return 0.0;
  const boost::math::normal normal;
  // The integrand vanishes outside; the rule of rectangles converges faster than any power for it.
  const double low = -9.0;
  const double step = 0.01;
  double sum = 0.0;
  for (double z = low; z <= 9.0 + q; z += step) {
    const double inside = boost::math::cdf(normal, z) - boost::math::cdf(normal, z - q);
    sum += boost::math::pdf(normal, z) * std::pow(inside, static_cast<double>(k) - 1.0);
  }
  return std::min(1.0, static_cast<double>(k) * sum * step);
}

double studentized_range_quantile(double p, std::size_t k) {
  double low = 0.0;
  double high = 20.0;
  for (int i = 0; i < 40; ++i) {
    const double middle = 0.5 * (low + high);
    (studentized_range_cdf(middle, k) < p ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

RankTable rank_methods(const std::vector<std::vector<double>>& losses, double level, PostHoc post_hoc) {
  RankTable table;
  table.post_hoc = post_hoc;
  table.blocks = losses.size();
  if (losses.size() < kFewestBlocks || losses.front().size() < kFewestRanked) return table;
  const std::size_t methods = losses.front().size();
  const auto n = static_cast<double>(losses.size());
  const auto k = static_cast<double>(methods);
  std::vector<double> sums(methods, 0.0);
  double ties = 0.0;
  for (const std::vector<double>& block : losses) {
    const std::vector<double> ranks = ranks_of(block, ties);
    for (std::size_t m = 0; m < methods; ++m) sums[m] += ranks[m];
  }
  double squares = 0.0;
  for (double& sum : sums) {
    squares += sum * sum;
    sum /= n;
  }
  table.mean_rank = sums;
  const double correction = 1.0 - ties / (n * k * (k * k - 1.0));
  table.statistic =
      correction > 0.0 ? (12.0 / (n * k * (k + 1.0)) * squares - 3.0 * n * (k + 1.0)) / correction : 0.0;
  table.p_value =
      boost::math::cdf(complement(boost::math::chi_squared(k - 1.0), std::max(0.0, table.statistic)));
  const std::vector<std::size_t> order = by_mean_rank(table);
  if (post_hoc == PostHoc::kNemenyi) {
    table.critical_difference =
        studentized_range_quantile(level, methods) / std::sqrt(2.0) * std::sqrt(k * (k + 1.0) / (6.0 * n));
    table.groups = cliques(order, [&](std::size_t a, std::size_t b) {
      return std::abs(table.mean_rank[a] - table.mean_rank[b]) < table.critical_difference;
    });
  } else if (methods <= kMostTested) {
    table.pairs = signed_rank_pairs(losses);
    std::vector<std::vector<bool>> alike(methods, std::vector<bool>(methods, false));
    for (const RankedPair& pair : table.pairs) {
      alike[pair.a][pair.b] = alike[pair.b][pair.a] = pair.p_value > 1.0 - level;
    }
    table.groups = cliques(order, [&](std::size_t a, std::size_t b) { return alike[a][b]; });
  }
  return table;
}

}  // namespace unroll
