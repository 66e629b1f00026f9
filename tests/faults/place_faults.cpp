// File systems that are full, limited or read-only, and two processes at one sweep.
#include <fmt/format.h>
#include <sys/mount.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <memory>

#include "tests/faults/fault_set.h"
#include "tests/faults/sweep_bench.h"

namespace unroll::testing {
namespace {

namespace fs = std::filesystem;

constexpr long kStep = 4096;

// A file system of a certain size in the place of a bench's folder.
class SmallDisk {
 public:
  SmallDisk(const SweepBench& bench, long bytes) : folder_(bench.folder()) {
    mounted_ = ::mount("none", folder_.c_str(), "tmpfs", 0, fmt::format("size={}", bytes).c_str()) == 0;
    if (mounted_) bench.write_experiment();
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool mounted() const { return mounted_; }
  void resize(long bytes, unsigned long flags = 0) const {
    ::mount("none", folder_.c_str(), "tmpfs", MS_REMOUNT | flags, fmt::format("size={}", bytes).c_str());
  }

 private:
  fs::path folder_;
  bool mounted_ = false;
};

constexpr const char* kNoMount = "skipped: this process may not mount";
constexpr long kRoom = 64L << 20;

std::string full_disk(long bytes) {
  const SweepBench bench;
  const SmallDisk disk(bench, bytes);
  if (!disk.mounted()) return kNoMount;
  const std::string wrong = bench.wrong_ending(bench.unroll(SweepBench::run()));
  disk.resize(kRoom);
  return wrong.empty() ? bench.wrong_recovery() : wrong;
}

std::string limited_files(long bytes) {
  const SweepBench bench;
  const std::string wrong =
      bench.wrong_ending(bench.unroll(SweepBench::run(), {}, {"prlimit", fmt::format("--fsize={}", bytes)}));
  return wrong.empty() ? bench.wrong_recovery() : wrong;
}

// before: what the folder has when it becomes read-only, a finished sweep or nothing.
std::string read_only(bool before) {
  const SweepBench bench;
  const SmallDisk disk(bench, kRoom);
  if (!disk.mounted()) return kNoMount;
  if (before) bench.unroll(SweepBench::run());
  disk.resize(kRoom, MS_RDONLY);
  const ProcessResult ended = bench.unroll(SweepBench::run());
  if (ended.exit_code != 1) return fmt::format("exit code {} in a read-only folder", ended.exit_code);
  const std::string wrong = bench.wrong_ending(ended);
  disk.resize(kRoom);
  return wrong.empty() ? bench.wrong_recovery() : wrong;
}

std::string two_processes(std::uint32_t pause) {
  const SweepBench bench;
  std::vector<std::string> argv = {SweepBench::program()};
  argv.insert(argv.end(), SweepBench::run().begin(), SweepBench::run().end());
  Process first(argv, {bench.folder(), {}});
  ::usleep(pause);
  Process second(argv, {bench.folder(), {}});
  int done = 0;
  for (Process* process : {&first, &second}) {
    const ProcessResult ended = process->wait();
    if (ended.exit_code == 4) continue;  // the other one was at it
    const std::string wrong = bench.wrong_ending(ended);
    if (!wrong.empty()) return wrong;
    ++done;
  }
  return done == 0 ? "neither process trained the sweep" : bench.wrong_recovery();
}

}  // namespace

std::vector<FaultCase> place_cases(const FaultPlan& plan) {
  const SweepBench bench;
  bench.unroll(SweepBench::run());
  const auto largest = static_cast<long>(fs::file_size(bench.file("s.h5")));
  const auto journal = static_cast<long>(fs::file_size(bench.file("s.journal")));
  const long stride = plan.slice ? (largest / kStep + 4) / 5 * kStep : kStep;
  const long offset =
      plan.slice
          ? kStep * static_cast<long>(draw(plan, "places", 0, static_cast<std::uint32_t>(stride / kStep)))
          : 0;
  std::vector<FaultCase> cases;
  for (long size = kStep + offset; size < largest + kStep; size += stride) {
    cases.push_back({fmt::format("fsize@{}", size), [size] { return limited_files(size); }});
  }
  for (long size = 4 * kStep + offset; size < 2 * largest + journal; size += stride) {
    cases.push_back({fmt::format("tmpfs@{}", size), [size] { return full_disk(size); }});
  }
  for (const bool before : {false, true}) {
    cases.push_back({fmt::format("readonly@{}", before ? 1 : 0), [before] { return read_only(before); }});
  }
  const std::uint32_t pairs = plan.slice ? 2 : 100;
  for (std::uint32_t i = 0; i < pairs; ++i) {
    const std::uint32_t pause = draw(plan, "two", i, 40'000);
    cases.push_back({fmt::format("two@{}", i), [pause] { return two_processes(pause); }});
  }
  return cases;
}

}  // namespace unroll::testing
