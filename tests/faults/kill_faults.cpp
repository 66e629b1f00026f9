// SIGKILL, and now and then SIGTERM, at moments that nobody chose: while a sweep trains, commits, is
// refreshed, continued, stopped early, sharded, merged or exported. A case is one sweep with all its kills.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>

#include "tests/faults/fault_set.h"
#include "tests/faults/sweep_bench.h"

namespace unroll::testing {
namespace {

constexpr std::uint32_t kKillsOfSweep = 20;
constexpr std::uint32_t kLongestLife = 80'000;  // microseconds; a sweep takes about twice as long

std::atomic<std::size_t> kills_made{0};

// Starts a command and ends it at a drawn moment, if it has not ended by then.
ProcessResult cut_short(const SweepBench& bench, const std::vector<std::string>& words, std::uint32_t life,
                        int number) {
  std::vector<std::string> argv = {SweepBench::program()};
  argv.insert(argv.end(), words.begin(), words.end());
  Process process(argv, {bench.folder(), {}});
  for (std::uint32_t waited = 0; waited < life && !process.ended();) {
    const std::uint32_t slice = std::min<std::uint32_t>(life - waited, 1000);
    ::usleep(slice);
    waited += slice;
  }
  if (!process.ended()) {
    process.signal(number);
    ++kills_made;
  }
  return process.wait();
}

std::string killed_sweep(const FaultPlan& plan, std::uint32_t index) {
  const SweepBench bench(10, index % 3 == 2);
  const std::string name = fmt::format("kills/{}", index);
  const bool sharded = index % 3 == 1;
  std::vector<std::vector<std::string>> commands = {SweepBench::run()};
  if (sharded) {
    commands.clear();
    for (const char* part : {"0/2", "1/2"}) {
      commands.push_back(SweepBench::run());
      commands.back().insert(commands.back().end(), {"--shard", part});
    }
    commands.push_back({"merge", "s.h5", "--quiet"});
  }
  commands.push_back({"export", "s.h5", "--csv", "out"});
  std::size_t at = 0;
  for (std::uint32_t kill = 0; kill < kKillsOfSweep; ++kill) {
    const std::uint32_t life = draw(plan, name, 2 * kill, kLongestLife);
    const int number = draw(plan, name, 2 * kill + 1, 5) == 0 ? SIGTERM : SIGKILL;
    const std::vector<std::string>& words = commands[at % commands.size()];
    const ProcessResult ended = cut_short(bench, words, life, number);
    const bool merges = words.front() == "merge";
    const bool exports = words.front() == "export";
    // A merge before all shards are done, and an export of no file, say so.
    const bool expected = (merges && ended.exit_code == 3) || (exports && ended.exit_code == 1);
    if (!expected) {
      const std::string wrong =
          bench.wrong_ending(ended, (words.size() == SweepBench::run().size() || merges));
      if (!wrong.empty()) return fmt::format("kill {}: {}: {}", kill, words.front(), wrong);
    }
    ++at;
  }
  return bench.wrong_recovery();
}

}  // namespace

std::vector<FaultCase> kill_cases(const FaultPlan& plan) {
  const std::uint32_t sweeps = plan.slice ? 6 : 1600;
  std::vector<FaultCase> cases;
  for (std::uint32_t i = 0; i < sweeps; ++i) {
    cases.push_back({fmt::format("kills/{}", i), [plan, i] { return killed_sweep(plan, i); }});
  }
  return cases;
}

std::size_t kills() {
  return kills_made;
}

}  // namespace unroll::testing
