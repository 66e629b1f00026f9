#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/best_settings.h"
#include "report/compare.h"
#include "report/overview.h"
#include "report/statements.h"
#include "report/text_table.h"
#include "report/verdict.h"

namespace unroll {

namespace {

// With more points the table of pairs sums up.
constexpr std::size_t kPointsInPairTable = 8;
constexpr std::size_t kBestShown = 20;

std::string percent(double level) {
  return fmt::format("{:.4g} %", 100.0 * level);
}

std::string title(const Comparison& c, std::size_t point, double chance) {
  std::string text = point_label(c, point);
  if (!std::isnan(chance)) text += fmt::format("{}chance level {}", text.empty() ? "" : "; ", number(chance));
  return text;
}

// The chance level of a point, NaN if its rows do not agree on one.
double shared_chance(const Comparison& c, std::size_t point) {
  double level = kNoValue;
  for (const CompareRow& row : c.rows) {
    if (row.point != point) continue;
    if (std::isnan(row.chance) || (!std::isnan(level) && row.chance != level)) return kNoValue;
    level = row.chance;
  }
  return level;
}

std::string method_table(const Comparison& c, std::size_t width) {
  bool shared = true;
  for (const CompareRow& row : c.rows)
    shared = shared && (std::isnan(row.chance) || row.chance == shared_chance(c, row.point));
  std::vector<TextColumn> columns = {{c.by.empty() ? "experiment" : c.by, true}, {"n"}};
  for (const StatisticInfo& statistic : statistics()) {
    const bool always = statistic.id == Statistic::kMedian || statistic.id == Statistic::kIqm;
    columns.push_back({std::string(statistic.heading), false, always ? 0U : 3U});
    if (statistic.id == Statistic::kIqm) columns.push_back({percent(c.level) + " interval", true});
  }
  columns.insert(columns.end(), {{"chance"}, {"params", false, 1}, {"s/run", false, 2}, {"note", true}});
  TextTable table(columns);
  std::size_t point = c.points.size();
  for (const CompareRow& row : c.rows) {
    if (row.point != point) {
      point = row.point;
      const std::string text = title(c, point, shared ? shared_chance(c, point) : kNoValue);
      if (!text.empty()) table.title(text);
    }
    std::vector<std::string> cells = {c.methods[row.method], std::to_string(row.n)};
    for (const StatisticInfo& statistic : statistics()) {
      cells.push_back(number(row[statistic.id]));
      if (statistic.id == Statistic::kIqm) cells.push_back(range(row.interval));
    }
    cells.insert(cells.end(), {shared ? "" : number(row.chance), whole(row.params),
                               std::isnan(row.seconds) ? "" : number(row.seconds), row_note(row)});
    table.add(std::move(cells));
  }
  return table.text(width);
}

// The best of very many settings, in the order of their values.
std::string best_table(const Comparison& c, std::size_t width) {
  TextTable table({{c.by.empty() ? "experiment" : c.by, true},
                   {c.axes.empty() ? "" : "at", true},
                   {"n"},
                   {"median"},
                   {"IQM"},
                   {"min", false, 3},
                   {"max", false, 3},
                   {"params", false, 1},
                   {"s/run", false, 2},
                   {"note", true}});
  for (const CompareRow* row : best_settings(c, kBestShown)) {
    table.add({c.methods[row->method], point_label(c, row->point), std::to_string(row->n),
               number((*row)[Statistic::kMedian]), number((*row)[Statistic::kIqm]),
               number((*row)[Statistic::kMin]), number((*row)[Statistic::kMax]), whole(row->params),
               std::isnan(row->seconds) ? "" : number(row->seconds), row_note(*row)});
  }
  const std::size_t settings = settings_with_result(c);
  const std::size_t empty = c.rows.size() - settings;
  return fmt::format("The best {} of {}{}{}\n{}", std::min(settings, kBestShown), count(settings, "setting"),
                     settings > kBestShown ? ", all of them with --csv" : "",
                     empty > 0 ? fmt::format("; {} {} no result", empty, empty > 1 ? "have" : "has") : "",
                     table.text(width));
}

std::string pair_table(const Comparison& c, std::size_t width) {
  TextTable table({{"better vs other", true},
                   {"wins", true},
                   {"P"},
                   {percent(c.level) + " interval", true},
                   {"median difference", true, 1},
                   {percent(c.level) + " interval", true, 2},
                   {"p (Holm)"}});
  const auto add = [&](const ComparePair& pair) {
    std::string wins = fmt::format("{} of {}", pair.counts.wins, pair.counts.total());
    if (pair.counts.ties > 0) wins += fmt::format(" ({})", count(pair.counts.ties, "tie"));
    const bool judged = pair.judged();
    table.add({c.methods[pair.better] + " vs " + c.methods[pair.other], wins,
               judged ? fmt::format("{:.2f}", pair.probability) : "-",
               judged ? fmt::format("{:.2f} .. {:.2f}", pair.interval.low, pair.interval.high) : "-",
               number(pair.difference), range(pair.difference_interval),
               judged ? fmt::format("{:.2g}", pair.p_value) : "-"});
  };
  std::size_t point = c.points.size();
  const bool all = c.points.size() <= kPointsInPairTable;
  for (const ComparePair& pair : c.pairs) {
    if (!all) break;
    if (pair.point != point && !c.axes.empty()) table.title(point_label(c, pair.point));
    point = pair.point;
    add(pair);
  }
  if (!c.overall.empty()) table.title("over all points, by " + c.repeat);
  for (const ComparePair& pair : c.overall) add(pair);
  if (all) return table.text(width);
  std::size_t shown = 0;
  std::size_t holds = 0;
  for (const ComparePair& pair : c.pairs) {
    shown += pair.shown;
    holds += pair.holds;
  }
  return table.text(width) +
         paragraph(
             "  ",
             fmt::format(
                 "{} at single points: a difference is shown in {}, of which {} hold after the correction. "
                 "All of them: --json, or the report.",
                 count(c.pairs.size(), "pair"), shown, holds),
             width);
}

std::string legend(const Comparison& c, std::size_t width) {
  struct Entry {
    std::string term;
    std::string meaning;
    bool applies;
  };
  bool interval = false;
  bool narrow = false;
  bool chance = false;
  for (const CompareRow& row : c.rows) {
    const bool has = row.n >= kFewestForInterval;
    interval = interval || has;
    narrow = narrow || (has && row.n < 5);
    chance = chance || !std::isnan(row.chance);
  }
  bool judged = false;
  bool needed = false;
  for (const ComparePair& pair : c.pairs) {
    judged = judged || pair.judged();
    needed = needed || pair.seeds_needed > 0;
  }
  for (const ComparePair& pair : c.overall) needed = needed || pair.seeds_needed > 0;
  std::vector<Entry> entries = {
      {c.metric, c.description + ".", true},
      {"n", "runs with a result. A diverged run counts, as worse than any number.", true},
  };
  for (const StatisticInfo& s : statistics()) {
    entries.push_back({std::string(s.heading), fmt::format("{}.", s.description), s.heading != s.name});
  }
  const std::vector<Entry> more = {
      {"interval",
       fmt::format(
           "where the value for very many {0}s would lie, with {1} confidence: bootstrap over the {0}s.{2}",
           c.repeat, percent(c.level),
           narrow ? fmt::format(" For fewer than 5 {}s it is too narrow.", c.repeat) : ""),
       interval},
      {"chance level", c.chance_rule + ".", chance && !c.chance_rule.empty()},
      {"P",
       fmt::format("probability that the first method has the {0} {1} on a new {2}. Runs are paired by {2}: "
                   "{3}. A tie is half a win.",
                   c.minimize ? "lower" : "higher", c.metric, c.repeat,
                   c.repeat == "fold"
                       ? "both train and validate on the same division of the data, from the same "
                         "seed; folds share training data, so they say less than as many of their own"
                       : "both draw the same data, as far as their settings allow"),
       judged},
      {"beats", "the whole interval of P is above 0.5.", judged},
      {"difference", "of the first method less the second.", !c.pairs.empty()},
      {"p (Holm)",
       "exact Wilcoxon signed-rank test of equal methods, corrected for all pairs. Before the correction, n "
       "pairs "
       "cannot have less than 2^(1-n): 0.0625 for 5.",
       judged},
      {"over all points", fmt::format("a {} is won by the method that is better at most points.", c.repeat),
       !c.overall.empty()},
      {c.repeat + "s needed",
       fmt::format("to show a P as large as observed in {:.0f} of 100 sweeps.", 100.0 * kPower),
       judged && needed},
  };
  entries.insert(entries.end(), more.begin(), more.end());
  std::string out;
  for (const Entry& entry : entries) {
    if (entry.applies) out += paragraph(fmt::format("  {:<15}  ", entry.term), entry.meaning, width);
  }
  return out;
}

}  // namespace

std::string to_text(const Comparison& c, std::size_t width) {
  width = std::clamp<std::size_t>(width, 60, 120);
  std::string goal =
      c.has_goal ? (c.minimize ? "lower is better" : "higher is better") : "no better direction";
  if (!c.unit.empty() && c.unit != "1") goal = c.unit + ", " + goal;
  std::string out =
      fmt::format("{}: {}{} ({})\n\n", c.experiment, c.metric, c.by.empty() ? "" : " by " + c.by, goal);
  for (const std::string& note : c.notes) out += paragraph("", note, width);
  if (!c.notes.empty()) out += "\n";
  out += is_scattered(c) ? best_table(c, width) : method_table(c, width);
  if (!c.pairs.empty()) out += "\nPairs over shared " + c.repeat + "s\n" + pair_table(c, width);
  out += overview_text(c, width);
  if (!c.verdict.empty()) {
    out += "\nVerdict\n";
    for (const std::string& sentence : c.verdict) out += paragraph("  ", sentence, width);
  }
  return out + "\nHow to read this\n" + legend(c, width);
}

}  // namespace unroll
