// What `check` demands of each metric. A policy is a small YAML file:
//
//   metrics:
//     params:     exact                                        # every number the same
//     train_loss: {rule: tolerance, rel: 1e-3, direction: both} # |new - old| <= abs + rel * |old|
//     valid_loss: {rule: statistical, level: 0.05, by: [cell]}  # one-sided test over the paired runs
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/results.h"

namespace unroll {

enum class RuleKind { kExact, kTolerance, kStatistical };
std::string_view rule_name(RuleKind kind);

struct PolicyRule {
  const MetricInfo* metric = nullptr;
  RuleKind kind = RuleKind::kExact;
  // kTolerance: what is allowed at each number; kStatistical: the margin that the test grants.
  double abs = 0.0;
  double rel = 0.0;
  double level = 0.05;  // kStatistical: false alarms of this metric's tests together, at most
  // Whether a change for the better is a regression as well. Metrics without a better direction always are
  // judged in both.
  bool both = false;
  bool required = true;  // false: unmeasured does not fail the check
  // kStatistical: settings whose values are judged apart; nothing = those of the method (the cell, if swept).
  std::optional<std::vector<std::string>> by;
};

struct Policy {
  std::vector<PolicyRule> rules;  // in the order of the file
};

// Throws UsageError with file:line:column, all mistakes at once. Exact and tolerance compare every number of
// a metric; statistical needs one value per run and takes the last epoch's.
Policy read_policy(const std::string& name, const std::string& text);

// Without a policy: the metric of the sweep by the statistical rule, `params` and `flops` exactly.
Policy default_policy(const Manifest& manifest);

}  // namespace unroll
