// Ranks of several methods over blocks: the Friedman test, and which methods differ: by Nemenyi's critical
// difference of mean ranks, or by the Wilcoxon signed-rank test of each pair with Holm's correction, which
// looks at the sizes of the differences too and does not depend on the other methods in the table. A block is
// a seed at a point at which every method has a result; the best method of a block has rank 1, ties share
// their mean rank. Source: Demsar, "Statistical comparisons of classifiers over multiple data sets", 2006;
// Benavoli, Corani, Mangili, "Should we really use post-hoc tests based on mean-ranks?", 2016. Numerics:
// quantiles of the studentized range to 1e-6, by quadrature.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "report/statistics.h"

namespace unroll {

enum class PostHoc { kNemenyi, kWilcoxon };
std::string_view post_hoc_name(PostHoc test);
// "nemenyi" or "wilcoxon"; throws UsageError.
PostHoc parse_post_hoc(std::string_view name);

// Two methods under Wilcoxon's test.
struct RankedPair {
  std::size_t a = 0;
  std::size_t b = 0;
  double p_value = kNoValue;  // corrected for all pairs
};

struct RankTable {
  PostHoc post_hoc = PostHoc::kNemenyi;
  std::size_t blocks = 0;
  std::vector<double> mean_rank;          // [method]; empty if there are too few methods or blocks
  double statistic = kNoValue;            // Friedman's chi-squared, corrected for ties
  double p_value = kNoValue;              // of equal methods
  double critical_difference = kNoValue;  // Nemenyi's only
  std::vector<RankedPair> pairs;          // Wilcoxon's only
  // Methods that are not shown to differ: maximal sets of which no two are, of two methods at least, in the
  // order of their mean ranks.
  std::vector<std::vector<std::size_t>> groups;
};

inline constexpr std::size_t kFewestRanked = 3;  // methods; two are a pair
inline constexpr std::size_t kFewestBlocks = 5;
inline constexpr std::size_t kMostTested = 20;  // methods; with more, Wilcoxon's test has no groups

// losses[block][method], lower is better; infinite = diverged. Requires: rows of equal length, no NaN.
RankTable rank_methods(const std::vector<std::vector<double>>& losses, double level,
                       PostHoc post_hoc = PostHoc::kNemenyi);

// P(range of k standard normal variables <= q), and its inverse.
double studentized_range_cdf(double q, std::size_t k);
double studentized_range_quantile(double p, std::size_t k);

// Methods from the best mean rank on.
std::vector<std::size_t> by_mean_rank(const RankTable& ranks);

// Critical-difference diagrams: text for a terminal, and SVG with text of class-less elements.
std::string rank_diagram_text(const RankTable& ranks, const std::vector<std::string>& methods);
std::string rank_diagram_svg(const RankTable& ranks, const std::vector<std::string>& methods);

}  // namespace unroll
