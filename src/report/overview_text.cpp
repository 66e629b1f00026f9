// The parts of the text output that look at a sweep as a whole.
#include "report/overview.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/statements.h"
#include "report/text_table.h"

namespace unroll {

namespace {

// "2", "17.6", "1502"
std::string times(double ratio) {
  return ratio < 1000.0 ? fmt::format("{:.3g}", ratio) : fmt::format("{:.0f}", ratio);
}

}  // namespace

std::string ranks_words(const Comparison& c) {
  const RankTable& r = c.ranks;
  std::string text = fmt::format("Friedman's test of equal methods over {}: p = {:.2g}. ",
                                 count(r.blocks, "block"), r.p_value);
  if (r.p_value > 1.0 - c.level) {
    text += "No difference is shown, so the letters say little. ";
  }
  const std::string_view letter = r.groups.empty() ? "letter; none do" : "letter";
  if (r.post_hoc == PostHoc::kNemenyi) {
    text += fmt::format("Mean ranks that are less than {:.2f} apart (Nemenyi) share a {}. ",
                        r.critical_difference, letter);
  } else if (r.pairs.empty()) {
    text += fmt::format("More than {} methods are not tested in pairs. ", kMostTested);
  } else {
    text += fmt::format(
        "Methods that are not shown to differ (Wilcoxon's signed-rank test, Holm) share a {}. ", letter);
  }
  if (!c.axes.empty())
    text += "A block is a seed at a point; blocks of one seed share their luck, so p is optimistic.";
  return text;
}

std::string shares_words(const Shares& s) {
  const std::string scale = s.scale == "value" ? "values" : s.scale + "s";
  return s.exact
             ? fmt::format("Shares of the variance of the {}, exact: the grid is full.", scale)
             : fmt::format(
                   "Shares of the variance of the {}, an approximation: the grid is not full or has gaps, so "
                   "they may overlap.",
                   scale);
}

std::string budget_words(const BudgetRow& row) {
  return fmt::format(
      "{} {}", row.what == "parameters" ? fmt::format("{:.0f}", row.budget) : number(row.budget), row.what);
}

std::string overview_text(const Comparison& c, std::size_t width) {
  std::string out;
  if (!c.ranks.mean_rank.empty()) {
    out += "\nMean ranks, 1 is best\n" + rank_diagram_text(c.ranks, c.methods);
    out += paragraph("  ", ranks_words(c), width);
  }
  if (c.shares.factors.size() > 1) {
    out += "\nWhat the differences come from\n";
    TextTable table({{"factor", true}, {"share"}, {"", true}});
    for (const FactorShare& f : c.shares.factors) {
      table.add({f.factor, fmt::format("{:.1f} %", 100.0 * f.share),
                 std::string(static_cast<std::size_t>(std::lround(30.0 * std::min(1.0, f.share))), '#')});
    }
    out += table.text(width) + paragraph("  ", shares_words(c.shares), width);
  }
  if (!c.budgets.empty()) {
    out += "\nAt equal budgets, the best size of each method\n";
    std::vector<TextColumn> columns = {{"at most", true}};
    for (const std::string& method : c.methods) columns.push_back({method, true});
    TextTable table(columns);
    std::string place;
    for (const BudgetRow& row : c.budgets) {
      if (row.where != place) table.title(row.where);
      place = row.where;
      std::vector<std::string> cells = {budget_words(row)};
      for (const BudgetBest& best : row.best) {
        cells.push_back(best.at.empty() ? "-" : fmt::format("{} ({})", number(best.value), best.at));
      }
      table.add(std::move(cells));
    }
    out += table.text(width);
  }
  return out;
}

std::vector<std::string> leaders(const Comparison& c) {
  std::vector<std::string> out;
  if (!c.has_goal || c.methods.size() < 2 || c.axes.empty()) return out;
  // By the length if it is swept, for that is what a recurrent net is asked; else by the last axis.
  const auto length = std::find(c.axes.begin(), c.axes.end(), "seq_len");
  const std::size_t axis =
      length == c.axes.end() ? c.axes.size() - 1 : static_cast<std::size_t>(length - c.axes.begin());
  std::vector<AxisValue> values;
  for (const auto& point : c.points) {
    if (std::find(values.begin(), values.end(), point[axis]) == values.end()) values.push_back(point[axis]);
  }
  if (values.size() > 8) return out;
  for (const AxisValue& value : values) {
    std::vector<std::size_t> wins(c.methods.size(), 0);
    std::size_t points = 0;
    std::vector<double> margins;
    std::vector<std::size_t> shown(c.methods.size(), 0);
    for (std::size_t point = 0; point < c.points.size(); ++point) {
      if (c.points[point][axis] != value) continue;
      std::vector<std::pair<double, std::size_t>> order;
      for (const CompareRow& row : c.rows) {
        if (row.point == point && row.n > 0)
          order.emplace_back((c.minimize ? 1.0 : -1.0) * row[Statistic::kIqm], row.method);
      }
      if (order.size() < 2) continue;
      std::sort(order.begin(), order.end());
      ++points;
      if (order[0].first > order[1].first - 1e-9 * std::abs(order[1].first)) continue;  // a tie has no leader
      ++wins[order[0].second];
      const double a = std::abs(order[0].first);
      const double b = std::abs(order[1].first);
      margins.push_back(c.minimize ? b / a : a / b);
      shown[order[0].second] += std::any_of(c.pairs.begin(), c.pairs.end(), [&](const ComparePair& pair) {
        return pair.point == point && pair.better == order[0].second && pair.other == order[1].second &&
               pair.shown;
      });
    }
    if (margins.empty()) continue;
    const auto best = static_cast<std::size_t>(std::max_element(wins.begin(), wins.end()) - wins.begin());
    const auto [low, high] = std::minmax_element(margins.begin(), margins.end());
    const std::string at = fmt::format("At {} {}, ", c.axes[axis], to_string(value));
    const std::string where = points == 1 ? "" : fmt::format(" at {} of {} points", wins[best], points);
    std::string margin;
    if (*high < 1.05) {
      margin = ", hardly ahead of the next best";
    } else if (wins[best] == points && std::isfinite(*high) && *low > 0.0) {
      margin = points == 1 || *high / *low < 1.05
                   ? fmt::format(", {} times {} the next best", times(*high), c.minimize ? "below" : "above")
                   : fmt::format(", {} to {} times {} the next best", times(*low), times(*high),
                                 c.minimize ? "below" : "above");
    }
    out.push_back(
        fmt::format("{}{} has the best {}{}{}; a difference to the next best is shown at {} of them.", at,
                    method_name(c, best), c.metric, where, margin, shown[best]));
    if (points == 1) {
      out.back() = fmt::format("{}{} has the best {}{}; a difference to the next best is {}shown.", at,
                               method_name(c, best), c.metric, margin, shown[best] > 0 ? "" : "not ");
    }
  }
  return out;
}

}  // namespace unroll
