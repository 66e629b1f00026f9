// The parts of the text output that look at a sweep as a whole.
#include "report/overview.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/text_table.h"

namespace unroll {

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
    text += fmt::format(
        "A block is a {0} at a point; blocks of one {0} share their luck, so p is optimistic.", c.repeat);
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

}  // namespace unroll
