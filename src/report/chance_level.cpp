#include "report/chance_level.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "report/statistics.h"

namespace unroll {

namespace {

// The level that a metric is to be held against: another metric, times a factor.
struct ChanceLevel {
  Metric of;
  Metric level;
  double factor = 1.0;
};
constexpr double kBits = 1.0 / std::numbers::ln2;
constexpr ChanceLevel kChanceLevels[] = {
    {Metric::kValidLoss, Metric::kChanceValid},
    {Metric::kBestValidLoss, Metric::kChanceValid},
    {Metric::kTestLoss, Metric::kChanceTest},
    {Metric::kValidBits, Metric::kChanceValid, kBits},
    {Metric::kTestBits, Metric::kChanceTest, kBits},
    {Metric::kValidAccuracy, Metric::kChanceValidAccuracy},
    {Metric::kTestAccuracy, Metric::kChanceTestAccuracy},
};

}  // namespace

double median_of(const Results& results, const std::vector<Score>& cell, Metric metric) {
  return median_over(results, cell, [&](const RunRecord& run) {
    const std::vector<double>& recorded = run[metric];
    return !recorded.empty() && std::isfinite(recorded.back()) ? recorded.back() : kNoValue;
  });
}

double chance_level(const Results& results, const std::vector<Score>& cell, Metric metric) {
  const auto* const found = std::find_if(std::begin(kChanceLevels), std::end(kChanceLevels),
                                         [&](const ChanceLevel& row) { return row.of == metric; });
  return found == std::end(kChanceLevels) ? kNoValue : found->factor * median_of(results, cell, found->level);
}

}  // namespace unroll
