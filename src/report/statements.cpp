#include "report/statements.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "report/text_table.h"
#include "report/verdict.h"

namespace unroll {

namespace {

std::string names(const Comparison& c, const Methods& methods) {
  std::vector<std::string> words;
  for (std::size_t method : methods) words.push_back(method_name(c, method));
  return list(words);
}

std::string won(const PairCounts& counts, std::string_view what) {
  const std::string ties = counts.ties == 0 ? "" : fmt::format(" ({})", count(counts.ties, "tie"));
  return fmt::format("{} of {} {}{}", counts.wins, counts.total(), what, ties);
}

std::string score_of(const Comparison& c, const ComparePair& pair, bool overall) {
  if (!overall) return "in " + won(pair.counts, "paired " + c.repeat + "s");
  std::string text =
      fmt::format("in {} and {}", won(pair.counts, c.repeat + "s"), won(pair.runs, "paired runs"));
  if (c.points.size() > kPointsInWords) {
    text += fmt::format(", shown at {} of {} points", pair.points_shown, c.points.size());
    if (pair.points_reversed > 0) text += fmt::format(" and the reverse at {}", pair.points_reversed);
  }
  return text;
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

}  // namespace

std::string method_name(const Comparison& c, std::size_t method) {
  const std::string& value = c.methods[method];
  const bool is_number = std::isdigit(static_cast<unsigned char>(value.front())) != 0 ||
                         value.front() == '-' || value == to_string(Unset{});
  return is_number ? c.by + " " + value : value;
}

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
  if (!pair.judged()) {
    return fmt::format("{}: {} shared, too few for a verdict", both, count(pair.counts.total(), c.repeat));
  }
  if (pair.probability == 0.5) {
    return fmt::format("{}: no difference shown (each is ahead {})", both, score_of(c, pair, overall));
  }
  std::string needed = fmt::format("more than {} {}s", kMostSeeds, c.repeat);
  if (pair.seeds_needed > 0) {
    // "About" means two digits.
    const std::size_t n = pair.seeds_needed;
    needed = fmt::format("about {} {}s", n < 100 ? n : (n + 5) / 10 * 10, c.repeat);
  }
  return fmt::format("{}: no difference shown ({} is ahead {}; {} would be needed)", both,
                     method_name(c, pair.better), score_of(c, pair, overall), needed);
}

std::string row_note(const CompareRow& row) {
  std::vector<std::string> parts;
  if (row.diverged > 0) parts.push_back(fmt::format("{} of {} diverged", row.diverged, row.n));
  if (row.failed > 0) parts.push_back(fmt::format("{} failed", row.failed));
  if (row.missing > 0) parts.push_back(fmt::format("{} missing", row.missing));
  if (row.pruned > 0) parts.push_back(fmt::format("{} pruned", row.pruned));
  if (row.against_chance == AgainstChance::kAt) parts.emplace_back("at chance");
  if (row.against_chance == AgainstChance::kNotShown) parts.emplace_back("includes chance");
  if (row.against_chance == AgainstChance::kWorse) parts.emplace_back("worse than chance");
  return fmt::format("{}", fmt::join(parts, ", "));
}

bool at_chance(const CompareRow& row) {
  return row.against_chance != AgainstChance::kBetter && row.against_chance != AgainstChance::kUnknown;
}

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

}  // namespace unroll
