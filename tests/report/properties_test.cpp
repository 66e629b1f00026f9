// Properties that hold for any runs.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>

#include "report/compare.h"
#include "tests/report/fake_sweep.h"

namespace unroll {
namespace {

using Json = nlohmann::json;

// Losses of runs in any state: about one in eight each diverged, failed or missing.
rc::Gen<double> any_loss() {
  return rc::gen::map(rc::gen::pair(rc::gen::inRange(0, 8), rc::gen::inRange(1, 1000000)), [](auto pair) {
    const double states[] = {kDivergedRun, kFailedRun, kMissingRun};
    return pair.first < 3 ? states[pair.first] : 1e-6 * pair.second;
  });
}

FakeSweep any_sweep(std::size_t seeds) {
  FakeSweep sweep({"cell", "seq_len"});
  const auto points = *rc::gen::inRange<std::int64_t>(1, 7);
  for (const char* cell : {"rnn", "lstm", "gru"}) {
    for (std::int64_t seq_len = 1; seq_len <= points; ++seq_len) {
      if (cell == std::string("lstm") && *rc::gen::inRange(0, 4) == 0) continue;  // an excluded combination
      sweep.add({cell, seq_len}, *rc::gen::container<std::vector<double>>(seeds, any_loss()));
    }
  }
  return sweep;
}

bool has_result(const Results& results) {
  return std::any_of(results.runs.begin(), results.runs.end(), [](const RunRecord& run) {
    return run.state == RunState::kDone || run.state == RunState::kDiverged;
  });
}

// Rows and pairs by their labels, so that the order of methods and points does not matter.
std::map<std::string, std::string> by_label(const Comparison& comparison) {
  const Json json = Json::parse(to_json(comparison));
  std::map<std::string, std::string> labelled;
  for (const Json& row : json.at("rows"))
    labelled[row.at("method").dump() + row.at("at").dump()] = row.dump();
  for (Json pair : json.at("pairs")) {
    const bool undecided = pair.at("wins") == pair.at("losses");
    std::string names[] = {pair.at("better"), pair.at("other")};
    std::sort(std::begin(names), std::end(names));
    // Which of two equal methods is named first is left to the order of the plan.
    if (undecided) {
      for (const char* key : {"better", "other", "difference", "difference_low", "difference_high"})
        pair.erase(key);
    }
    labelled[names[0] + names[1] + pair.at("at").dump()] = pair.dump();
  }
  return labelled;
}

template <typename T>
std::vector<T> permuted(const std::vector<T>& values, const std::vector<std::size_t>& order) {
  std::vector<T> result;
  for (std::size_t i : order) result.push_back(values[i]);
  return result;
}

RC_GTEST_PROP(ReportProperties, PermutingTheRunsChangesNothing, ()) {
  const Results results = any_sweep(*rc::gen::inRange<std::size_t>(1, 7)).results();
  RC_PRE(has_result(results));
  std::vector<std::size_t> order(results.runs.size());
  std::iota(order.begin(), order.end(), 0);
  for (std::size_t i = order.size(); i > 1; --i)
    std::swap(order[i - 1], order[*rc::gen::inRange<std::size_t>(0, i)]);
  Results shuffled = results;
  shuffled.runs = permuted(results.runs, order);
  shuffled.manifest.replicate = permuted(results.manifest.replicate, order);
  for (SettingColumn& column : shuffled.manifest.settings) {
    std::visit([&](auto& values) { values = permuted(values, order); }, column.values);
  }
  RC_ASSERT(by_label(compare(results)) == by_label(compare(shuffled)));
}

RC_GTEST_PROP(ReportProperties, NoRunIsDroppedAndEveryTextFits, ()) {
  const Results results = any_sweep(*rc::gen::inRange<std::size_t>(1, 7)).results();
  RC_PRE(has_result(results));
  const Comparison c = compare(results);
  std::size_t runs = 0;
  for (const CompareRow& row : c.rows) {
    runs += row.n + row.missing + row.failed;
    RC_ASSERT(row.diverged <= row.n);
    if (row.n > 0)
      RC_ASSERT(
          row[Statistic::kMin] <= row[Statistic::kIqm] && row[Statistic::kIqm] <= row[Statistic::kMax] &&
          row[Statistic::kMin] <= row[Statistic::kMedian] && row[Statistic::kMedian] <= row[Statistic::kMax]);
    if (row.n >= kFewestForInterval)
      RC_ASSERT(row.interval.low <= row[Statistic::kIqm] && row[Statistic::kIqm] <= row.interval.high);
  }
  RC_ASSERT(runs == results.runs.size());
  for (const ComparePair& pair : c.pairs) {
    RC_ASSERT(pair.probability >= 0.5 && pair.raw_p <= pair.p_value && pair.p_value <= 1.0);
    RC_ASSERT(pair.p_value >= smallest_p(pair.counts.total()));
    RC_ASSERT(!pair.shown || pair.counts.total() >= 5);
  }
  RC_ASSERT(!c.verdict.empty());
  const std::string text = to_text(c, 100);
  RC_ASSERT(text.find("nan") == std::string::npos && text.find("inf") == std::string::npos);
}

RC_GTEST_PROP(ReportProperties, TwoSidesOfAPairSayTheSame, (const std::vector<std::int8_t>& raw)) {
  std::vector<double> differences(raw.begin(), raw.end());
  std::vector<double> reversed;
  for (double d : differences) reversed.push_back(-d);
  const PairCounts forward = count_pairs(differences);
  const PairCounts backward = count_pairs(reversed);
  RC_ASSERT(std::abs(win_probability(forward) + win_probability(backward) - 1.0) < 1e-15);
  if (forward.total() >= kFewestForInterval) {
    const Interval f = win_interval(forward, 0.95);
    const Interval b = win_interval(backward, 0.95);
    RC_ASSERT(std::abs(f.low + b.high - 1.0) < 1e-15 && std::abs(f.high + b.low - 1.0) < 1e-15);
    RC_ASSERT(f.low <= win_probability(forward) && win_probability(forward) <= f.high);
  }
  RC_ASSERT(std::abs(signed_rank_p(differences) - signed_rank_p(reversed)) < 1e-12);
}

RC_GTEST_PROP(ReportProperties, HolmKeepsTheOrderAndOnlyRaises, ()) {
  const auto p = *rc::gen::container<std::vector<double>>(
      rc::gen::map(rc::gen::inRange(0, 1001), [](int share) { return 0.001 * share; }));
  const std::vector<double> corrected = holm(p);
  for (std::size_t i = 0; i < p.size(); ++i) {
    RC_ASSERT(corrected[i] >= p[i] &&
              corrected[i] <= std::min(1.0, p[i] * static_cast<double>(p.size()) + 1e-15));
    for (std::size_t j = 0; j < p.size(); ++j) RC_ASSERT(p[i] > p[j] || corrected[i] <= corrected[j]);
  }
}

RC_GTEST_PROP(ReportProperties, InterquartileMeanIsThatOfTheMiddleHalf, ()) {
  const auto quarter = *rc::gen::inRange<std::size_t>(1, 8);
  auto values = *rc::gen::container<std::vector<double>>(
      4 * quarter, rc::gen::map(rc::gen::inRange(-1000, 1000), [](int v) { return 0.01 * v; }));
  std::sort(values.begin(), values.end());
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(quarter);
  const double sum = std::accumulate(middle, middle + static_cast<std::ptrdiff_t>(2 * quarter), 0.0);
  RC_ASSERT(std::abs(interquartile_mean(values) - sum / static_cast<double>(2 * quarter)) < 1e-12);
}

}  // namespace
}  // namespace unroll
