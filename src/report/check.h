// The gate of continuous integration: results held against a baseline under a policy. Nothing that could not
// be measured passes: a run, a metric or a baseline that is missing is `unmeasured` and named.
//
// Runs are matched by their swept settings and their seed. What both sweeps fix (train.lr, ...) and the
// content of their data files must be the same, else nothing is judged; what only one of the two versions
// knows or says is no obstacle. exact, tolerance: one item for each point of the sweep, judged by its worst
// number. statistical: one item for each group of PolicyRule::by. The runs are paired, relative differences
// (new - old) / (|new| + |old|) are ranked, and the exact one-sided signed-rank test is corrected by Holm for
// all groups of the metric, so that `level` bounds the false alarms of the whole metric. A run that newly
// diverges is the worst difference there is.
// What is measured (seconds, bytes) is judged only if machine and build are the same.
#pragma once

#include <string>
#include <vector>

#include "report/policy.h"
#include "report/statistics.h"
#include "store/results.h"

namespace unroll {

enum class Verdict { kPassed, kImproved, kRegressed, kUnmeasured };
std::string_view verdict_name(Verdict verdict);

struct CheckItem {
  std::string metric;
  RuleKind rule = RuleKind::kExact;
  std::string where;  // "cell lstm, seq_len 30"; "all runs"
  Verdict verdict = Verdict::kUnmeasured;
  bool required = true;
  std::size_t runs = 0;        // compared
  double baseline = kNoValue;  // median over the runs, of a metric with one value per run
  double value = kNoValue;
  double p_value = kNoValue;  // statistical, corrected: of being worse
  std::string message;
};

struct CheckReport {
  std::string experiment;
  std::vector<std::string> notes;  // what else differs: version, instruction set
  std::vector<CheckItem> items;

  std::size_t count(Verdict verdict) const;
  // Regressed beats unmeasured beats improved beats passed; nothing at all is unmeasured. Unmeasured items
  // that are not required do not count.
  Verdict verdict() const;
};

CheckReport check(const Results& results, const Results& baseline, const Policy& policy);

// What keeps results from being a baseline ("2 of 20 runs are missing"); "" if nothing does.
std::string unfit_as_baseline(const Results& results);

std::string to_text(const CheckReport& report, std::size_t width);
std::string to_json(const CheckReport& report);
std::string to_markdown(const CheckReport& report);  // for the summary of a pull request
std::string to_junit(const CheckReport& report);     // JUnit XML: unmeasured is an error

inline constexpr int kCheckSchema = 1;

}  // namespace unroll
