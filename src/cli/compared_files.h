// What `compare` and `report` share: the files that are named, as one set of runs, and how to compare them.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "cli/arguments.h"
#include "cli/console.h"
#include "report/compare.h"

namespace unroll {

struct ComparedFiles {
  Results results;
  CompareOptions options;
};

// Reads every file of `arguments`. Nothing, after saying so, if no run of them has a result yet.
std::optional<ComparedFiles> read_compared(const Arguments& arguments, Console& console);

inline constexpr std::size_t kMostComparedFiles = 20;

inline constexpr Option kMetricOption = {"metric", 'm', "NAME",
                                         "what is compared; the default is the metric of the sweep"};
inline constexpr Option kByOption = {
    "by", 'b', "SETTING",
    "whose values are compared, or several with commas between; the default is the cell, else the first "
    "swept setting; 'results' if several files hold other numbers of the same runs"};
inline constexpr Option kLevelOption = {"level", 0, "P",
                                        "confidence level of intervals and verdicts; the default is 0.95"};
inline constexpr Option kPostHocOption = {
    "post-hoc", 0, "TEST",
    "after Friedman's test, which methods differ: nemenyi, by mean ranks, or wilcoxon, pair by pair with "
    "Holm's correction; the default is nemenyi"};

}  // namespace unroll
