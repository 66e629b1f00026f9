#include "tests/cli/program.h"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>

#include "base/error.h"
#include "store/journal.h"
#include "store/results.h"

namespace unroll::testing {

Workplace::Workplace(const std::string& experiment) {
  write("a.yaml", experiment);
}

void Workplace::write(const std::string& name, const std::string& text) const {
  std::ofstream(file(name)) << text;
}

ProcessResult Workplace::unroll(const std::vector<std::string>& words) const {
  std::vector<std::string> argv = {program_path()};
  argv.insert(argv.end(), words.begin(), words.end());
  return run_process(argv, {folder(), {}});
}

ProcessResult Workplace::shell(const std::string& line) const {
  return run_process({"/bin/sh", "-c", line}, {folder(), {{"UNROLL", program_path()}}});
}

std::size_t finished_runs(const std::filesystem::path& journal) {
  if (!std::filesystem::exists(journal)) return 0;
  try {
    return read_journal(journal).records.size();
  } catch (const FileError&) {
    return 0;  // its first bytes are on their way
  }
}

void expect_same_results(const std::filesystem::path& a, const std::filesystem::path& b) {
  const Results left = read_results(a);
  const Results right = read_results(b);
  EXPECT_EQ(left.manifest.run_ids, right.manifest.run_ids);
  EXPECT_EQ(left.manifest.plan_hash, right.manifest.plan_hash);
  ASSERT_EQ(left.runs.size(), right.runs.size());
  ASSERT_FALSE(left.runs.empty());
  for (std::size_t run = 0; run < left.runs.size(); ++run) {
    EXPECT_EQ(left.runs[run].state, right.runs[run].state) << run;
    EXPECT_EQ(left.runs[run].message, right.runs[run].message) << run;
    for (const MetricInfo& metric : metrics()) {
      if (metric.group != Group::kResult) continue;
      const std::vector<double>& x = left.runs[run][metric.id];
      const std::vector<double>& y = right.runs[run][metric.id];
      ASSERT_EQ(x.size(), y.size()) << metric.name << " of run " << run;
      EXPECT_TRUE(x.empty() || std::memcmp(x.data(), y.data(), x.size() * sizeof(double)) == 0)
          << metric.name << " of run " << run;
    }
  }
}

}  // namespace unroll::testing
