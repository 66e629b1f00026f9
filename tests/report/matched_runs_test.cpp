#include "report/matched_runs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/baseline.h"
#include "report/check.h"
#include "tests/report/fake_sweep.h"

namespace unroll {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Key;
using testing::Not;

Policy exact() {
  return read_policy("p.yaml", "metrics: {valid_loss: exact}");
}

// A sweep that learns a file of this folder.
Results of_folder(const std::string& folder, const std::string& data = "aa") {
  Results results = quickstart_results();
  results.manifest.resolved_yaml = "task:\n  file: " + folder + "/train.csv\n  test_file: " + folder +
                                   "/test.csv\n  target_file: " + folder + "/y.npy\n";
  if (!data.empty()) results.manifest.provenance = {{kDataProvenance, data}};
  return results;
}

// One that learns two files at the side of the cells.
Results of_files(const std::string& folder) {
  FakeSweep sweep({"cell", "file"});
  for (const char* cell : {"rnn", "lstm"}) {
    sweep.add({cell, folder + "/a/x.csv"}, {0.1, 0.2}).add({cell, folder + "/b/x.csv"}, {0.3, 0.4});
  }
  Results results = sweep.results();
  results.manifest.settings[1].key = "task.file";
  return results;
}

TEST(MatchedRuns, ASettingThatIsSweptIsNotFixed) {
  Results results = quickstart_results();
  results.manifest.resolved_yaml = "model:\n  cell: rnn\n  hidden: 8\nsweep:\n  seed: 1\n  seeds: 5\n";
  EXPECT_THAT(
      fixed_settings(results.manifest),
      AllOf(Contains(Key("model.hidden")), Contains(Key("sweep.seed")), Not(Contains(Key("model.cell")))));
  Results other = results;
  other.manifest.resolved_yaml = "model:\n  hidden: 8\nsweep:\n  seed: 1\n  seeds: 5\n";
  EXPECT_EQ(mismatch(results, other), "");
  other.manifest.resolved_yaml = "model:\n  cell: gru\n  hidden: 8\nsweep:\n  seed: 1\n  seeds: 5\n";
  EXPECT_EQ(mismatch(results, other), "");
}

TEST(MatchedRuns, WhereDataFilesLieDoesNotMatter) {
  EXPECT_EQ(check(of_folder("/here"), of_folder("/there"), exact()).verdict(), Verdict::kPassed);
  const CheckReport swept = check(of_files("/here"), of_files("/there/data"), exact());
  EXPECT_EQ(swept.verdict(), Verdict::kPassed) << to_text(swept, 100);
  ASSERT_EQ(swept.items.size(), 4U);
  EXPECT_EQ(swept.items[1].where, "cell rnn, file b/x.csv");
}

TEST(MatchedRuns, OtherDataIsNoBaseline) {
  const CheckReport report = check(of_folder("/here", "aa"), of_folder("/here", "bb"), exact());
  EXPECT_EQ(report.verdict(), Verdict::kUnmeasured);
  EXPECT_EQ(
      report.items[0].message,
      "the sweeps differ in their data (the content of task.file, task.target_file and task.test_file)");
  // One that does not say what its data was is taken as it is; files may come and go.
  EXPECT_EQ(mismatch(of_folder("/here", "aa"), of_folder("/here", "")), "");
  EXPECT_EQ(mismatch(of_folder("/here", ""), of_folder("/here", "aa")), "");
  EXPECT_EQ(mismatch(of_folder("/here", "aa, bb"), of_folder("/here", "bb")), "");
  EXPECT_THAT(mismatch(of_folder("/here", "aa, bb"), of_folder("/here", "aa, cc")), HasSubstr("their data"));
  // As a text, too.
  const Results text = parse_baseline("b.json", baseline_text(of_folder("/here", "bb"), exact()));
  EXPECT_THAT(mismatch(of_folder("/here", "aa"), text), HasSubstr("their data"));
  EXPECT_EQ(mismatch(of_folder("/here", "bb"), text), "");
}

}  // namespace
}  // namespace unroll
