// The runs of two sweeps that belong together, in groups.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "store/results.h"

namespace unroll {

// A run of the results and the same run of the baseline; one of them may be missing.
struct MatchedRun {
  std::optional<std::size_t> run;
  std::optional<std::size_t> base;
  std::uint32_t seed = 0;
};

struct RunGroup {
  std::string where;  // "cell lstm, seq_len 30", or "all runs"
  std::vector<MatchedRun> runs;
};

// `by`: indices of settings of the results; groups are in the order of the plan, then what only the baseline
// has. Requires: both have the same settings.
std::vector<RunGroup> matched_runs(const Results& results, const Results& baseline,
                                   const std::vector<std::size_t>& by);

// Settings that all runs share, by key: "train.lr" and "0.01".
std::map<std::string, std::string> fixed_settings(const Manifest& manifest);

// Whether a setting is a data file. Of such a file the content counts, not where it lies.
bool is_data_file(const std::string& key);

// The values of a setting as texts that those of another sweep can be held against, [run]: of a data file
// what follows the folder that all of them are in.
std::vector<std::string> comparable_texts(SettingColumn column);

// "their data (the content of task.file)" if each of two sweeps learnt data that the other did not, as far as
// both say; else "".
std::string data_difference(const Manifest& results, const Manifest& baseline);

// Why the two sweeps cannot be held against each other, or "".
std::string mismatch(const Results& results, const Results& baseline);

// "version (0.1.0, baseline 0.2.0)", for each difference of /provenance among `names`; if it is empty, among
// all that both state.
std::vector<std::string> provenance_differences(const Manifest& results, const Manifest& baseline,
                                                const std::vector<std::string>& names = {});

}  // namespace unroll
