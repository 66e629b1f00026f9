// The built program, run as a user runs it, on small experiments.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/process.h"

namespace unroll::testing {

inline std::string program_path() {
  return std::string(UNROLL_BINARY_DIR) + "/src/cli/unroll";
}

// A folder to work in, with one experiment in it.
class Workplace {
 public:
  // Six runs of a few milliseconds: 3 cells x 2 seeds.
  static constexpr const char* kSmall = R"(name: small
task:  {type: adding, seq_len: 8, train_size: 64, valid_size: 32, test_size: 32}
model: {hidden: 4}
train: {epochs: 2, batch: 16}
sweep:
  seeds: 2
  parameters:
    model.cell: [rnn, lstm, gru]
)";
  // Twenty runs that take long enough to be interrupted.
  static constexpr const char* kLong = R"(name: long
task:  {type: adding, seq_len: 30, train_size: 2000, valid_size: 100, test_size: 100}
model: {hidden: 16}
train: {epochs: 6, batch: 16}
sweep:
  seeds: 10
  parameters:
    model.cell: [rnn, lstm]
)";

  explicit Workplace(const std::string& experiment = kSmall);

  const std::filesystem::path& folder() const { return folder_.path(); }
  std::filesystem::path file(const std::string& name) const { return folder_.path() / name; }
  void write(const std::string& name, const std::string& text) const;
  // unroll WORDS ... in the folder.
  ProcessResult unroll(const std::vector<std::string>& words) const;
  ProcessResult shell(const std::string& line) const;  // "$UNROLL" is the program

 private:
  TempFolder folder_;
};

// Runs of the journal that are finished.
std::size_t finished_runs(const std::filesystem::path& journal);

// Everything but what may differ between equal sweeps: /measured and /provenance.
void expect_same_results(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace unroll::testing
