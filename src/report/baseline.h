// Baselines of `check`: a results file, or a JSON text with one line per run that is small and shows in a
// diff what changed. A text holds the metrics of a policy and nothing else.
#pragma once

#include <filesystem>
#include <string>

#include "report/policy.h"
#include "store/results.h"

namespace unroll {

inline constexpr int kBaselineSchema = 1;

// Numbers are written so that they read back to the same bits. Only metrics that some run recorded.
std::string baseline_text(const Results& results, const Policy& policy);

// `name` is named in errors. Throws FileError.
Results parse_baseline(const std::string& name, const std::string& text);

// By the extension: .json or a results file.
Results read_baseline(const std::filesystem::path& path);

}  // namespace unroll
