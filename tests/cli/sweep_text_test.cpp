#include "cli/sweep_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <limits>

#include "tests/support/process.h"

namespace unroll {
namespace {

TEST(SettingText, IsShortForDrawnNumbersAndExactForTheRest) {
  EXPECT_EQ(setting_text(0.0012643871234567), "0.0012644");
  EXPECT_EQ(setting_text(1.1255123456789e-05), "1.1255e-05");
  EXPECT_EQ(setting_text(0.001), "0.001");
  EXPECT_EQ(setting_text(0.5), "0.5");
  EXPECT_EQ(setting_text(std::numeric_limits<double>::quiet_NaN()), "unset");
  EXPECT_EQ(setting_text(std::int64_t{1234567}), "1234567");
  EXPECT_EQ(setting_text(std::string("gru")), "gru");
}

TEST(RunText, NamesEverySettingShortly) {
  const Plan plan = parse_plan(R"(name: drawn
task: {type: adding, seq_len: 8, train_size: 64, valid_size: 32, test_size: 32}
sweep:
  method: random
  runs: 2
  parameters:
    train.lr: {distribution: log_uniform_values, min: 1e-5, max: 1e-2}
)",
                               "a.yaml");
  for (const PlannedRun& run : plan.runs)
    EXPECT_LT(run_text(plan, run).size(), std::string("lr=1.2345e-05 ").size());
}

// What make_manifest says of the data, of an experiment in a folder of its own.
std::string data_of(const std::string& task, const std::string& values) {
  const testing::TempFolder folder;
  for (const char* name : {"x.csv", "y.csv"}) {
    std::ofstream file(folder.path() / name);
    file << name << "\n" << values;
  }
  const Plan plan = parse_plan("name: small\ntask: " + task, folder.path() / "small.yaml");
  for (const auto& [name, text] : make_manifest(plan).provenance) {
    if (name == kDataProvenance) return text;
  }
  return "";
}

TEST(Manifest, SaysWhatTheContentOfTheDataFilesWas) {
  std::string values;
  for (int i = 0; i < 100; ++i) values += std::to_string(i * i % 17) + "\n";
  const std::string one = data_of("{type: series, file: x.csv, seq_len: 2}\n", values);
  EXPECT_THAT(one, ::testing::MatchesRegex("[0-9a-f]{32}"));
  EXPECT_EQ(data_of("{type: series, file: x.csv, seq_len: 2}\n", values), one);  // in another folder
  EXPECT_NE(data_of("{type: series, file: x.csv, seq_len: 2}\n", values + "5\n"), one);
  EXPECT_THAT(
      data_of("{type: series, seq_len: 2}\nsweep: {parameters: {task.file: [x.csv, y.csv]}}\n", values),
      ::testing::StartsWith(one + ", "));
  EXPECT_EQ(data_of("{type: adding, seq_len: 8}\n", values), "");
}

}  // namespace
}  // namespace unroll
