// Words on pairs and rows, of which verdict.h makes sentences: no capital, no full stop.
#pragma once

#include <string>
#include <vector>

#include "report/compare.h"

namespace unroll {

using Methods = std::vector<std::size_t>;

// "lstm"; "hidden 64" if the value is a number.
std::string method_name(const Comparison& comparison, std::size_t method);

// Winners and losers of whom the same can be said.
struct Beat {
  Methods winners;
  Methods losers;
  std::string score;  // "in 5 of 5 paired seeds"; overall "in 5 of 5 seeds and 10 of 10 paired runs"
};

// The differences that are shown, as few statements as possible.
std::vector<Beat> beats(const Comparison& comparison, const std::vector<ComparePair>& pairs, bool overall);
// "lstm and gru beat rnn in 5 of 5 paired seeds"
std::string beat_words(const Comparison& comparison, const Beat& beat);

// For a pair of which no difference is shown: what was seen, and how many seeds it would take.
std::string no_difference(const Comparison& comparison, const ComparePair& pair, bool overall);

// What the table says beside the numbers of a row: "1 of 5 diverged, includes chance".
std::string row_note(const CompareRow& row);

// Whether there is an interval that is not better than chance as a whole.
bool at_chance(const CompareRow& row);
// "rnn stays at the chance level 0.167", for each group of rows of which the same can be said.
std::vector<std::string> chance_notes(const Comparison& comparison, const std::vector<CompareRow>& rows);

}  // namespace unroll
