#include "report/budgets.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "report/text_table.h"

namespace unroll {

namespace {

// Settings of the task and of nothing else make two points incomparable.
std::vector<bool> task_axes(const Results& results, const Comparison& c) {
  std::vector<bool> out;
  for (const std::string& axis : c.axes) {
    const auto& settings = results.manifest.settings;
    const auto column = std::find_if(settings.begin(), settings.end(),
                                     [&](const SettingColumn& s) { return s.name == axis; });
    out.push_back(column == settings.end() || column->key.rfind("model.", 0) != 0);
  }
  return out;
}

std::string words(const Comparison& c, const std::vector<bool>& of_task, std::size_t point, bool task) {
  std::vector<std::string> parts;
  for (std::size_t axis = 0; axis < c.axes.size(); ++axis) {
    if (of_task[axis] == task)
      parts.push_back(fmt::format("{} {}", c.axes[axis], to_string(c.points[point][axis])));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

void add_rows(const Comparison& c, const std::vector<bool>& of_task, const std::string& where,
              const std::vector<const CompareRow*>& rows, double CompareRow::*cost, std::string_view what,
              std::vector<BudgetRow>& out) {
  double least = 0.0;  // at which every method has a row
  double most = 0.0;
  std::size_t methods = 0;
  for (std::size_t method = 0; method < c.methods.size(); ++method) {
    double low = std::numeric_limits<double>::infinity();
    double high = 0.0;
    for (const CompareRow* row : rows) {
      if (row->method != method || !(row->*cost > 0.0)) continue;
      low = std::min(low, row->*cost);
      high = std::max(high, row->*cost);
    }
    if (high == 0.0) continue;
    ++methods;
    least = std::max(least, low);
    most = std::max(most, high);
  }
  if (methods < 2 || least == most) return;
  for (const double budget : {least, most}) {
    BudgetRow line;
    line.where = where;
    line.what = what;
    line.budget = budget;
    line.best.resize(c.methods.size());
    for (std::size_t method = 0; method < c.methods.size(); ++method) {
      const CompareRow* best = nullptr;
      for (const CompareRow* row : rows) {
        if (row->method != method || row->n == 0 || !(row->*cost <= budget)) continue;
        const double value = (*row)[Statistic::kIqm];
        const bool better = best == nullptr || (c.minimize ? value < (*best)[Statistic::kIqm]
                                                           : value > (*best)[Statistic::kIqm]);
        if (better) best = row;
      }
      if (best == nullptr) continue;
      line.best[method] = {words(c, of_task, best->point, false), (*best)[Statistic::kIqm], best->*cost};
    }
    out.push_back(std::move(line));
  }
}

}  // namespace

std::vector<BudgetRow> budget_rows(const Results& results, const Comparison& c) {
  std::vector<BudgetRow> out;
  const std::vector<bool> of_task = task_axes(results, c);
  const bool sizes = std::find(of_task.begin(), of_task.end(), false) != of_task.end();
  if (!sizes || !c.has_goal || c.methods.size() < 2 || c.methods.size() > kMostMethods) return out;
  std::vector<std::string> places;
  std::map<std::string, std::vector<const CompareRow*>> by_place;
  for (const CompareRow& row : c.rows) {
    const std::string place = words(c, of_task, row.point, true);
    if (by_place.find(place) == by_place.end()) places.push_back(place);
    by_place[place].push_back(&row);
  }
  for (const std::string& place : places) {
    add_rows(c, of_task, place, by_place[place], &CompareRow::params, "parameters", out);
    add_rows(c, of_task, place, by_place[place], &CompareRow::seconds, "seconds", out);
  }
  return out;
}

}  // namespace unroll
