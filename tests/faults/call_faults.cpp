// Calls that fail, one by one, in every way, and again during the recovery.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>

#include "tests/faults/fault_set.h"
#include "tests/faults/sweep_bench.h"

namespace unroll::testing {
namespace {

constexpr std::array<const char*, 8> kKinds = {"kill",    "torn",   "short",  "eio",
                                               "eio_all", "enospc", "nosync", "power"};
constexpr long kMargin = 4;  // a group commit more or less makes a few calls more or less
constexpr int kFewSeeds = 1;

std::string single(const ShimFault& fault) {
  const SweepBench bench;
  const std::string wrong = bench.wrong_ending(bench.unroll(SweepBench::run(), fault));
  return wrong.empty() ? bench.wrong_recovery() : wrong;
}

std::atomic<std::size_t> crashes_seen{0};

// The HDF5 library does not outlive every allocation that fails in it, and takes the process with it: that is
// counted. What must hold then, too, is that nothing is lost, no wrong success is claimed, and the rest
// recovers.
std::string allocation(const ShimFault& fault) {
  constexpr int kSignals = 128;
  const SweepBench bench(kFewSeeds);
  const ProcessResult ended = bench.unroll(SweepBench::run(), fault);
  if (ended.exit_code > kSignals) {
    ++crashes_seen;
    return bench.wrong_recovery();
  }
  const std::string wrong = bench.wrong_ending(ended);
  return wrong.empty() ? bench.wrong_recovery() : wrong;
}

std::string pair(const ShimFault& first, const ShimFault& second) {
  const SweepBench bench(kFewSeeds);
  std::string wrong = bench.wrong_ending(bench.unroll(SweepBench::run(), first));
  if (wrong.empty()) wrong = bench.wrong_ending(bench.unroll(SweepBench::run(), second));
  return wrong.empty() ? bench.wrong_recovery() : wrong;
}

}  // namespace

std::vector<FaultCase> call_cases(const FaultPlan& plan) {
  const SweepBench bench;
  const long calls = bench.calls(SweepBench::run(), "eio") + kMargin;
  std::vector<FaultCase> cases;
  for (const char* kind : kKinds) {
    for (long at = 1; at <= calls; ++at) {
      if (plan.slice && draw(plan, kind, static_cast<std::uint32_t>(at), 100) >= 3) continue;
      const ShimFault fault{kind, at};
      cases.push_back({fmt::format("{}@{}", kind, at), [fault] { return single(fault); }});
    }
  }
  return cases;
}

std::vector<FaultCase> pair_cases(const FaultPlan& plan) {
  const SweepBench bench(kFewSeeds);
  const auto calls = static_cast<std::uint32_t>(bench.calls(SweepBench::run(), "eio") + kMargin);
  const std::uint32_t count = plan.slice ? 12 : 5000;
  constexpr std::array<const char*, 4> kFirst = {"kill", "torn", "enospc", "power"};
  std::vector<FaultCase> cases;
  for (std::uint32_t i = 0; i < count; ++i) {
    // First calls and kinds in turn, so that all come about equally often; the second one is drawn.
    const ShimFault first{kFirst[i % kFirst.size()], static_cast<long>(i / kFirst.size() % calls + 1)};
    const ShimFault second{kKinds[draw(plan, "kind", i, kKinds.size())],
                           static_cast<long>(draw(plan, "second", i, calls) + 1)};
    cases.push_back({fmt::format("{}@{}+{}@{}", first.kind, first.at, second.kind, second.at),
                     [first, second] { return pair(first, second); }});
  }
  return cases;
}

std::size_t crashes() {
  return crashes_seen;
}

std::vector<FaultCase> allocation_cases(const FaultPlan& plan) {
  const SweepBench bench(kFewSeeds);
  const long calls = bench.calls(SweepBench::run(), "alloc");
  std::vector<FaultCase> cases;
  for (const std::string kind : {"alloc", "alloc_all"}) {
    // Each allocation in turn; from each tenth one on all of them.
    const std::uint32_t stride = plan.slice        ? static_cast<std::uint32_t>(std::max(1L, calls / 6))
                                 : kind == "alloc" ? 1
                                                   : 10;
    for (long at = 1 + draw(plan, kind, 0, stride); at <= calls; at += stride) {
      const ShimFault fault{kind, at};
      cases.push_back({fmt::format("{}@{}", kind, at), [fault] { return allocation(fault); }});
    }
  }
  return cases;
}

}  // namespace unroll::testing
