// The runs of a sweep as a table: methods x points x replicates. A method is a value of the setting that is
// compared, a point is a combination of values of the other swept settings, in the order of the plan.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "store/results.h"

namespace unroll {

// Of a number that a run does not read, or that nobody set. Equal to itself, and after all values.
struct Unset {
  auto operator<=>(const Unset&) const = default;
};

// A double is never NaN, so that values are equal to themselves and have an order.
using AxisValue = std::variant<std::int64_t, double, std::string, Unset>;

// As in the experiment file; never empty. "unset" if it is.
std::string to_string(const AxisValue& value);
// The same for people: drawn numbers with five digits, which tell them apart.
std::string short_text(const AxisValue& value);

// The number that a run is judged by. A diverged run has the worst value there is, +inf or -inf.
struct Score {
  std::size_t run = 0;          // plan index
  std::uint32_t replicate = 0;  // of the sweep; with folds of cross-validation one for each seed and fold
  RunState state = RunState::kMissing;
  double value = 0.0;

  // A failed or missing run has no result, so nothing may be said about it.
  bool counts() const { return state != RunState::kMissing && state != RunState::kFailed; }
};

// How a metric is read: its last trained epoch if it has one value per epoch.
struct JudgedMetric {
  const MetricInfo* info = nullptr;
  bool minimize = true;
  bool has_goal = true;  // false: neither low nor high is better, so there is no verdict
};

// `name` empty: the metric of the sweep. Throws UsageError if there is none of this name, if it has more than
// one value per run and epoch, or if no run recorded it.
JudgedMetric judged_metric(const Results& results, const std::string& name);

// A finished run whose value is not finite counts as diverged; one without a value counts as missing.
Score score(const Results& results, std::size_t run, const JudgedMetric& metric);

// Whether it is one number for each run, or one for each epoch of which the last is judged.
bool one_value_per_run(const MetricInfo& info);

// Value of a setting in a run.
AxisValue setting_value(const SettingColumn& column, std::size_t run);

struct Grid {
  std::string by;                              // the setting that is compared, "" if nothing is swept
  std::vector<std::string> methods;            // its values
  std::string repeat = "seed";                 // what repeats the comparison; "fold": each fold of each seed
  std::vector<std::string> axes;               // the other swept settings
  std::vector<std::vector<AxisValue>> points;  // [point][axis]
  // [method][point], by replicate; empty where the plan has no such run.
  std::vector<std::vector<std::vector<Score>>> cells;
};

// Median of `of` over the runs of a cell for which it is a number; NaN if there is none.
double median_over(const Results& results, const std::vector<Score>& cell,
                   const std::function<double(const RunRecord&)>& of);

// by: name or key of a setting, or of several, separated by commas (and blanks, as in Grid::by), whose
// combinations are then the methods; "" = cell if it is swept, else the first swept setting. A setting that
// has one value per method (a member of the same zip) goes with the method: "lstm (hidden 64)". Throws
// UsageError if there is no such setting.
Grid make_grid(const Results& results, const JudgedMetric& metric, const std::string& by);

}  // namespace unroll
