#include "report/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "report/text_table.h"

namespace unroll {

namespace {

using Methods = std::vector<std::size_t>;

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
    for (std::size_t point : points) labels.push_back(to_string(c.points[point][0]));
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

std::string name(const Comparison& c, std::size_t method) {
  const std::string& value = c.methods[method];
  const bool is_number = std::isdigit(static_cast<unsigned char>(value.front())) != 0 || value.front() == '-';
  return is_number ? c.by + " " + value : value;
}

std::string names(const Comparison& c, const Methods& methods) {
  std::vector<std::string> words;
  for (std::size_t method : methods) words.push_back(name(c, method));
  return list(words);
}

std::string ties(const PairCounts& counts) {
  return counts.ties == 0 ? "" : fmt::format(" ({})", count(counts.ties, "tie"));
}

// "in 5 of 5 paired seeds"; overall "in 5 of 5 seeds (10 of 10 paired runs)"
std::string score_of(const Comparison& c, const ComparePair& pair, bool overall) {
  const std::string seeds =
      fmt::format("in {} of {} {}seeds", pair.counts.wins, pair.counts.total(), overall ? "" : "paired ");
  if (!overall) return seeds + ties(pair.counts);
  std::string text = fmt::format("{} ({} of {} paired runs", seeds, pair.runs.wins, pair.runs.total());
  if (c.points.size() > kPointsInWords) {
    text += fmt::format("; shown at {} of {} points", pair.points_shown, c.points.size());
    if (pair.points_reversed > 0) text += fmt::format(", the reverse at {}", pair.points_reversed);
  }
  return text + ")";
}

// Winners and losers of whom the same can be said.
struct Beat {
  Methods winners;
  Methods losers;
  std::string score;
};

std::vector<Beat> beats(const Comparison& c, const std::vector<ComparePair>& pairs, bool overall) {
  std::vector<Beat> by_loser;
  for (std::size_t loser = 0; loser < c.methods.size(); ++loser) {
    for (const ComparePair& pair : pairs) {
      if (!pair.shown || pair.other != loser) continue;
      const std::string score = score_of(c, pair, overall);
      const auto same = std::find_if(by_loser.begin(), by_loser.end(), [&](const Beat& beat) {
        return beat.losers[0] == loser && beat.score == score;
      });
      if (same == by_loser.end()) {
        by_loser.push_back({{pair.better}, {loser}, score});
      } else {
        same->winners.push_back(pair.better);
      }
    }
  }
  std::vector<Beat> merged;
  for (Beat& beat : by_loser) {
    std::sort(beat.winners.begin(), beat.winners.end());
    const auto same = std::find_if(merged.begin(), merged.end(), [&](const Beat& other) {
      return other.winners == beat.winners && other.score == beat.score;
    });
    if (same == merged.end()) {
      merged.push_back(std::move(beat));
    } else {
      same->losers.push_back(beat.losers[0]);
    }
  }
  return merged;
}

std::string beat_words(const Comparison& c, const Beat& beat) {
  return fmt::format("{} {} {} {}", names(c, beat.winners), beat.winners.size() == 1 ? "beats" : "beat",
                     names(c, beat.losers), beat.score);
}

std::string no_difference(const Comparison& c, const ComparePair& pair, bool overall) {
  const std::string both = names(c, {std::min(pair.better, pair.other), std::max(pair.better, pair.other)});
  const std::string seeds = overall ? "seeds" : "paired seeds";
  if (!pair.judged()) {
    return fmt::format("{}: {} shared, too few for a verdict", both, count(pair.counts.total(), "seed"));
  }
  if (pair.probability == 0.5) {
    return fmt::format("{}: no difference shown (n = {}; each is ahead in {} of the {}{})", both,
                       pair.counts.total(), pair.counts.wins, seeds, ties(pair.counts));
  }
  std::string needed = fmt::format("more than {} seeds", kMostSeeds);
  if (pair.seeds_needed > 0) {
    // "About" means two digits.
    const std::size_t n = pair.seeds_needed;
    needed = fmt::format("about {} seeds", n < 100 ? n : (n + 5) / 10 * 10);
  }
  return fmt::format("{}: no difference shown (n = {}; {} is ahead {}; {} would be needed)", both,
                     pair.counts.total(), name(c, pair.better), score_of(c, pair, overall), needed);
}

std::string chance_words(AgainstChance verdict, bool plural) {
  switch (verdict) {
    case AgainstChance::kBetter:
      return plural ? "are better than" : "is better than";
    case AgainstChance::kNotShown:
      return plural ? "are not shown to be better than" : "is not shown to be better than";
    case AgainstChance::kAt:
      return plural ? "stay at" : "stays at";
    case AgainstChance::kWorse:
      return plural ? "are worse than" : "is worse than";
    case AgainstChance::kUnknown:
      break;
  }
  return "";
}

bool at_chance(const CompareRow& row) {
  return row.against_chance != AgainstChance::kBetter && row.against_chance != AgainstChance::kUnknown;
}

// "rnn stays at the chance level 0.167", for each group of rows of which the same can be said.
std::vector<std::string> chance_notes(const Comparison& c, const std::vector<CompareRow>& rows) {
  struct Note {
    AgainstChance verdict;
    std::string level;
    Methods methods;
  };
  std::vector<Note> notes;
  for (const CompareRow& row : rows) {
    const std::string level = number(row.chance);
    const auto same = std::find_if(notes.begin(), notes.end(), [&](const Note& note) {
      return note.verdict == row.against_chance && note.level == level;
    });
    if (same == notes.end()) {
      notes.push_back({row.against_chance, level, {row.method}});
    } else {
      same->methods.push_back(row.method);
    }
  }
  std::vector<std::string> words;
  for (const Note& note : notes) {
    words.push_back(fmt::format("{} {} the chance level {}", names(c, note.methods),
                                chance_words(note.verdict, note.methods.size() > 1), note.level));
  }
  return words;
}

template <typename Item>
std::vector<Item> at_point(const std::vector<Item>& items, std::size_t point) {
  std::vector<Item> found;
  std::copy_if(items.begin(), items.end(), std::back_inserter(found),
               [&](const Item& i) { return i.point == point; });
  return found;
}

struct Sentences {
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
    say(out.beats, beat_words(c, beat) + (note.empty() ? "" : " (" + note + ")"), point);
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
          fmt::format("{}: {} of {} runs diverged and count as the worst", name(c, row.method), row.diverged,
                      row.n),
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
    const std::string who = name(c, method);
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
  std::string text = fmt::format("By the exact test at {:.3g} %, corrected for {}, {} of the {} hold{}",
                                 100.0 * alpha, count(judged, "comparison"), holds,
                                 count(shown, "shown difference"), holds == 1 ? "s" : "");
  if (smallest_p(most) * static_cast<double>(judged) > alpha) {
    std::size_t enough = most;
    while (smallest_p(enough) * static_cast<double>(judged) > alpha) ++enough;
    text += fmt::format("; {} are too few for any to hold, {} could do", count(most, "seed"), enough);
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
    out.push_back(fmt::format("{} of {} runs were pruned and count with the {} at which they were stopped.",
                              all.pruned, runs, c.metric));
  }
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
    return fmt::format("Only {} finished: no interval and no verdict. 5 seeds or more can show a difference.",
                       count(most, "seed"));
  }
  if (c.methods.size() < 2) return "";
  return "The methods share fewer than 3 seeds at every point, so there are no pairs and no verdict.";
}

}  // namespace

std::string point_label(const Comparison& c, std::size_t point) {
  std::vector<std::string> parts;
  for (std::size_t axis = 0; axis < c.axes.size(); ++axis) {
    parts.push_back(fmt::format("{} {}", c.axes[axis], to_string(c.points[point][axis])));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::vector<std::string> verdict(const Comparison& c) {
  std::vector<std::string> out;
  const std::string none = obstacle(c);
  if (!none.empty()) out.push_back(none);

  const bool in_words = c.points.size() <= kPointsInWords;
  Sentences points;
  for (std::size_t point = 0; in_words && point < c.points.size(); ++point) point_sentences(c, point, points);
  const auto tell = [&](const std::vector<Statement>& statements) {
    for (const Statement& s : statements) out.push_back(where(c, s.points) + s.words + ".");
  };
  const std::string over = fmt::format("Over {}, ", scope(c));
  tell(points.beats);
  for (const Beat& beat : beats(c, c.overall, true)) out.push_back(over + beat_words(c, beat) + ".");
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
