#include <fmt/format.h>

#include "base/shell.h"
#include "report/best_settings.h"
#include "report/markup.h"
#include "report/page.h"
#include "report/statements.h"
#include "report/text_table.h"
#include "report/verdict.h"

namespace unroll {

namespace {

constexpr std::size_t kMostFailures = 100;
constexpr std::size_t kMostSettings = 200;

std::string cell(std::string_view text) {
  return fmt::format("<td>{}</td>", html(text));
}

std::string head(const std::vector<std::string>& names) {
  std::string out = "<thead><tr>";
  for (const std::string& name : names) out += fmt::format("<th scope=\"col\">{}</th>", html(name));
  return out + "</tr></thead>\n";
}

std::string table(const std::vector<std::string>& names, const std::string& body) {
  return fmt::format("<div class=\"scroll\"><table>\n{}{}</table></div>\n", head(names), body);
}

std::string group_row(std::size_t columns, const std::string& text) {
  return fmt::format("<tr class=\"group\"><th colspan=\"{}\" scope=\"colgroup\">{}</th></tr>\n", columns,
                     html(text));
}

std::string setting_text(const Manifest& manifest, std::size_t run) {
  std::string out;
  for (const SettingColumn& column : manifest.settings) {
    out += fmt::format("{}={} ", column.name, to_string(setting_value(column, run)));
  }
  return out + fmt::format("seed={}", manifest.replicate.at(run));
}

// A command that trains this one run again, wherever in the plan it is from: a grid, a zip, a random draw.
std::string reproduce(const Manifest& manifest, std::size_t run) {
  return fmt::format("unroll run {} --only {} --out again.h5", shell_word(manifest.experiment + ".yaml"),
                     manifest.run_ids.at(run));
}

}  // namespace

std::string method_table_html(const Comparison& c) {
  std::vector<std::string> names = {c.by.empty() ? "experiment" : c.by, "n"};
  for (const StatisticInfo& statistic : statistics()) {
    names.emplace_back(statistic.heading);
    if (statistic.id == Statistic::kIqm) names.push_back(fmt::format("{:.4g} % interval", 100.0 * c.level));
  }
  names.insert(names.end(), {"chance", "params", "s/run", "note"});
  std::string body = "<tbody>\n";
  // Of settings that have nothing in common the best come first; else each point has its methods.
  const bool scattered = is_scattered(c);
  std::vector<const CompareRow*> rows;
  if (scattered) {
    rows = best_settings(c, kMostSettings);
  } else {
    for (const CompareRow& row : c.rows) rows.push_back(&row);
  }
  std::size_t point = c.points.size();
  for (const CompareRow* at : rows) {
    const CompareRow& row = *at;
    if (!scattered && row.point != point && !c.axes.empty())
      body += group_row(names.size(), point_label(c, row.point));
    point = row.point;
    body += fmt::format("<tr><th scope=\"row\">{}</th>{}",
                        html(scattered ? setting_words(c, row) : c.methods[row.method]),
                        cell(std::to_string(row.n)));
    for (const StatisticInfo& statistic : statistics()) {
      body += cell(number(row[statistic.id]));
      if (statistic.id == Statistic::kIqm) body += cell(range(row.interval));
    }
    body += cell(number(row.chance)) + cell(whole(row.params)) + cell(number(row.seconds));
    body += fmt::format("<td class=\"note\">{}</td></tr>\n", html(row_note(row)));
  }
  std::string shown;
  if (scattered) {
    const std::size_t settings = settings_with_result(c);
    const std::size_t empty = c.rows.size() - settings;
    if (settings > kMostSettings)
      shown += fmt::format("The best {} of {} settings. ", kMostSettings, settings);
    if (empty > 0)
      shown += fmt::format("{} {} no result. ", count(empty, "setting"), empty > 1 ? "have" : "has");
  }
  return table(names, body + "</tbody>\n") +
         fmt::format(
             "<p class=\"caption\">{}{}. n: runs with a result; a diverged run counts, as worse than any "
             "number. IQM: mean of the middle half of the runs.{} params and s/run are medians.</p>\n",
             shown, html(c.description),
             c.chance_rule.empty() ? "" : " Chance level: " + html(c.chance_rule) + ".");
}

std::string pair_table_html(const Comparison& c) {
  if (c.pairs.empty()) return "";
  const std::vector<std::string> names = {"better",
                                          "other",
                                          "wins",
                                          "P",
                                          fmt::format("{:.4g} % interval", 100.0 * c.level),
                                          "median difference",
                                          "p (Holm)",
                                          "verdict"};
  std::string body = "<tbody>\n";
  const auto add = [&](const ComparePair& pair) {
    const bool judged = pair.judged();
    std::string wins = fmt::format("{} of {}", pair.counts.wins, pair.counts.total());
    if (pair.counts.ties > 0) wins += fmt::format(" ({})", count(pair.counts.ties, "tie"));
    body += fmt::format("<tr><th scope=\"row\">{}</th>", html(c.methods[pair.better]));
    body += cell(c.methods[pair.other]) + cell(wins) +
            cell(judged ? fmt::format("{:.2f}", pair.probability) : "-") +
            cell(judged ? fmt::format("{:.2f} .. {:.2f}", pair.interval.low, pair.interval.high) : "-") +
            cell(number(pair.difference)) + cell(judged ? fmt::format("{:.2g}", pair.p_value) : "-");
    const std::string needed =
        pair.seeds_needed > 0 ? fmt::format(", about {} {}s needed", pair.seeds_needed, c.repeat) : "";
    body += fmt::format("<td class=\"note\">{}</td></tr>\n",
                        pair.shown ? (pair.holds ? "better" : "better, before the correction")
                                   : "no difference shown" + needed);
  };
  if (!c.overall.empty()) body += group_row(names.size(), "over all points, by " + c.repeat);
  for (const ComparePair& pair : c.overall) add(pair);
  std::size_t point = c.points.size();
  for (const ComparePair& pair : c.pairs) {
    if (pair.point != point && !c.axes.empty()) body += group_row(names.size(), point_label(c, pair.point));
    point = pair.point;
    add(pair);
  }
  return "<details><summary>" + count(c.pairs.size(), "pair") + "</summary>\n" +
         table(names, body + "</tbody>\n") +
         fmt::format(
             "<p class=\"caption\">Runs are paired by {0}. P: probability that the first is better on a new "
             "{0}. p: exact Wilcoxon signed-rank test, corrected for all pairs.</p></details>\n",
             c.repeat);
}

std::string failures_html(const Results& results) {
  std::string body = "<tbody>\n";
  std::size_t found = 0;
  for (const RunState state : {RunState::kFailed, RunState::kDiverged}) {
    for (std::size_t run = 0; run < results.runs.size(); ++run) {
      if (results.runs[run].state != state || ++found > kMostFailures) continue;
      body += fmt::format(
          "<tr><th scope=\"row\">{}</th><td class=\"note\">{}</td><td class=\"note\">{}: {}</td>"
          "<td class=\"note\"><code>{}</code></td></tr>\n",
          run, html(setting_text(results.manifest, run)), state_name(state), html(results.runs[run].message),
          html(reproduce(results.manifest, run)));
    }
  }
  if (found == 0) return "";
  const std::string rest =
      found > kMostFailures ? fmt::format(" {} in all, the first {} are shown.", found, kMostFailures) : "";
  return table({"run", "settings", "what happened", "again"}, body + "</tbody>\n") +
         fmt::format(
             "<p class=\"caption\">Again: name the file of the experiment, with every --set that the sweep "
             "was "
             "started with; the experiment at the end of this page, saved as a file, has them all.{}</p>\n",
             rest);
}

std::string provenance_html(const Results& results) {
  std::string rows = "<tbody>\n";
  for (const auto& [name, value] : results.manifest.provenance) {
    rows += fmt::format("<tr><th scope=\"row\">{}</th><td class=\"note\">{}</td></tr>\n", html(name),
                        html(value));
  }
  return fmt::format(
      "<div class=\"scroll\"><table>{}<tr><th scope=\"row\">plan</th><td class=\"note\"><code>{}</code>"
      "</td></tr>\n</tbody></table></div>\n<details><summary>The experiment, every setting written out"
      "</summary>\n<pre>{}</pre></details>\n",
      rows, html(results.manifest.plan_hash), html(results.manifest.resolved_yaml));
}

}  // namespace unroll
