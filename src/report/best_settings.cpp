#include "report/best_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "report/grid.h"
#include "report/statements.h"
#include "report/text_table.h"
#include "report/verdict.h"

namespace unroll {

namespace {

constexpr std::size_t kFewPoints = 8;

}  // namespace

bool is_scattered(const Comparison& c) {
  if (!c.has_goal) return false;
  if (c.methods.size() > kMostMethods) return true;
  std::set<std::size_t> seen;
  const bool alone = std::all_of(c.rows.begin(), c.rows.end(), [&](const CompareRow& row) {
    return row.n == 0 || seen.insert(row.point).second;
  });
  return alone && c.points.size() > kFewPoints;
}

std::vector<const CompareRow*> best_settings(const Comparison& c, std::size_t most) {
  std::vector<const CompareRow*> rows;
  for (const CompareRow& row : c.rows) {
    if (row.n > 0) rows.push_back(&row);
  }
  const double sign = c.minimize ? 1.0 : -1.0;
  std::stable_sort(rows.begin(), rows.end(), [&](const CompareRow* a, const CompareRow* b) {
    return sign * (*a)[Statistic::kIqm] < sign * (*b)[Statistic::kIqm];
  });
  if (rows.size() > most) rows.resize(most);
  return rows;
}

std::size_t settings_with_result(const Comparison& c) {
  return static_cast<std::size_t>(
      std::count_if(c.rows.begin(), c.rows.end(), [](const CompareRow& row) { return row.n > 0; }));
}

std::string setting_words(const Comparison& c, const CompareRow& row) {
  const std::string method = method_name(c, row.method);
  const std::string point = point_label(c, row.point);
  return point.empty() ? method : fmt::format("{} at {}", method, point);
}

std::string best_setting_sentence(const Comparison& c) {
  const std::vector<const CompareRow*> best = best_settings(c, 2);
  std::string text = fmt::format("Of {} settings {} has the best {}: {}", settings_with_result(c),
                                 setting_words(c, *best[0]), c.metric, number((*best[0])[Statistic::kIqm]));
  if (best.size() > 1) {
    text +=
        fmt::format(", before {} with {}", setting_words(c, *best[1]), number((*best[1])[Statistic::kIqm]));
  }
  return text + ". The best of many is flattered by luck: train it with new seeds before it is believed.";
}

Results runs_of_best(const Results& results, const Comparison& c, std::size_t most) {
  const Grid grid = make_grid(results, judged_metric(results, c.metric), c.by);
  Results out;
  out.manifest = results.manifest;
  out.manifest.run_ids.clear();
  out.manifest.replicate.clear();
  std::vector<std::string> words;
  for (const CompareRow* row : best_settings(c, most)) {
    for (const Score& score : grid.cells[row->method][row->point]) {
      out.runs.push_back(results.runs[score.run]);
      out.manifest.run_ids.push_back(results.manifest.run_ids[score.run]);
      out.manifest.replicate.push_back(results.manifest.replicate[score.run]);
      words.push_back(setting_words(c, *row));
    }
  }
  out.manifest.settings = {{"setting", "setting", "", "all swept settings of the run", std::move(words)}};
  return out;
}

}  // namespace unroll
