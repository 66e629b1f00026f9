// The verdict: which method is better, by how much, how sure. Reads Results, never YAML.
//
// Rows. One per method and point of the other swept settings. Every run of the plan is in exactly one of n,
// missing and failed. A diverged run is in n and is worse than any number: median, interquartile mean,
// interval and range treat it as an infinite loss, so each of them is infinite ("diverged") once it rests on
// such runs. A pruned run is in n with the value at which it was stopped. A failed run (no memory, broken
// data) says nothing about its method: it is counted beside n and named in the verdict.
//
// Pairs. Two methods over the replicates that both have at a point: the same seed, hence the same data in the
// same order unless the methods differ in the task itself. `shown` is the verdict on one pair: the whole
// interval of P lies above 0.5 (paired.h says why that interval and how often it errs). At 5 seeds that takes
// 5 wins of 5, where the exact test has p = 0.0625 and cannot have less; so `p_value`, corrected by Holm for
// all pairs of the table, is printed beside it and never hidden in it, and `holds` says whether it is at most
// 1 - level. With fewer than 3 pairs there is neither interval nor verdict.
//
// Overall. The unit stays the seed, for runs of one seed at several points share their luck: a seed is won by
// the method that is better at most points, P is the probability of winning a new seed, and the test ranks
// the seeds by their margin of points. Runs won are counted beside it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/grid.h"
#include "report/paired.h"
#include "report/ranks.h"
#include "report/shares.h"
#include "report/statistics.h"

namespace unroll {

struct CompareOptions {
  std::string metric;  // "" = the metric of the sweep
  std::string by;      // setting whose values are the methods; "" = cell if swept, else the first axis
  double level = 0.95;
  PostHoc post_hoc = PostHoc::kNemenyi;
  std::vector<std::string> notes;  // said before the table
};

// Where the interval of the interquartile mean lies.
enum class AgainstChance {
  kUnknown,   // no chance level, or no interval
  kBetter,    // better than the chance level as a whole
  kNotShown,  // includes the chance level
  kAt,        // includes it, and is within kNearChance of it
  kWorse,     // worse than the chance level as a whole
};
inline constexpr double kNearChance = 0.1;  // relative
std::string_view against_chance_name(AgainstChance verdict);

// One method at one point of the other axes: a row of the table.
struct CompareRow {
  std::size_t method = 0;  // index into Comparison::methods
  std::size_t point = 0;   // index into Comparison::points
  std::size_t n = 0;       // runs with a value or diverged
  std::size_t missing = 0;
  std::size_t failed = 0;
  std::size_t diverged = 0;        // of n
  std::size_t pruned = 0;          // of n
  std::vector<double> statistics;  // one for each row of the table; empty if n = 0
  Interval interval;               // bootstrap interval of the interquartile mean
  double chance = kNoValue;
  AgainstChance against_chance = AgainstChance::kUnknown;
  double params = kNoValue;   // median
  double seconds = kNoValue;  // median wall time of a run

  double operator[](Statistic s) const {
    return statistics.empty() ? kNoValue : statistics[static_cast<std::size_t>(s)];
  }
};

// Two methods, paired over replicates.
struct ComparePair {
  std::size_t better = 0;  // the one that the estimate favours
  std::size_t other = 0;
  std::size_t point = 0;
  PairCounts counts;
  double probability = 0.5;      // P(better < other), ties count half
  Interval interval;             // of P
  double difference = kNoValue;  // median of better - other over the pairs
  Interval difference_interval;  // bootstrap interval of that median
  double raw_p = 1.0;            // exact Wilcoxon signed-rank test
  double p_value = 1.0;          // Holm-corrected over all pairs that have an interval
  bool shown = false;            // a difference is shown at the level
  bool holds = false;            // and holds after the correction
  std::size_t seeds_needed = 0;  // about, if not shown; 0 = no such number up to kMostSeeds
  // Whether there are enough pairs for an interval and a test.
  bool judged() const { return counts.total() >= kFewestForInterval; }

  // Overall only (and then no difference): pairs of single runs, and the points at which each is shown to be
  // better.
  PairCounts runs;
  std::size_t points_shown = 0;
  std::size_t points_reversed = 0;
};

// Each method's best within a budget of parameters or seconds; see budgets.h.
struct BudgetBest {
  std::string at;           // "hidden 32"; "" = it has nothing within the budget
  double value = kNoValue;  // interquartile mean
  double cost = kNoValue;
};
struct BudgetRow {
  std::string where;  // "seq_len 100"
  std::string what;   // "parameters", "seconds"
  double budget = 0.0;
  std::vector<BudgetBest> best;  // [method]
};

struct Comparison {
  std::string experiment;
  std::string metric;
  std::string description;  // of the metric
  std::string unit;
  bool minimize = true;
  bool has_goal = true;  // false: the metric has no better direction, there are rows but no pairs
  std::string by;
  std::string repeat = "seed";  // what runs are paired by: "seed", or "fold" of cross-validation
  double level = 0.95;
  std::string chance_rule;
  std::vector<std::string> notes;  // sentences about where the runs are from
  std::vector<std::string> methods;
  std::vector<std::string> axes;
  std::vector<std::vector<AxisValue>> points;  // [point][axis]
  std::vector<CompareRow> rows;                // by point, then method
  std::vector<ComparePair> pairs;              // by point, then method
  std::vector<ComparePair> overall;            // over all points, if there is more than one
  RankTable ranks;
  Shares shares;
  std::vector<BudgetRow> budgets;
  std::vector<std::string> verdict;  // sentences, most important first
};

// More methods than this are not compared in pairs, only listed.
inline constexpr std::size_t kMostMethods = 20;

// Throws UsageError for an unknown metric, setting or level. Requires: results as read_results returns them.
Comparison compare(const Results& results, const CompareOptions& options = {});

// Table, verdict and a legend, for a terminal of `width` columns.
std::string to_text(const Comparison& comparison, std::size_t width);
// Schema kCompareSchema. null = unset, or no finite number: none recorded, or (n > 0) the statistic rests on
// diverged runs.
std::string to_json(const Comparison& comparison);
// The table and the verdict as Markdown, and the table as a LaTeX tabular.
std::string to_markdown(const Comparison& comparison);
std::string to_latex(const Comparison& comparison);
// RFC 4180, one line per row of the table, or per pair. An empty field is what null is in JSON.
std::string to_csv(const Comparison& comparison);
std::string pairs_to_csv(const Comparison& comparison);

inline constexpr int kCompareSchema = 1;

}  // namespace unroll
