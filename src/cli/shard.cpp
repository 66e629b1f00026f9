#include "cli/shard.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <numeric>
#include <optional>

#include "base/error.h"
#include "sched/split.h"

namespace unroll {
namespace {

constexpr std::size_t kMostShards = 100'000;

// What an engine tells the tasks of a job array. "" where it does not.
struct ArrayEngine {
  const char* name;
  const char* index;
  const char* first;
  const char* last;
  const char* step;
};

constexpr std::array<ArrayEngine, 6> kEngines = {{
    {"Slurm", "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_MAX", "SLURM_ARRAY_TASK_STEP"},
    {"LSF", "LSB_JOBINDEX", "", "LSB_JOBINDEX_END", "LSB_JOBINDEX_STEP"},
    {"SGE", "SGE_TASK_ID", "SGE_TASK_FIRST", "SGE_TASK_LAST", "SGE_TASK_STEPSIZE"},
    {"PBS", "PBS_ARRAY_INDEX", "", "", ""},
    {"Torque", "PBS_ARRAYID", "", "", ""},
    {"Kubernetes", "JOB_COMPLETION_INDEX", "", "", ""},
}};

std::optional<std::size_t> number(std::string_view text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

UsageError wrong(const std::string& what, const std::string& hint) {
  return {"--shard", what, hint};
}

// n: given after "auto/", or 0.
Shard from_engine(std::size_t n, const std::function<std::string(const char*)>& variable) {
  for (const ArrayEngine& engine : kEngines) {
    const auto read = [&](const char* name) { return *name == 0 ? std::nullopt : number(variable(name)); };
    const std::optional<std::size_t> index = read(engine.index);
    // SGE says "undefined" and LSF says 0 where there is no array.
    if (!index || (engine.name == std::string_view("LSF") && *index == 0)) continue;
    // Without a first one, arrays of LSF start at 1; of the others no more is known than the index.
    const std::size_t first = read(engine.first).value_or(engine.name == std::string_view("LSF") ? 1 : 0);
    const std::size_t step = std::max<std::size_t>(read(engine.step).value_or(1), 1);
    const std::optional<std::size_t> last = read(engine.last);
    // An array that counts from 1 to n is one from 0 to n - 1 that starts elsewhere.
    if (n > 0) return {(*index - std::min(first, *index)) / step % n, n};
    if (!last || *last < first || *index < first || *index > *last) {
      throw wrong(fmt::format("{} does not tell how many tasks the array has", engine.name),
                  "say it: --shard auto/N");
    }
    const std::size_t count = (*last - first) / step + 1;
    const std::optional<std::size_t> told = number(variable("SLURM_ARRAY_TASK_COUNT"));
    if (engine.name == std::string_view("Slurm") && told && *told != count) {
      throw wrong(fmt::format("the array has {} tasks with indices from {} to {}: which shards?", *told,
                              first, *last),
                  "say how many shards there are: --shard auto/N");
    }
    return {(*index - first) / step, count};
  }
  throw wrong("this is no task of a job array of Slurm, PBS, SGE, LSF or Kubernetes",
              "say which part: --shard 0/4 is the first of four");
}

}  // namespace

std::string Shard::text() const {
  return fmt::format("{}/{}", index, count);
}

Shard parse_shard(const std::string& text, const std::function<std::string(const char*)>& variable) {
  const std::size_t slash = text.find('/');
  const std::string_view left = std::string_view(text).substr(0, slash);
  const std::optional<std::size_t> count =
      slash == std::string::npos ? std::nullopt : number(std::string_view(text).substr(slash + 1));
  const bool automatic = left == "auto";
  if (slash != std::string::npos && (!count || *count == 0 || *count > kMostShards)) {
    throw wrong(fmt::format("'{}' does not end in a number of shards from 1 to {}", text, kMostShards),
                "--shard 0/4 is the first of four");
  }
  if (automatic) return from_engine(count.value_or(0), variable);
  const std::optional<std::size_t> index = number(left);
  if (!index || !count) {
    throw wrong(fmt::format("expected I/N or auto, got '{}'", text), "--shard 0/4 is the first of four");
  }
  if (*index >= *count) {
    throw wrong(fmt::format("there is no shard {} of {}", *index, *count),
                fmt::format("they are counted from 0: 0/{} to {}/{}", *count, *count - 1, *count));
  }
  return {*index, *count};
}

Shard parse_shard(const std::string& text) {
  return parse_shard(text, [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  });
}

std::vector<std::size_t> runs_of(const PlannedRuns& runs, const Shard& shard) {
  std::vector<std::size_t> mine;
  if (shard.whole()) {
    mine.resize(runs.size());
    std::iota(mine.begin(), mine.end(), std::size_t{0});
    return mine;
  }
  std::vector<double> costs;
  for (std::size_t run = 0; run < runs.size(); ++run) costs.push_back(runs.estimate(run).flops);
  const std::vector<std::uint32_t> shares = split_by_cost(costs, shard.count);
  for (std::size_t run = 0; run < runs.size(); ++run) {
    if (shares[run] == shard.index) mine.push_back(run);
  }
  return mine;
}

void refuse_early_terminate(const Plan& plan, const std::string& option) {
  if (!plan.early_terminate.active()) return;
  // The method halving is random draws that are stopped early: it allows no other type.
  const char* draws =
      plan.early_terminate.type == "halving" ? " (and --set sweep.method=random if it is halving)" : "";
  throw UsageError(
      option, "does not go with sweep.early_terminate: which runs stop depends on all of them",
      fmt::format("train it as a whole, or with --set sweep.early_terminate.type=none{}", draws));
}

}  // namespace unroll
