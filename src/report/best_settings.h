// A sweep that draws its settings has one method at each of very many points: there is nothing to compare at
// a point, and what people ask is which setting is best.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "report/compare.h"

namespace unroll {

// Whether the points are many and none has a result of two methods, or the methods are too many for pairs.
bool is_scattered(const Comparison& comparison);

// The rows that have a result, the best interquartile mean first; as many as `most`.
std::vector<const CompareRow*> best_settings(const Comparison& comparison, std::size_t most);

std::size_t settings_with_result(const Comparison& comparison);

// "gru at hidden 16, lr 0.0967"
std::string setting_words(const Comparison& comparison, const CompareRow& row);

// "Of 27 settings gru at hidden 16, lr 0.0967 has the best valid_loss: 9.40e-05, ..." Requires: one has a
// result.
std::string best_setting_sentence(const Comparison& comparison);

// The runs of the best settings alone, with one setting in place of all: its words. For charts.
Results runs_of_best(const Results& results, const Comparison& comparison, std::size_t most);

}  // namespace unroll
