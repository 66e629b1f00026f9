#include "cli/sweep_work.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace unroll {
namespace {

// The run whose id starts with these digits.
std::size_t run_of_id(const Plan& plan, const std::string& id) {
  constexpr std::size_t kFewest = 4;
  std::vector<std::size_t> found;
  for (std::size_t run = 0; run < plan.runs.size() && found.size() < 2; ++run) {
    if (id.size() >= kFewest && plan.runs.id(run).starts_with(id)) found.push_back(run);
  }
  if (found.size() == 1) return found[0];
  throw UsageError(
      "--only",
      fmt::format("'{}' starts the id of {} of this plan", id, found.empty() ? "no run" : "several runs"),
      "'unroll status RESULTS.h5 --json' and 'unroll plan FILE.yaml --json' show the ids; the first "
      "digits are enough");
}

}  // namespace

StateCounts count_states(const std::vector<RunState>& states, const std::vector<std::size_t>& runs) {
  StateCounts counts{};
  for (const std::size_t run : runs) ++counts.at(static_cast<std::size_t>(states[run]));
  return counts;
}

std::string counts_text(const StateCounts& counts) {
  std::vector<std::string> parts;
  for (std::size_t s = 1; s < counts.size(); ++s) {
    if (counts[s] > 0) parts.push_back(fmt::format("{} {}", counts[s], state_name(static_cast<RunState>(s))));
  }
  return parts.empty() ? "none finished" : fmt::format("{}", fmt::join(parts, ", "));
}

SweepWork::SweepWork(const Plan& plan, const Shard& of, std::vector<RunState> wanted,
                     const std::optional<std::string>& only)
    : shard(of), states(std::move(wanted)), one(only.has_value()) {
  mine = one ? std::vector{run_of_id(plan, *only)} : runs_of(plan.runs, shard);
  if (one) todo = mine;
}

void SweepWork::choose(const std::vector<RunState>& now) {
  if (one) return;
  std::copy_if(mine.begin(), mine.end(), std::back_inserter(todo), [&](std::size_t run) {
    return std::find(states.begin(), states.end(), now[run]) != states.end();
  });
}

std::size_t SweepWork::finished(const std::vector<RunState>& now) const {
  const std::size_t again = todo.size() - count_states(now, todo)[0];
  return mine.size() - count_states(now, mine)[0] - again;
}

std::string SweepWork::why_nothing(const std::vector<RunState>& now) const {
  if (mine.empty()) return "the shard has no runs";
  const std::string counts = counts_text(count_states(now, mine));
  if (!retries()) return fmt::format("all finished ({})", counts);
  std::vector<std::string_view> names;
  for (const RunState state : states) names.push_back(state_name(state));
  return fmt::format("no run is {} ({})", fmt::join(names, " or "), counts);
}

}  // namespace unroll
