#include "tests/faults/sweep_bench.h"

#include <chrono>
#include <csignal>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

#include "base/error.h"
#include "store/journal.h"
#include "store/journal_names.h"
#include "store/run_index.h"

namespace unroll::testing {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::minutes kLongest{2};  // of a process; a busy machine needs a second for one

constexpr const char* kExperiment = R"(name: s
task:  {type: adding, seq_len: 4, train_size: 16, valid_size: 8, test_size: 8}
model: {hidden: 2}
train: {epochs: 2, batch: 8}
record: {weights: final}
sweep:
  parameters:
    model.cell: [rnn, lstm]
)";

// The results of an undisturbed sweep, made once for each size.
const Results& undisturbed(int seeds, bool halving) {
  static std::mutex mutex;
  static std::map<std::pair<int, bool>, Results> made;
  const std::lock_guard lock(mutex);
  const auto found = made.find({seeds, halving});
  if (found != made.end()) return found->second;
  const SweepBench bench(seeds, halving);
  const ProcessResult ended = bench.unroll(SweepBench::run());
  if (ended.exit_code != 0) throw std::runtime_error("the sweep fails without a fault: " + ended.err);
  return made.emplace(std::pair(seeds, halving), read_results(bench.file("s.h5"))).first->second;
}

// Ids of the finished runs in all journals, repeated ones repeated.
std::multiset<std::string> finished(const fs::path& results) {
  std::multiset<std::string> ids;
  for (const fs::path& journal : journals_of(results)) {
    scan_journal(journal, [&](const std::string& id, RunRecord& record, const RecordPlace&) {
      if (record.state == RunState::kDone || record.state == RunState::kPruned) ids.insert(id);
    });
  }
  return ids;
}

}  // namespace

SweepBench::SweepBench(int seeds, bool halving) : seeds_(seeds), halving_(halving) {
  write_experiment();
}

void SweepBench::write_experiment() const {
  std::ofstream(file("a.yaml")) << kExperiment << "  seeds: " << seeds_ << "\n"
                                << (halving_ ? "  early_terminate: {type: halving, eta: 2}\n" : "");
}

const std::vector<std::string>& SweepBench::run() {
  static const std::vector<std::string> words = {"run", "a.yaml", "--out", "s.h5", "-j", "1", "--quiet"};
  return words;
}

fs::path SweepBench::program() {
  return fs::path(UNROLL_BINARY_DIR) / "src/cli/unroll";
}

ProcessResult SweepBench::unroll(const std::vector<std::string>& words, const ShimFault& fault,
                                 const std::vector<std::string>& wrapper) const {
  std::vector<std::string> argv = wrapper;
  argv.push_back(program());
  argv.insert(argv.end(), words.begin(), words.end());
  ProcessOptions options{folder(), {}};
  if (!fault.kind.empty()) {
    options.env = {{"LD_PRELOAD", UNROLL_FAULT_SHIM},
                   {"FAULT_KIND", fault.kind},
                   {"FAULT_AT", std::to_string(fault.at)},
                   {"FAULT_COUNT", file("calls")}};
  }
  Process process(argv, options);
  const auto start = std::chrono::steady_clock::now();
  while (!process.ended()) {
    if (std::chrono::steady_clock::now() - start > kLongest) throw std::runtime_error("it hangs");
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return process.wait();
}

long SweepBench::calls(const std::vector<std::string>& words, const std::string& kind) const {
  unroll(words, {kind, 0});
  long count = 0;
  std::ifstream(file("calls")) >> count;
  return count;
}

std::string SweepBench::wrong_results() const {
  const Results& right = undisturbed(seeds_, halving_);
  try {
    const Results results = verify_results(file("s.h5"));
    if (results.manifest.run_ids != right.manifest.run_ids) return "other runs are in the file";
    for (std::size_t run = 0; run < right.runs.size(); ++run) {
      const std::string what = first_difference(results.runs[run], right.runs[run]);
      if (!what.empty()) return "run " + std::to_string(run) + " has another " + what;
    }
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

std::string SweepBench::wrong_ending(const ProcessResult& ended, bool makes_results) const {
  if (ended.exit_code == 128 + SIGKILL || ended.exit_code == 128 + SIGTERM) return "";
  if (ended.exit_code == 0) return makes_results ? wrong_results() : "";
  if (ended.exit_code > 128) return "signal " + std::to_string(ended.exit_code - 128) + ": " + ended.err;
  const bool names = ended.err.find("s.") != std::string::npos ||
                     ended.err.find("memory") != std::string::npos ||
                     ended.err.find(folder().string()) != std::string::npos;
  return names ? "" : "exit code " + std::to_string(ended.exit_code) + " without a path: '" + ended.err + "'";
}

std::string SweepBench::wrong_recovery() const {
  std::multiset<std::string> before;
  try {
    before = finished(file("s.h5"));
  } catch (const Error& error) {
    // A journal that was stopped before its first record was on disk is no journal yet.
    if (error.message().find("holds no sweep") == std::string::npos) return error.what();
  }
  ProcessResult ended = unroll(run());
  // A run that found no memory has failed, and a failed run is tried again only when asked.
  if (ended.exit_code == 1) {
    std::vector<std::string> retry = run();
    retry.front() = "retry";
    retry.emplace_back("--failed");
    ended = unroll(retry);
  }
  if (ended.exit_code != 0)
    return "recovery: exit code " + std::to_string(ended.exit_code) + ": " + ended.err;
  const std::string wrong = wrong_results();
  if (!wrong.empty()) return "recovery: " + wrong;
  const std::multiset<std::string> after = finished(file("s.h5"));
  for (const std::string& id : before) {
    if (after.count(id) < before.count(id)) return "recovery: run " + id + " is gone";
    if (after.count(id) > before.count(id)) return "recovery: run " + id + " was trained again";
  }
  return "";
}

}  // namespace unroll::testing
