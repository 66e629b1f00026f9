#include "report/page.h"

#include <fmt/format.h>

#include <map>

#include "report/best_settings.h"
#include "report/markup.h"
#include "report/page_assets.h"
#include "report/text_table.h"

namespace unroll {

namespace {

std::string subtitle(const Results& results, const Comparison& c) {
  std::map<RunState, std::size_t> states;
  for (const RunRecord& run : results.runs) ++states[run.state];
  std::vector<std::string> parts;
  for (const auto& [state, n] : states) parts.push_back(fmt::format("{} {}", n, state_name(state)));
  const std::string unit = c.unit.empty() || c.unit == "1" ? "" : c.unit + ", ";
  const std::string goal = !c.has_goal  ? "no better direction"
                           : c.minimize ? "lower is better"
                                        : "higher is better";
  return fmt::format("{}{} ({}{}) &middot; {}: {}", html(c.metric), c.by.empty() ? "" : " by " + html(c.by),
                     html(unit), goal, count(results.runs.size(), "run"), fmt::join(parts, ", "));
}

// A block of the page; nothing if its content is empty.
std::string section(std::string_view id, std::string_view heading, const std::string& content) {
  if (content.empty()) return "";
  return fmt::format("<section id=\"{}\">\n<h2>{}</h2>\n{}</section>\n", id, heading, content);
}

// Filled by page.js, which hides what has no data.
constexpr std::string_view kCharts = R"(<div id="charts">
<div id="selectors" role="group" aria-label="What the charts show"></div>
<section id="curves"><h2>Learning curves</h2>
<div class="choices"><label>metric <select id="curve-metric"></select></label>
<label>against <select id="curve-x"></select></label></div>
<div class="chart"><canvas id="curve-chart" role="img" aria-label="Learning curves"></canvas></div>
<p class="caption" id="curve-caption"></p></section>
<section id="lags"><h2>Gradient against lag</h2>
<div class="choices"><label>norm <select id="lag-metric"></select></label>
<label>layer <select id="lag-layer"></select></label></div>
<div class="row" id="lag-charts"></div>
<p class="caption" id="lag-caption"></p></section>
<section id="blocks"><h2>Block by block</h2>
<div class="choices"><label>metric <select id="block-metric"></select></label></div>
<div class="row maps" id="block-fields"></div>
<p class="caption" id="block-caption"></p></section>
<section id="gates"><h2>Where the gates are</h2>
<div class="choices"><label>at the <select id="gate-probe"></select> of training</label></div>
<div class="row maps" id="gate-fields"></div>
<p class="caption">Share of each gate's values in twenty equal parts of its range, from its low end on the left (0 of a sigmoid,
-1 of a tanh) to its high end on the right; stronger colour is more. Strong ends are saturation: hardly any gradient passes there.</p></section>
<section id="pareto"><h2>What it costs</h2><div class="row">
<div class="chart"><canvas id="time-chart" role="img" aria-label="Loss against time"></canvas></div>
<div class="chart"><canvas id="params-chart" role="img" aria-label="Loss against parameters"></canvas></div></div>
<p class="caption" id="pareto-caption"></p></section>
<section id="strips"><h2>Every run</h2>
<div class="chart"><canvas id="strip-chart" role="img" aria-label="Every run"></canvas></div>
<p class="caption" id="strip-caption"></p></section>
</div>
<noscript><p class="caption">The charts need JavaScript; everything else on this page does not.</p></noscript>
)";

// What the charts show: everything, or of very many settings the best ones.
struct Shown {
  static constexpr std::size_t kSettings = 8;

  Shown(const Results& all, const Comparison& whole) : of_best(is_scattered(whole)) {
    if (!of_best) return;
    best_results = runs_of_best(all, whole, kSettings);
    CompareOptions options;
    options.metric = whole.metric;
    options.level = whole.level;
    best = compare(best_results, options);
  }

  bool of_best;
  Results best_results;
  Comparison best;
};

}  // namespace

std::string to_html(const Results& results, const Comparison& comparison) {
  const Shown shown(results, comparison);
  const Results& shown_results = shown.of_best ? shown.best_results : results;
  const Comparison& shown_comparison = shown.of_best ? shown.best : comparison;
  std::string out = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
      "script-src 'unsafe-inline'; img-src data:\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{} &middot; unroll</title>\n<style>\n{}</style>\n</head>\n<body>\n<header>\n<h1>{}</h1>\n"
      "<p class=\"subtitle\">{}</p>\n",
      html(comparison.experiment), page_css(), html(comparison.experiment), subtitle(results, comparison));
  if (!results.manifest.description.empty())
    out += fmt::format("<p>{}</p>\n", html(results.manifest.description));
  for (const std::string& note : comparison.notes)
    out += fmt::format("<p class=\"caption\">{}</p>\n", html(note));
  out += "</header>\n<main>\n";
  out += section("verdict", "Verdict", verdict_html(results, comparison));
  out += section("table", shown.of_best ? "Every setting, the best first" : "Every method",
                 method_table_html(comparison));
  out += shown.of_best ? "" : section("maps", "Maps", maps_html(comparison));
  if (shown.of_best) {
    out += fmt::format(
        "<p class=\"caption\">The charts, and the tables of gradients, nets and classes below them, are "
        "about the best {}.</p>\n",
        count(shown_comparison.methods.size(), "setting"));
  }
  out += kCharts;
  out += section("gradients", "What the gradients did", gradients_html(shown_results, shown_comparison));
  out += section("diagnostics", "Inside the nets", diagnostics_html(shown_results, shown_comparison));
  out +=
      section("confusion", "Which class is taken for which", confusion_html(shown_results, shown_comparison));
  out += section("samples", "What the nets write", samples_html(shown_results, shown_comparison));
  out += section("pairs", "Method against method", pair_table_html(comparison));
  out += section("ranks", "Ranks", ranks_html(comparison));
  out += section("shares", "What the differences come from", shares_html(comparison));
  out += section("budgets", "At equal budgets", budgets_html(comparison));
  out += section("failures", "Failed and diverged runs", failures_html(results));
  out += section("provenance", "Where this comes from", provenance_html(results));
  out += "</main>\n";
  out += fmt::format("<script type=\"application/json\" id=\"data\">{}</script>\n",
                     page_data(shown_results, shown_comparison));
  out += fmt::format("<script type=\"application/json\" id=\"fields\">{}</script>\n",
                     fields_data(shown_results, shown_comparison));
  out += fmt::format("<script>{}</script>\n<script>\n{}</script>\n</body>\n</html>\n", chart_js(), page_js());
  return out;
}

}  // namespace unroll
