// Several results files as one: the runs of all of them, and what tells them apart as swept settings.
//
// A setting that is an axis of some file, or that is constant in each but not the same in all, is a setting
// of the whole; if more than one is of the second kind, the file itself is, under the name "results". A run
// that several files hold with the same numbers counts once, wherever its data files lie. If they hold the
// same configuration with other numbers, as before and after a change of the program, the file is the setting
// that is compared unless told otherwise.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/results.h"

namespace unroll {

// Name and key of the setting that says which file a run is from.
inline constexpr std::string_view kResultsSetting = "results";

struct ResultsFile {
  std::string name;  // as the user gave it
  Results results;
};

struct CombinedResults {
  Results results;
  std::vector<std::string> notes;  // sentences: what was joined, what differs
  std::string by;  // "results" if the files hold other numbers of the same configurations, else ""
};

// A single file is handed on as it is. `metric`: what they are to be compared by, "" = that of the sweeps.
// Throws UsageError if the sweeps are judged by different metrics and none is named, if their runs draw from
// different seeds (sweep.seed), or if another file does not say what a swept setting of one was (what none of
// its runs reads has its default).
CombinedResults combine(std::vector<ResultsFile> files, const std::string& metric);

}  // namespace unroll
