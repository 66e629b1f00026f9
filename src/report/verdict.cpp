#include "report/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "report/best_settings.h"
#include "report/leaders.h"
#include "report/statements.h"
#include "report/text_table.h"

namespace unroll {

namespace {

// What is said of some points; the same words on several points become one sentence.
struct Statement {
  std::string words;
  std::vector<std::size_t> points;
};

void say(std::vector<Statement>& statements, const std::string& words, std::size_t point) {
  const auto known = std::find_if(statements.begin(), statements.end(),
                                  [&](const Statement& s) { return s.words == words; });
  if (known == statements.end()) {
    statements.push_back({words, {point}});
  } else {
    known->points.push_back(point);
  }
}

// "At seq_len 60 and 100, "
std::string where(const Comparison& c, const std::vector<std::size_t>& points) {
  if (c.axes.empty()) return "";
  std::vector<std::string> labels;
  if (c.axes.size() == 1) {
    for (std::size_t point : points) labels.push_back(short_text(c.points[point][0]));
    return fmt::format("At {} {}, ", c.axes[0], list(labels));
  }
  for (std::size_t point : points) labels.push_back(point_label(c, point));
  return fmt::format("At {}: ", fmt::join(labels, "; at "));
}

// "both values of seq_len", "all 6 points of seq_len and hidden"
std::string scope(const Comparison& c) {
  const std::string what = c.axes.size() == 1 ? "values of " + c.axes[0] : "points of " + list(c.axes);
  return c.points.size() == 2 ? "both " + what : fmt::format("all {} {}", c.points.size(), what);
}

template <typename Item>
std::vector<Item> at_point(const std::vector<Item>& items, std::size_t point) {
  std::vector<Item> found;
  std::copy_if(items.begin(), items.end(), std::back_inserter(found),
               [&](const Item& i) { return i.point == point; });
  return found;
}

struct Sentences {
  std::vector<Statement> beats_chance;  // a loser learnt nothing: where the difference matters most
  std::vector<Statement> beats;
  std::vector<Statement> no_difference;
  std::vector<Statement> chance;
  std::vector<Statement> diverged;
};

void point_sentences(const Comparison& c, std::size_t point, Sentences& out) {
  const std::vector<CompareRow> rows = at_point(c.rows, point);
  const std::vector<ComparePair> pairs = at_point(c.pairs, point);
  Methods noted;
  for (const Beat& beat : beats(c, pairs, false)) {
    std::vector<CompareRow> losers;
    for (const CompareRow& row : rows) {
      if (!at_chance(row) || std::count(beat.losers.begin(), beat.losers.end(), row.method) == 0) continue;
      losers.push_back(row);
      noted.push_back(row.method);
    }
    const std::string note = fmt::format("{}", fmt::join(chance_notes(c, losers), "; "));
    if (note.empty()) {
      say(out.beats, beat_words(c, beat), point);
    } else {
      say(out.beats_chance, fmt::format("{} ({})", beat_words(c, beat), note), point);
    }
  }
  for (const ComparePair& pair : pairs) {
    if (!pair.shown) say(out.no_difference, no_difference(c, pair, false), point);
  }
  std::vector<CompareRow> others;
  for (const CompareRow& row : rows) {
    const bool alone = c.methods.size() == 1 && row.against_chance != AgainstChance::kUnknown;
    if ((at_chance(row) || alone) && std::count(noted.begin(), noted.end(), row.method) == 0)
      others.push_back(row);
    if (row.diverged > 0) {
      say(out.diverged,
          fmt::format("{}: {} of {} runs diverged and count as the worst", method_name(c, row.method),
                      row.diverged, row.n),
          point);
    }
  }
  for (const std::string& note : chance_notes(c, others)) say(out.chance, note, point);
}

// With many points: sums over them.
void method_sentences(const Comparison& c, std::vector<std::string>& out) {
  for (std::size_t method = 0; method < c.methods.size(); ++method) {
    std::size_t points = 0;
    std::size_t chance = 0;
    std::size_t diverged = 0;
    std::size_t n = 0;
    for (const CompareRow& row : c.rows) {
      if (row.method != method) continue;
      points += row.against_chance != AgainstChance::kUnknown;
      chance += at_chance(row);
      diverged += row.diverged;
      n += row.n;
    }
    const std::string who = method_name(c, method);
    if (chance > 0)
      out.push_back(fmt::format("{} is not better than chance at {} of {} points.", who, chance, points));
    if (diverged > 0)
      out.push_back(fmt::format("{}: {} of {} runs diverged and count as the worst.", who, diverged, n));
  }
}

// How much of what is shown survives the correction for many comparisons.
void correction(const Comparison& c, std::vector<std::string>& out) {
  std::size_t judged = 0;
  std::size_t shown = 0;
  std::size_t holds = 0;
  std::size_t most = 0;
  for (const ComparePair& pair : c.pairs) {
    judged += pair.judged();
    shown += pair.shown;
    holds += pair.holds;
    most = std::max(most, pair.counts.total());
  }
  if (shown == 0) return;
  const double alpha = 1.0 - c.level;
  const bool all = holds == shown;
  const std::string which = shown == 1 ? "the difference shown"
                            : all      ? fmt::format("all {} differences shown", shown)
                                       : fmt::format("{} of the {} differences shown", holds, shown);
  std::string text =
      fmt::format("Corrected for {} (Holm), p is {} {:.3g} for {}", count(judged, "comparison"),
                  shown == 1 && !all ? "above" : "at most", alpha, which);
  if (smallest_p(most) * static_cast<double>(judged) > alpha) {
    std::size_t enough = most;
    while (smallest_p(enough) * static_cast<double>(judged) > alpha) ++enough;
    text += fmt::format(": {} are too few for that, {} could do", count(most, c.repeat), enough);
  }
  out.push_back(text + ".");
}

void counts(const Comparison& c, std::vector<std::string>& out) {
  CompareRow all;
  for (const CompareRow& row : c.rows) {
    all.n += row.n;
    all.missing += row.missing;
    all.failed += row.failed;
    all.pruned += row.pruned;
  }
  const std::size_t runs = all.n + all.missing + all.failed;
  if (all.missing > 0)
    out.push_back(fmt::format("{} of {} runs {} missing and in no figure.", all.missing, runs,
                              all.missing == 1 ? "is" : "are"));
  if (all.failed > 0)
    out.push_back(fmt::format("{} of {} runs failed and {} in no figure.", all.failed, runs,
                              all.failed == 1 ? "is" : "are"));
  if (all.pruned > 0) {
    out.push_back(fmt::format("{} of {} runs pruned; each counts with the {} at which it was stopped.",
                              all.pruned, runs, c.metric));
  }
}

// Pairs in the order of how many others their better method beats.
std::vector<ComparePair> best_first(std::vector<ComparePair> pairs) {
  std::map<std::size_t, std::size_t> beaten;
  for (const ComparePair& pair : pairs) beaten[pair.better] += pair.shown;
  std::stable_sort(pairs.begin(), pairs.end(), [&](const ComparePair& a, const ComparePair& b) {
    return beaten[a.better] > beaten[b.better];
  });
  return pairs;
}

// Why there is no verdict at all, or "".
std::string obstacle(const Comparison& c) {
  if (!c.has_goal)
    return fmt::format("Neither a low nor a high {} is better: there is no verdict.", c.metric);
  if (c.methods.size() > kMostMethods) {
    return fmt::format("{} has {} values, too many to compare in pairs; compare by another setting.", c.by,
                       c.methods.size());
  }
  if (std::any_of(c.pairs.begin(), c.pairs.end(), [](const ComparePair& pair) { return pair.judged(); }))
    return "";
  std::size_t most = 0;
  for (const CompareRow& row : c.rows) most = std::max(most, row.n);
  if (most < kFewestForInterval) {
    return fmt::format("Only {} finished: no interval and no verdict. 5 {}s or more can show a difference.",
                       count(most, c.repeat), c.repeat);
  }
  if (c.methods.size() < 2) return "";
  return fmt::format(
      "The methods share fewer than 3 {}s at every point, so there are no pairs and no verdict.", c.repeat);
}

}  // namespace

std::string point_label(const Comparison& c, std::size_t point) {
  std::vector<std::string> parts;
  for (std::size_t axis = 0; axis < c.axes.size(); ++axis) {
    parts.push_back(fmt::format("{} {}", c.axes[axis], short_text(c.points[point][axis])));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::vector<std::string> verdict(const Comparison& c) {
  std::vector<std::string> out;
  if (is_scattered(c) && !best_settings(c, 1).empty()) out.push_back(best_setting_sentence(c));
  const std::string none = obstacle(c);
  if (!none.empty()) out.push_back(none);

  const bool in_words = c.points.size() <= kPointsInWords;
  Sentences points;
  for (std::size_t point = 0; in_words && point < c.points.size(); ++point) point_sentences(c, point, points);
  const auto tell = [&](const std::vector<Statement>& statements) {
    for (const Statement& s : statements) out.push_back(where(c, s.points) + s.words + ".");
  };
  const std::string over = fmt::format("Over {}, ", scope(c));
  tell(points.beats_chance);
  tell(points.beats);
  for (const Beat& beat : beats(c, best_first(c.overall), true))
    out.push_back(over + beat_words(c, beat) + ".");
  if (!in_words) {
    for (std::string& sentence : leader_sentences(c)) out.push_back(std::move(sentence));
  }
  if (none.empty()) {
    tell(points.no_difference);
    for (const ComparePair& pair : c.overall) {
      if (!pair.shown) out.push_back(over + no_difference(c, pair, true) + ".");
    }
  }
  tell(points.chance);
  correction(c, out);
  tell(points.diverged);
  if (!in_words) method_sentences(c, out);
  counts(c, out);
  return out;
}

}  // namespace unroll
