#include "store/results.h"

#include <string_view>
#include <unordered_map>

namespace unroll {

int state_rank(RunState state) {
  switch (state) {
    case RunState::kMissing:
      return 0;
    case RunState::kFailed:
      return 1;
    case RunState::kPruned:
      return 2;
    case RunState::kDiverged:
      return 3;
    case RunState::kDone:
      return 4;
  }
  return 0;
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): records are moved from, which it does not see
Results make_results(Manifest manifest, std::vector<std::pair<std::string, RunRecord>> records) {
  Results results;
  results.manifest = std::move(manifest);
  results.runs.resize(results.manifest.run_ids.size());
  std::unordered_map<std::string_view, std::size_t> index;
  for (std::size_t run = 0; run < results.runs.size(); ++run)
    index.emplace(results.manifest.run_ids[run], run);
  for (auto& [run_id, record] : records) {
    const auto at = index.find(run_id);
    if (at == index.end()) continue;
    RunRecord& kept = results.runs[at->second];
    if (state_rank(record.state) >= state_rank(kept.state)) kept = std::move(record);
  }
  return results;
}

}  // namespace unroll
