#include "report/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"
#include "base/suggest.h"
#include "report/grid.h"
#include "report/matched_runs.h"
#include "report/paired.h"
#include "report/text_table.h"

namespace unroll {

namespace {

// What decides how fast a run is, and not what it computes.
const std::vector<std::string> kMachineAndBuild = {"host", "processor", "compiler", "isa"};

// One rule on one group of runs: what can be said before any number is compared.
class GroupCheck {
 public:
  GroupCheck(const Results& results, const Results& baseline, const PolicyRule& rule, const RunGroup& group)
      : results_(results), baseline_(baseline), rule_(rule) {
    item_.metric = rule.metric->name;
    item_.rule = rule.kind;
    item_.where = group.where;
    item_.required = rule.required;
    for (const MatchedRun& matched : group.runs) sort_out(matched);
    if (one_value_per_run(*rule.metric)) {
      item_.value = median_of(results, true);
      item_.baseline = median_of(baseline, false);
    }
    item_.runs = pairs_.size();
  }

  struct Pair {
    std::size_t run;
    std::size_t base;
    std::uint32_t seed;
  };
  const std::vector<Pair>& pairs() const { return pairs_; }
  const RunRecord& run(const Pair& pair) const { return results_.runs[pair.run]; }
  const RunRecord& base(const Pair& pair) const { return baseline_.runs[pair.base]; }
  const PolicyRule& rule() const { return rule_; }
  bool minimize() const { return rule_.metric->goal != Goal::kMaximize; }
  // Whether a change for the better counts as one for the worse.
  bool both() const { return rule_.both || rule_.metric->goal == Goal::kNone; }

  CheckItem conclude(Verdict verdict, std::string message) {
    // A regression is one whatever else is missing; nothing else can be said of a group with gaps.
    if (!failed_.empty()) {
      item_.verdict = Verdict::kRegressed;
      item_.message = failed_;
      if (verdict == Verdict::kRegressed) item_.message += "; " + message;
    } else if (verdict != Verdict::kRegressed && !gap_.empty()) {
      item_.verdict = Verdict::kUnmeasured;
      item_.message = gaps_ > 1 ? fmt::format("{} (and {} more)", gap_, gaps_ - 1) : gap_;
    } else {
      item_.verdict = verdict;
      item_.message = std::move(message);
    }
    return std::move(item_);
  }
  CheckItem& item() { return item_; }

 private:
  void gap(std::string why) {
    if (gaps_++ == 0) gap_ = std::move(why);
  }

  void sort_out(const MatchedRun& m) {
    const auto has_result = [](const RunRecord& r) {
      return r.state != RunState::kMissing && r.state != RunState::kFailed;
    };
    if (!m.base) return gap(fmt::format("seed {} is not in the baseline", m.seed));
    if (!has_result(baseline_.runs[*m.base])) return gap(fmt::format("seed {} has no baseline", m.seed));
    if (!m.run || results_.runs[*m.run].state == RunState::kMissing)
      return gap(fmt::format("seed {} is missing", m.seed));
    const RunRecord& now = results_.runs[*m.run];
    if (now.state == RunState::kFailed) {
      if (failed_.empty()) failed_ = fmt::format("seed {} failed: {}", m.seed, now.message);
      return;
    }
    const RunRecord& before = baseline_.runs[*m.base];
    const auto recorded = [&](const RunRecord& r) {
      return r.state == RunState::kDiverged || !r[rule_.metric->id].empty();
    };
    if (!recorded(now)) return gap(fmt::format("seed {} has no {}", m.seed, rule_.metric->name));
    if (!recorded(before)) {
      return gap(fmt::format("the baseline has no {} of seed {}", rule_.metric->name, m.seed));
    }
    pairs_.push_back({*m.run, *m.base, m.seed});
  }

  double median_of(const Results& from, bool now) const {
    std::vector<double> values;
    const JudgedMetric judged{rule_.metric, minimize(), true};
    for (const Pair& pair : pairs_) {
      const Score s = score(from, now ? pair.run : pair.base, judged);
      if (s.counts()) values.push_back(s.value);
    }
    std::sort(values.begin(), values.end());
    return values.empty() ? kNoValue : median(values);
  }

  const Results& results_;
  const Results& baseline_;
  const PolicyRule& rule_;
  CheckItem item_;
  std::vector<Pair> pairs_;
  std::string gap_;
  std::size_t gaps_ = 0;
  std::string failed_;
};

std::string state_words(const RunRecord& run) {
  return run.state == RunState::kDone ? "finished" : std::string(state_name(run.state));
}

// How far a number is outside what is allowed: positive = worse, negative = better.
struct Departure {
  double beyond = 0.0;     // of the allowed difference: 2 = twice as far as allowed; 0 = within
  double largest = 0.0;    // relative difference, within or not
  double from_zero = 0.0;  // the same where the baseline is 0 and nothing can be relative to it
  std::string words;
};

void compare_numbers(GroupCheck& group, const GroupCheck::Pair& pair, Departure& worst, Departure& best) {
  const std::vector<double>& now = group.run(pair)[group.rule().metric->id];
  const std::vector<double>& before = group.base(pair)[group.rule().metric->id];
  const auto note = [](Departure& d, double beyond, std::string words) {
    if (beyond > d.beyond) d = {beyond, d.largest, d.from_zero, std::move(words)};
  };
  const double inf = std::numeric_limits<double>::infinity();
  const bool was_diverged = group.base(pair).state == RunState::kDiverged;
  const bool is_diverged = group.run(pair).state == RunState::kDiverged;
  if (was_diverged != is_diverged) {
    return note(is_diverged || group.both() ? worst : best, inf,
                fmt::format("seed {} {}, in the baseline it {}", pair.seed, state_words(group.run(pair)),
                            state_words(group.base(pair))));
  }
  if (now.size() != before.size()) {
    return note(worst, inf,
                fmt::format("seed {} has {} numbers, the baseline {}", pair.seed, now.size(), before.size()));
  }
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (now[i] == before[i] || (std::isnan(now[i]) && std::isnan(before[i]))) continue;
    const double allowed = group.rule().abs + group.rule().rel * std::abs(before[i]);
    const double difference = std::abs(now[i] - before[i]);
    const bool worse = group.both() || !(group.minimize() ? now[i] < before[i] : now[i] > before[i]);
    Departure& side = worse ? worst : best;
    if (before[i] == 0.0) {
      side.from_zero = std::max(side.from_zero, difference);
    } else {
      side.largest = std::max(side.largest, difference / std::abs(before[i]));
    }
    if (difference <= allowed) continue;  // NaN is not within anything
    const double beyond = std::isfinite(difference) && allowed > 0.0 ? difference / allowed : inf;
    if (beyond <= side.beyond) continue;
    const std::string place =
        now.size() == 1 ? ""
        : group.rule().metric->dims.size() == 1 && group.rule().metric->dims[0] == Dim::kEpoch
            ? fmt::format(", epoch {}", i + 1)
            : fmt::format(", number {}", i);
    note(side, beyond,
         group.rule().kind == RuleKind::kExact
             ? fmt::format("seed {}{} is {:.9g}, the baseline {:.9g}", pair.seed, place, now[i], before[i])
             : fmt::format("seed {}{} is {:.5g}, the baseline {:.5g}: {:.2g} times the allowed difference",
                           pair.seed, place, now[i], before[i], beyond));
  }
}

CheckItem check_numbers(GroupCheck group) {
  Departure worst;
  Departure best;
  for (const GroupCheck::Pair& pair : group.pairs()) compare_numbers(group, pair, worst, best);
  if (worst.beyond > 0.0) return group.conclude(Verdict::kRegressed, worst.words);
  const bool exact = group.rule().kind == RuleKind::kExact;
  if (best.beyond > 0.0) {
    return group.conclude(exact ? Verdict::kRegressed : Verdict::kImproved, best.words);
  }
  const double largest = std::max(worst.largest, best.largest);
  const double from_zero = std::max(worst.from_zero, best.from_zero);
  std::vector<std::string> within;
  if (largest > 0.0) within.push_back(fmt::format("within {} %", percent_text(largest)));
  if (from_zero > 0.0) within.push_back(fmt::format("within {:.2g} of 0", from_zero));
  return group.conclude(Verdict::kPassed,
                        within.empty() ? "the same bits" : fmt::format("{}", fmt::join(within, ", and ")));
}

// The number by which a run is judged; infinite if it diverged.
double as_loss(const GroupCheck& group, const RunRecord& record) {
  const std::vector<double>& values = record[group.rule().metric->id];
  if (record.state == RunState::kDiverged || values.empty() || !std::isfinite(values.back())) {
    return std::numeric_limits<double>::infinity();
  }
  return group.minimize() ? values.back() : -values.back();
}

bool all_the_same(const GroupCheck& group) {
  return std::all_of(group.pairs().begin(), group.pairs().end(), [&](const GroupCheck::Pair& pair) {
    return as_loss(group, group.run(pair)) == as_loss(group, group.base(pair));
  });
}

// Relative differences, positive where the run is worse (sign 1) or better (sign -1) than its baseline by
// more than the margin.
std::vector<double> differences(const GroupCheck& group, double sign) {
  std::vector<double> out;
  for (const GroupCheck::Pair& pair : group.pairs()) {
    const double now = as_loss(group, group.run(pair));
    const double before = as_loss(group, group.base(pair));
    const double margin = group.rule().abs + group.rule().rel * std::abs(before);
    // With a margin a run that did not change is evidence for "not worse", and the test must see it.
    if (now == before && (std::isinf(now) || margin == 0.0)) {
      out.push_back(0.0);
    } else if (std::isinf(now) || std::isinf(before)) {
      out.push_back(now > before ? sign : -sign);
    } else {
      const double beyond = sign * (now - before) - margin;
      out.push_back(beyond / (std::abs(now) + std::abs(before) + margin));
    }
  }
  return out;
}

std::vector<CheckItem> check_statistically(std::vector<GroupCheck> groups) {
  std::vector<CheckItem> items;
  const double level = groups.front().rule().level;
  std::vector<double> worse;
  std::vector<double> better;
  for (const GroupCheck& group : groups) {
    const double sides = group.both() ? 2.0 : 1.0;
    worse.push_back(std::min(1.0, sides * signed_rank_tail(differences(group, 1.0))));
    better.push_back(std::min(1.0, sides * signed_rank_tail(differences(group, -1.0))));
  }
  worse = holm(worse);
  better = holm(better);
  for (std::size_t g = 0; g < groups.size(); ++g) {
    GroupCheck& group = groups[g];
    const std::size_t n = group.pairs().size();
    const double tests = static_cast<double>(groups.size()) * (group.both() ? 2.0 : 1.0);
    std::size_t enough = n;
    while (std::ldexp(tests, -static_cast<int>(enough)) > level) ++enough;
    group.item().p_value = group.both() ? std::min(worse[g], better[g]) : worse[g];
    const auto beyond = [&](double sign) { return count_pairs(differences(group, sign)).losses; };
    const std::string seen = all_the_same(group)
                                 ? fmt::format("{}, all the same", count(n, "paired run"))
                                 : fmt::format("worse in {} of {}", beyond(1.0), count(n, "paired run"));
    if (enough > n) {
      items.push_back(
          group.conclude(Verdict::kUnmeasured,
                         fmt::format("{} cannot show anything at level {:.3g} in {}; {} could",
                                     count(n, "paired run"), level, count(groups.size(), "group"), enough)));
    } else if (worse[g] <= level || (group.both() && better[g] <= level)) {
      items.push_back(
          group.conclude(Verdict::kRegressed, fmt::format("{}, p = {:.2g}", seen, group.item().p_value)));
    } else if (!group.both() && better[g] <= level) {
      items.push_back(group.conclude(
          Verdict::kImproved,
          fmt::format("better in {} of {}, p = {:.2g}", beyond(-1.0), count(n, "paired run"), better[g])));
    } else {
      items.push_back(group.conclude(Verdict::kPassed, seen));
    }
  }
  return items;
}

// Settings by which a rule forms its groups.
std::vector<std::size_t> grouping(const Manifest& manifest, const PolicyRule& rule) {
  std::vector<std::size_t> all(manifest.settings.size());
  std::iota(all.begin(), all.end(), 0);
  if (rule.kind != RuleKind::kStatistical || all.empty()) return all;
  std::vector<std::string> names;
  for (const SettingColumn& column : manifest.settings) names.push_back(column.name);
  if (!rule.by) {
    const auto cell = std::find(names.begin(), names.end(), "cell");
    return {cell == names.end() ? 0 : static_cast<std::size_t>(cell - names.begin())};
  }
  std::vector<std::size_t> chosen;
  for (const std::string& name : *rule.by) {
    const auto found = std::find_if(all.begin(), all.end(), [&](std::size_t s) {
      return manifest.settings[s].name == name || manifest.settings[s].key == name;
    });
    if (found == all.end()) {
      const std::string nearest = nearest_name(name, names);
      throw UsageError(
          "", fmt::format("the policy groups {} by '{}', which is not swept", rule.metric->name, name),
          nearest.empty() ? fmt::format("swept are: {}", fmt::join(names, ", "))
                          : fmt::format("did you mean '{}'?", nearest));
    }
    chosen.push_back(*found);
  }
  return chosen;
}

CheckItem unmeasured(const PolicyRule& rule, std::string why) {
  CheckItem item;
  item.metric = rule.metric->name;
  item.rule = rule.kind;
  item.where = "all runs";
  item.required = rule.required;
  item.message = std::move(why);
  return item;
}

}  // namespace

std::string_view verdict_name(Verdict verdict) {
  static constexpr std::string_view kNames[] = {"passed", "improved", "regressed", "unmeasured"};
  return kNames[static_cast<std::size_t>(verdict)];
}

std::size_t CheckReport::count(Verdict verdict) const {
  return static_cast<std::size_t>(
      std::count_if(items.begin(), items.end(), [&](const CheckItem& i) { return i.verdict == verdict; }));
}

Verdict CheckReport::verdict() const {
  if (count(Verdict::kRegressed) > 0) return Verdict::kRegressed;
  const bool gap = std::any_of(items.begin(), items.end(), [](const CheckItem& i) {
    return i.verdict == Verdict::kUnmeasured && i.required;
  });
  if (gap || count(Verdict::kUnmeasured) == items.size()) return Verdict::kUnmeasured;
  return count(Verdict::kImproved) > 0 ? Verdict::kImproved : Verdict::kPassed;
}

CheckReport check(const Results& results, const Results& baseline, const Policy& policy) {
  CheckReport report;
  report.experiment = results.manifest.experiment;
  const std::vector<std::string> differ = provenance_differences(results.manifest, baseline.manifest);
  if (!differ.empty()) {
    report.notes.push_back(fmt::format("apart from the baseline in {}", fmt::join(differ, ", ")));
  }
  const std::string obstacle = mismatch(results, baseline);
  const std::vector<std::string> machines =
      provenance_differences(results.manifest, baseline.manifest, kMachineAndBuild);
  for (const PolicyRule& rule : policy.rules) {
    if (!obstacle.empty()) {
      report.items.push_back(unmeasured(rule, obstacle));
      continue;
    }
    if (rule.metric->group == Group::kMeasured && !machines.empty()) {
      report.items.push_back(unmeasured(
          rule, fmt::format("measured on another machine or build: {}", fmt::join(machines, ", "))));
      continue;
    }
    std::vector<GroupCheck> groups;
    for (const RunGroup& group : matched_runs(results, baseline, grouping(results.manifest, rule))) {
      groups.emplace_back(results, baseline, rule, group);
    }
    if (groups.empty()) {
      report.items.push_back(unmeasured(rule, "there are no runs"));
    } else if (rule.kind == RuleKind::kStatistical) {
      for (CheckItem& item : check_statistically(std::move(groups))) report.items.push_back(std::move(item));
    } else {
      for (GroupCheck& group : groups) report.items.push_back(check_numbers(std::move(group)));
    }
  }
  return report;
}

std::string unfit_as_baseline(const Results& results) {
  std::size_t missing = 0;
  std::size_t failed = 0;
  for (const RunRecord& run : results.runs) {
    missing += run.state == RunState::kMissing;
    failed += run.state == RunState::kFailed;
  }
  if (results.runs.empty()) return "there are no runs";
  if (missing > 0) return fmt::format("{} of {} missing", missing, count(results.runs.size(), "run"));
  if (failed > 0) return fmt::format("{} of {} failed", failed, count(results.runs.size(), "run"));
  return "";
}

}  // namespace unroll
