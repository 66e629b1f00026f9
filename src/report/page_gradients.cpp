// What the gradients did, from what the runs recorded about dL/dh: the answer at the top of the page, and a
// table.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "report/leaders.h"
#include "report/markup.h"
#include "report/page.h"
#include "report/statements.h"
#include "report/text_table.h"
#include "report/verdict.h"
#include "train/gradient_flow.h"

namespace unroll {

namespace {

using Cell = std::vector<Score>;

constexpr std::size_t kEnd = std::size(kProbeNames) - 1;
constexpr std::size_t kMostGradientColumns = 6;  // of the summary
constexpr std::string_view kFlowNames[] = {"vanishing", "healthy", "exploding"};

// Of the top layer at a probe; NaN if the run has none.
double at_probe(const RunRecord& run, Metric metric, std::size_t probe) {
  const std::size_t layers = run.length(Dim::kLayer);
  const std::vector<double>& values = run[metric];
  return values.size() < (probe + 1) * layers || layers == 0 ? kNoValue : values[(probe + 1) * layers - 1];
}

// What is left at the first step.
double left_at(const RunRecord& run, std::size_t probe) {
  const std::size_t layers = run.length(Dim::kLayer);
  const std::size_t lags = run.length(Dim::kLag);
  const std::vector<double>& norms = run[Metric::kGradHidden];
  const std::size_t end = (probe + 1) * layers * lags;
  if (lags == 0 || norms.size() < end) return kNoValue;
  return flow_ratio(std::span(norms).subspan(end - lags, lags));
}

double half_life_at(const Results& results, const Cell& cell, std::size_t probe) {
  return median_over(results, cell,
                     [&](const RunRecord& run) { return at_probe(run, Metric::kGradHalfLife, probe); });
}

std::string steps(double half_life) {
  if (std::isnan(half_life)) return "-";
  return std::isinf(half_life) ? "does not fade" : number(half_life);
}

// "healthy", "vanishing in 8 of 10 runs".
std::string flow_words(const Results& results, const Cell& cell) {
  std::map<std::size_t, std::size_t> counts;
  std::size_t runs = 0;
  for (const Score& score : cell) {
    const std::vector<double>& flow = results.runs[score.run][Metric::kGradFlow];
    if (flow.empty() || !(flow[0] >= 0.0) || !(flow[0] < static_cast<double>(std::size(kFlowNames))))
      continue;
    ++counts[static_cast<std::size_t>(flow[0])];
    ++runs;
  }
  if (runs == 0) return "";
  const auto most = std::max_element(counts.begin(), counts.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  const std::string name(kFlowNames[most->first]);
  return most->second == runs ? name : fmt::format("{} in {} of {} runs", name, most->second, runs);
}

Grid grid_of(const Results& results, const Comparison& c) {
  return make_grid(results, judged_metric(results, c.metric), c.by);
}

// All runs of a method at the points at which the axis has this value.
Cell runs_at(const Grid& grid, std::size_t method, std::size_t axis, const AxisValue& value) {
  Cell all;
  for (std::size_t point = 0; point < grid.points.size(); ++point) {
    if (grid.points[point][axis] != value) continue;
    all.insert(all.end(), grid.cells[method][point].begin(), grid.cells[method][point].end());
  }
  return all;
}

// For each length: who wins, by how much, how sure, and what became of each method's gradient.
std::string summary_table(const Results& results, const Comparison& c) {
  const std::vector<Leader> leaders = find_leaders(c);
  if (leaders.empty()) return "";
  const std::size_t axis = *leading_axis(c);
  const Grid grid = grid_of(results, c);
  const bool gradients = c.methods.size() <= kMostGradientColumns &&
                         std::any_of(results.runs.begin(), results.runs.end(), [](const RunRecord& run) {
                           return !run[Metric::kGradHalfLife].empty();
                         });
  std::string out = fmt::format(
      "<div class=\"scroll\"><table id=\"summary\">\n<thead><tr><th scope=\"col\" rowspan=\"2\">{}</th><th "
      "scope=\"col\" rowspan=\"2\">best {}</th><th scope=\"col\" rowspan=\"2\">{} of the next best</th><th "
      "scope=\"col\" rowspan=\"2\">difference</th>",
      html(c.axes[axis]), html(c.by), html(c.metric));
  if (gradients) {
    out += fmt::format(
        "<th scope=\"colgroup\" colspan=\"{}\">half-life of the gradient after training, in "
        "steps</th></tr>\n<tr>",
        c.methods.size());
    for (const std::string& method : c.methods) out += fmt::format("<th scope=\"col\">{}</th>", html(method));
  }
  out += "</tr></thead>\n<tbody>\n";
  for (const Leader& leader : leaders) {
    const std::string where = c.axes.size() == 1 ? ""
                                                 : fmt::format(" <small>{}at {} of {} points</small>",
                                                               leader.methods.size() > 1 ? "each " : "",
                                                               leader.wins, leader.points);
    const std::string margin =
        leader.diverged == leader.leads              ? "diverged"
        : leader.high < 1.05 && leader.diverged == 0 ? "hardly worse"
        : leader.by_a_factor() ? fmt::format("{} as {}{}", factor_words(leader), c.minimize ? "high" : "low",
                                             leader.diverged > 0 ? ", or diverged" : "")
                               : "mixed";
    std::string best;
    for (const std::size_t method : leader.methods) {
      best += fmt::format("{}<span class=\"swatch m{}\"></span> <b>{}</b>", best.empty() ? "" : ", ",
                          method % 8, html(c.methods[method]));
    }
    const std::string shown = c.axes.size() == 1
                                  ? (leader.shown > 0 ? "shown" : "not shown")
                                  : fmt::format("shown at {} of {}", leader.shown, leader.points);
    out += fmt::format("<tr><th scope=\"row\">{}</th><td>{}{}</td><td>{}</td><td>{}</td>",
                       html(to_string(leader.value)), best, where, margin, shown);
    for (std::size_t method = 0; gradients && method < c.methods.size(); ++method) {
      const Cell cell = runs_at(grid, method, axis, leader.value);
      out += fmt::format("<td>{}<br><small>{}</small></td>", steps(half_life_at(results, cell, kEnd)),
                         flow_words(results, cell));
    }
    out += "</tr>\n";
  }
  out += "</tbody></table></div>\n";
  std::string caption = fmt::format("Best: by the interquartile mean over the {}s.", c.repeat);
  if (c.axes.size() > 1) caption += " A point is a combination of the other settings.";
  caption += fmt::format(" Shown: the {}s tell the two apart.", c.repeat);
  if (gradients) {
    caption += fmt::format(
        " Half-life: how many steps back the gradient is halved, median over the runs; what is much shorter "
        "than the "
        "sequence cannot learn from its beginning. Vanishing: less than {:g} of it is left at the first "
        "step; "
        "exploding: more than {:g} times.",
        kVanishingRatio, kExplodingRatio);
  }
  return out + fmt::format("<p class=\"caption\">{}</p>\n", html(caption));
}

}  // namespace

std::string verdict_html(const Results& results, const Comparison& c) {
  const std::string summary = summary_table(results, c);
  // What the table says need not be said again.
  const std::vector<std::string> said = summary.empty() ? std::vector<std::string>() : leader_sentences(c);
  std::string out = summary + "<ul class=\"verdict\">\n";
  for (const std::string& sentence : c.verdict) {
    if (std::find(said.begin(), said.end(), sentence) == said.end())
      out += fmt::format("<li>{}</li>\n", html(sentence));
  }
  return out + "</ul>\n";
}

std::string gradients_html(const Results& results, const Comparison& c) {
  const Grid grid = grid_of(results, c);
  std::string body;
  for (std::size_t point = 0; point < grid.points.size(); ++point) {
    bool first = true;
    for (std::size_t method = 0; method < grid.methods.size(); ++method) {
      const Cell& cell = grid.cells[method][point];
      const auto runs = std::count_if(cell.begin(), cell.end(), [&](const Score& score) {
        return !results.runs[score.run][Metric::kGradHalfLife].empty();
      });
      if (runs == 0) continue;
      if (first && !c.axes.empty()) {
        body += fmt::format("<tr class=\"group\"><th colspan=\"9\" scope=\"colgroup\">{}</th></tr>\n",
                            html(point_label(c, point)));
      }
      first = false;
      body += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td>", html(grid.methods[method]), runs);
      for (std::size_t probe = 0; probe <= kEnd; ++probe) {
        body += fmt::format("<td>{}</td>", steps(half_life_at(results, cell, probe)));
      }
      const double factor = median_over(
          results, cell, [](const RunRecord& run) { return at_probe(run, Metric::kGradDecay, kEnd); });
      body += fmt::format("<td>{}</td>", std::isnan(factor) ? "-" : fmt::format("{:.4f}", factor));
      for (const std::size_t probe : {std::size_t{0}, kEnd}) {
        const double left =
            median_over(results, cell, [&](const RunRecord& run) { return left_at(run, probe); });
        body += fmt::format("<td>{}</td>", std::isinf(left) ? "infinite" : number(left));
      }
      body += fmt::format("<td class=\"note\">{}</td></tr>\n", flow_words(results, cell));
    }
  }
  if (body.empty()) return "";
  std::string head;
  for (const std::string& name :
       {c.by.empty() ? std::string("experiment") : c.by, std::string("runs"),
        std::string("half-life at start"), std::string("middle"), std::string("end"),
        std::string("factor per step"), std::string("left at start"), std::string("left at end"),
        std::string("at the end")}) {
    head += fmt::format("<th scope=\"col\">{}</th>", html(name));
  }
  return fmt::format(
      "<div class=\"scroll\"><table>\n<thead><tr>{}</tr></thead>\n<tbody>\n{}</tbody>\n</table></div>\n"
      "<p class=\"caption\">The norm of dL/dh of the last layer against the lag, for the loss of the last "
      "step. "
      "Half-life: steps back after which half of the norm is left, and factor per step, both by a straight "
      "line "
      "through its logarithm (grad_half_life, grad_decay). Left: norm at the largest lag as a share of that "
      "at lag "
      "0. At the end (grad_flow): vanishing if less than {:g} is left in every layer, exploding if more than "
      "{:g} "
      "times in some. Medians over the runs.</p>\n",
      head, body, kVanishingRatio, kExplodingRatio);
}

}  // namespace unroll
