// The comparison in plain sentences.
#pragma once

#include <string>
#include <vector>

#include "report/compare.h"

namespace unroll {

// Sentences on rows and pairs, most important first; the same statement on several methods or points is one
// sentence. With more than kPointsInWords points the pairs are summed up over all of them.
std::vector<std::string> verdict(const Comparison& comparison);

inline constexpr std::size_t kPointsInWords = 4;

// "seq_len 100, hidden 64"; "" if nothing else is swept.
std::string point_label(const Comparison& comparison, std::size_t point);

}  // namespace unroll
