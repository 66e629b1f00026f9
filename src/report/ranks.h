// Ranks of several methods over blocks: the Friedman test and Nemenyi's critical difference.
// A block is a seed at a point at which every method has a result; the best method of a block has rank 1,
// ties share their mean rank. Source: Demsar, "Statistical comparisons of classifiers over multiple data
// sets", 2006. Numerics: quantiles of the studentized range to 1e-6, by quadrature.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "report/statistics.h"

namespace unroll {

struct RankTable {
  std::size_t blocks = 0;
  std::vector<double> mean_rank;  // [method]; empty if there are too few methods or blocks
  double statistic = kNoValue;    // Friedman's chi-squared, corrected for ties
  double p_value = kNoValue;      // of equal methods
  double critical_difference = kNoValue;
  // Methods that are not shown to differ: maximal sets whose mean ranks lie within the critical difference,
  // of two methods at least.
  std::vector<std::vector<std::size_t>> groups;
};

inline constexpr std::size_t kFewestRanked = 3;  // methods; two are a pair
inline constexpr std::size_t kFewestBlocks = 5;

// losses[block][method], lower is better; infinite = diverged. Requires: rows of equal length, no NaN.
RankTable rank_methods(const std::vector<std::vector<double>>& losses, double level);

// P(range of k standard normal variables <= q), and its inverse.
double studentized_range_cdf(double q, std::size_t k);
double studentized_range_quantile(double p, std::size_t k);

// Critical-difference diagrams: text for a terminal, and SVG with text of class-less elements.
std::string rank_diagram_text(const RankTable& ranks, const std::vector<std::string>& methods);
std::string rank_diagram_svg(const RankTable& ranks, const std::vector<std::string>& methods);

}  // namespace unroll
