// Tries faults and prints how many there were. Each failure says how to try it alone.
//
//   faults --slice                 a part of each group, for every test run
//   faults --all [--seed N]        everything
//   faults --all --minutes N       of each group what fits in N minutes, in an order drawn from the seed
//   faults --all --only GROUP      one group: calls pairs kills places bits allocations
//   faults --all --only NAME       one case, by the name that a failure gave
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/hash.h"
#include "base/rng.h"
#include "tests/faults/fault_set.h"

namespace unroll::testing {

std::size_t crashes();  // processes that ended by a signal of their own
std::size_t kills();    // SIGKILL and SIGTERM that hit a process which was still at work

std::uint32_t draw(const FaultPlan& plan, const std::string& name, std::uint32_t index, std::uint32_t below) {
  Rng rng({plan.seed, index}, Purpose::kSample, static_cast<std::uint32_t>(hash64(name)));
  return rng.below(below);
}

namespace {

struct Group {
  const char* name;
  std::vector<FaultCase> (*cases)(const FaultPlan&);
};

constexpr std::array<Group, 6> kGroups = {{{"calls", call_cases},
                                           {"pairs", pair_cases},
                                           {"kills", kill_cases},
                                           {"places", place_cases},
                                           {"bits", bit_cases},
                                           {"allocations", allocation_cases}}};

// Says every half minute how far a group is.
class Reporter {
 public:
  Reporter(const char* group, std::size_t cases, const std::atomic<std::size_t>& begun,
           const std::atomic<std::size_t>& failed)
      : thread_([=, &begun, &failed](const std::stop_token& stop) {
          constexpr std::chrono::seconds kInterval{30};
          const auto start = Clock::now();
          std::mutex mutex;
          std::unique_lock lock(mutex);
          std::condition_variable_any wake;
          while (!wake.wait_for(lock, stop, kInterval, [&] { return stop.stop_requested(); })) {
            const std::size_t tried = std::min(cases, begun.load());
            const double minutes = std::chrono::duration<double>(Clock::now() - start).count() / 60.0;
            const double left = minutes * static_cast<double>(cases - tried) / static_cast<double>(tried);
            std::fputs(fmt::format("{:<12} {:>6} of {} tried, {} failed, about {:.0f} min left\n", group,
                                   tried, cases, failed.load(), left)
                           .c_str(),
                       stderr);
          }
        }) {}

 private:
  using Clock = std::chrono::steady_clock;
  std::jthread thread_;
};

// Runs the cases of a group on all workers; returns how many failed.
std::size_t try_all(const Group& group, const FaultPlan& plan, const std::string& only) {
  const auto start = std::chrono::steady_clock::now();
  std::vector<FaultCase> cases = group.cases(plan);
  if (!only.empty() && only != group.name) {
    std::erase_if(cases, [&](const FaultCase& one) { return one.name != only; });
  }
  Rng rng({plan.seed, 0}, Purpose::kSample, static_cast<std::uint32_t>(hash64(group.name)));
  const std::vector<std::uint32_t> turn = rng.permutation(cases.size());
  std::atomic<std::size_t> next{0};
  std::atomic<std::size_t> tried{0};
  std::atomic<std::size_t> failed{0};
  std::atomic<std::size_t> skipped{0};
  std::mutex mutex;
  std::optional<Reporter> reporter(std::in_place, group.name, cases.size(), next, failed);
  std::vector<std::jthread> crew;
  for (std::size_t worker = 0; worker < plan.workers; ++worker) {
    crew.emplace_back([&] {
      for (std::size_t n = next++; n < cases.size(); n = next++) {
        if (std::chrono::steady_clock::now() - start > plan.longest) break;
        const std::size_t i = turn[n];
        ++tried;
        std::string wrong;
        try {
          wrong = cases[i].run();
        } catch (const std::exception& e) {
          wrong = e.what();
        }
        if (wrong.empty()) continue;
        if (wrong.starts_with("skipped")) {
          ++skipped;
          continue;
        }
        ++failed;
        const std::lock_guard lock(mutex);
        std::fputs(fmt::format("FAILED {}: {}\n  again: faults --{} --seed {} --only {}\n", cases[i].name,
                               wrong, plan.slice ? "slice" : "all", plan.seed, cases[i].name)
                       .c_str(),
                   stdout);
        std::fflush(stdout);
      }
    });
  }
  crew.clear();
  reporter.reset();
  if (cases.empty()) return 0;
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::string text = fmt::format("{:<12} {:>6} of {} tried, {} failed, {} skipped, {:.1f} s", group.name,
                                 tried.load(), cases.size(), failed.load(), skipped.load(), seconds);
  if (std::string(group.name) == "kills") text += fmt::format(", {} kills", kills());
  if (std::string(group.name) == "allocations") text += fmt::format(", {} crashes", crashes());
  std::puts(text.c_str());
  std::fflush(stdout);
  return failed;
}

int run(int argc, char** argv) {
  FaultPlan plan;
  std::string only;
  plan.workers = std::max(1U, std::thread::hardware_concurrency());
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const bool more = i + 1 < argc;
    if (word == "--all") {
      plan.slice = false;
    } else if (word == "--seed" && more) {
      plan.seed = static_cast<std::uint32_t>(std::atol(argv[++i]));
    } else if (word == "--minutes" && more) {
      plan.longest = std::chrono::minutes(std::atol(argv[++i]));
    } else if (word == "--only" && more) {
      only = argv[++i];
    } else if (word != "--slice") {
      std::puts("usage: faults --slice | --all [--seed N] [--minutes N] [--only GROUP | --only NAME]");
      return 2;
    }
  }
  // Thousands of small files that are synced all the time: in memory.
  if (std::getenv("TMPDIR") == nullptr && std::filesystem::exists("/dev/shm"))
    setenv("TMPDIR", "/dev/shm", 1);
  std::printf("seed %u, %zu at once\n", plan.seed, plan.workers);
  std::fflush(stdout);
  std::size_t failed = 0;
  bool known = only.empty();
  for (const Group& group : kGroups) {
    const bool named =
        std::any_of(kGroups.begin(), kGroups.end(), [&](const Group& g) { return only == g.name; });
    if (named && only != group.name) continue;
    known = true;
    failed += try_all(group, plan, only);
  }
  return failed == 0 && known ? 0 : 1;
}

}  // namespace
}  // namespace unroll::testing

int main(int argc, char** argv) {
  return unroll::testing::run(argc, argv);
}
