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
  const char* count;
};

constexpr std::array<ArrayEngine, 6> kEngines = {{
    {"Slurm", "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_MAX", "SLURM_ARRAY_TASK_STEP",
     "SLURM_ARRAY_TASK_COUNT"},
    {"LSF", "LSB_JOBINDEX", "", "LSB_JOBINDEX_END", "LSB_JOBINDEX_STEP", ""},
    {"SGE", "SGE_TASK_ID", "SGE_TASK_FIRST", "SGE_TASK_LAST", "SGE_TASK_STEPSIZE", ""},
    {"PBS", "PBS_ARRAY_INDEX", "", "", "", ""},
    {"Torque", "PBS_ARRAYID", "", "", "", ""},
    {"Kubernetes", "JOB_COMPLETION_INDEX", "", "", "", ""},
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

// The tasks of an array, as far as the engine tells of them. Submitted again, a part of an array is an array
// of its own: no more than its index says which shard a task is.
struct JobArray {
  std::optional<std::size_t> first;
  std::optional<std::size_t> last;
  std::size_t step = 1;
  std::optional<std::size_t> told;  // how many tasks, from the engine itself

  // From the lowest index to the highest. LSF does not tell the lowest, which is 1 or more.
  std::size_t spanned() const {
    const std::size_t lowest = first.value_or(1);
    return last && *last >= lowest ? (*last - lowest) / step + 1 : 0;
  }
  std::size_t tasks() const { return told.value_or(spanned()); }
  // Nothing says whether tasks 3 to 5, or a task alone, are all that there is.
  bool counts_shards() const {
    return first && *first <= 1 && step == 1 && spanned() > 1 && tasks() == spanned();
  }
  // Enough tasks for n shards, with indices that leave shards out.
  bool leaves_out_some_of(std::size_t n) const {
    return n > 1 && tasks() >= n && (tasks() != spanned() || std::gcd(step, n) > 1);
  }
};

// n: given after "auto/", or 0.
Shard from_engine(std::size_t n, const std::function<std::string(const char*)>& variable) {
  for (const ArrayEngine& engine : kEngines) {
    const auto read = [&](const char* name) { return *name == 0 ? std::nullopt : number(variable(name)); };
    const std::optional<std::size_t> index = read(engine.index);
    // SGE says "undefined" and LSF says 0 where there is no array.
    if (!index || (engine.name == std::string_view("LSF") && *index == 0)) continue;
    const JobArray array{read(engine.first), read(engine.last),
                         std::max<std::size_t>(read(engine.step).value_or(1), 1), read(engine.count)};
    if (n == 0 && !array.counts_shards()) {
      throw wrong(fmt::format("{} does not tell how many shards there are: task {} may be one of more tasks "
                              "than were submitted now",
                              engine.name, *index),
                  fmt::format("say how many: --shard auto/N; task {} is then always the same shard", *index));
    }
    if (n > 0 && array.leaves_out_some_of(n)) {
      throw wrong(fmt::format("the numbers of the array's tasks may leave out some of the {} shards", n),
                  fmt::format("number the tasks without gaps: 0-{} or 1-{}", n - 1, n));
    }
    // So that tasks 0 to n - 1 and tasks 1 to n are all shards.
    const std::size_t count = n > 0 ? n : array.tasks();
    return {*index % count, count};
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
