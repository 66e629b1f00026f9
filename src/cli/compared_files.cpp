#include "cli/compared_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "report/combine.h"
#include "store/results.h"

namespace unroll {

std::optional<ComparedFiles> read_compared(const Arguments& arguments, Console& console) {
  ComparedFiles out;
  CompareOptions& options = out.options;
  options.metric = arguments.text("metric").value_or("");
  options.level = arguments.share("level").value_or(options.level);
  if (const auto test = arguments.text("post-hoc")) options.post_hoc = parse_post_hoc(*test);
  std::vector<ResultsFile> files;
  for (const std::string& file : arguments.positional()) files.push_back({file, read_results(file)});
  CombinedResults combined = combine(std::move(files), options.metric);
  options.by = arguments.text("by").value_or(combined.by);
  options.notes = std::move(combined.notes);
  out.results = std::move(combined.results);
  const std::vector<RunRecord>& runs = out.results.runs;
  const bool any = std::any_of(runs.begin(), runs.end(), [](const RunRecord& run) {
    return run.state != RunState::kMissing && run.state != RunState::kFailed;
  });
  if (any) return out;
  console.warn(fmt::format("{}: no run has a result yet, so there is nothing to compare",
                           fmt::join(arguments.positional(), ", ")));
  return std::nullopt;
}

}  // namespace unroll
