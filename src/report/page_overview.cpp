#include <fmt/format.h>

#include "report/markup.h"
#include "report/overview.h"
#include "report/page.h"
#include "report/text_table.h"

namespace unroll {

std::string ranks_html(const Comparison& c) {
  if (c.ranks.mean_rank.empty()) return "";
  return fmt::format(
      "<div class=\"scroll\">{}</div>\n<p class=\"caption\">Mean rank of each method, 1 is best. {} In the "
      "diagram, a bar joins them.</p>\n",
      rank_diagram_svg(c.ranks, c.methods), html(ranks_words(c)));
}

std::string shares_html(const Comparison& c) {
  if (c.shares.factors.size() < 2) return "";
  std::string out = "<div class=\"scroll\"><table>\n";
  for (const FactorShare& f : c.shares.factors) {
    out += fmt::format(
        "<tr><th scope=\"row\">{}</th><td>{:.1f} %</td><td class=\"note\"><span class=\"bar\" "
        "style=\"width:calc({:.4f} * min(20rem, 30vw))\"></span></td></tr>\n",
        html(f.factor), 100.0 * f.share, f.share);
  }
  return out + fmt::format("</table></div>\n<p class=\"caption\">{}</p>\n", html(shares_words(c.shares)));
}

std::string budgets_html(const Comparison& c) {
  if (c.budgets.empty()) return "";
  std::string out = "<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">at most</th>";
  for (const std::string& method : c.methods) out += fmt::format("<th scope=\"col\">{}</th>", html(method));
  out += "</tr></thead>\n<tbody>\n";
  std::string place;
  for (const BudgetRow& row : c.budgets) {
    if (row.where != place) {
      out += fmt::format("<tr class=\"group\"><th colspan=\"{}\">{}</th></tr>\n", c.methods.size() + 1,
                         html(row.where));
    }
    place = row.where;
    out += fmt::format("<tr><th scope=\"row\">{}</th>", html(budget_words(row)));
    for (const BudgetBest& best : row.best) {
      out += best.at.empty()
                 ? "<td>-</td>"
                 : fmt::format("<td>{} <small>({})</small></td>", number(best.value), html(best.at));
    }
    out += "</tr>\n";
  }
  return out +
         "</tbody></table></div>\n<p class=\"caption\">The best size of each method that needs no more than "
         "the "
         "budget: the smallest budget at which every method has one, and the one at which every method has "
         "its "
         "largest. IQM over the " +
         c.repeat + "s; seconds are medians of a run.</p>\n";
}

}  // namespace unroll
