// A small sweep in a folder of its own, run under faults, and what must hold afterwards.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "store/results.h"
#include "tests/support/process.h"

namespace unroll::testing {

// A fault of the shim; kind "" = none.
struct ShimFault {
  std::string kind;
  long at = 0;
};

class SweepBench {
 public:
  // runs: 20, or fewer for what has very many faults to try. halving: the worse half of them is stopped
  // early.
  explicit SweepBench(int seeds = 10, bool halving = false);

  std::filesystem::path file(const std::string& name) const { return folder_.path() / name; }
  const std::filesystem::path& folder() const { return folder_.path(); }

  // Again, after the folder has become another.
  void write_experiment() const;
  // unroll WORDS ..., with a fault, or as the argument of another program.
  ProcessResult unroll(const std::vector<std::string>& words, const ShimFault& fault = {},
                       const std::vector<std::string>& wrapper = {}) const;
  // The calls that a command makes without a fault, counted as the shim counts them for this kind.
  long calls(const std::vector<std::string>& words, const std::string& kind) const;

  // What is wrong with how a command ended; "" if nothing: it was killed, or said what failed and where, or
  // succeeded and the results are complete and the right bits.
  std::string wrong_ending(const ProcessResult& ended, bool makes_results = true) const;
  // Continues without a fault. What is wrong then; "" if nothing: the sweep is complete, its bits are those
  // of an undisturbed one, and no run that was in the journal before has gone or was trained again.
  std::string wrong_recovery() const;

  static const std::vector<std::string>& run();  // the command that trains the sweep
  static std::filesystem::path program();

 private:
  std::string wrong_results() const;

  TempFolder folder_;
  int seeds_;
  bool halving_;
};

}  // namespace unroll::testing
