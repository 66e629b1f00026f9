#include "report/combine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "report/compare.h"
#include "tests/report/fake_sweep.h"

namespace unroll {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Five seeds of rnn and lstm; what else the sweep was is in the YAML.
Results sweep(double shift, const std::string& yaml = "task: {type: adding}\ntrain: {lr: 0.01, batch: 16}\n",
              std::vector<std::string> cells = {"rnn", "lstm"}) {
  FakeSweep fake({"cell"});
  for (const std::string& cell : cells) {
    const double base = (cell == "rnn" ? 0.5 : 0.2) + shift;
    fake.add({cell}, {base, base + 0.01, base + 0.02, base + 0.03, base + 0.04});
  }
  Results results = fake.results();
  results.manifest.experiment = "small";
  results.manifest.resolved_yaml = yaml;
  return results;
}

std::vector<std::string> names(const Results& results) {
  std::vector<std::string> out;
  for (const SettingColumn& column : results.manifest.settings) out.push_back(column.name);
  return out;
}

TEST(Combine, OneFileIsHandedOn) {
  const CombinedResults one = combine({{"a.h5", sweep(0.0)}}, "");
  EXPECT_EQ(one.results.runs.size(), 10U);
  EXPECT_THAT(one.notes, IsEmpty());
  EXPECT_EQ(one.by, "");
}

TEST(Combine, OtherNumbersOfTheSameConfigurationsMakeTheFileTheMethod) {
  const CombinedResults both = combine({{"x/before.h5", sweep(0.0)}, {"x/after.h5", sweep(0.1)}}, "");
  EXPECT_EQ(both.by, "results");
  EXPECT_THAT(names(both.results), ElementsAre("results", "cell"));
  CompareOptions options;
  options.by = both.by;
  const Comparison c = compare(both.results, options);
  EXPECT_THAT(c.methods, ElementsAre("before", "after"));
  ASSERT_EQ(c.pairs.size(), 2U);  // at each cell
  EXPECT_EQ(c.pairs[0].better, 0U);
  EXPECT_EQ(c.pairs[0].counts.wins, 5U);
  EXPECT_THAT(both.notes, Contains(HasSubstr("before and after hold other numbers")));
}

TEST(Combine, EqualRunsCountOnce) {
  const CombinedResults both = combine(
      {{"a.h5", sweep(0.0)}, {"b.h5", sweep(0.0, sweep(0.0).manifest.resolved_yaml, {"lstm", "gru"})}}, "");
  EXPECT_EQ(both.results.runs.size(), 15U);
  EXPECT_EQ(both.by, "");
  EXPECT_THAT(names(both.results), ElementsAre("cell"));
  EXPECT_THAT(both.notes, Contains(HasSubstr("5 runs of several files with the same numbers count once")));
  EXPECT_THAT(compare(both.results).methods, ElementsAre("rnn", "lstm", "gru"));
}

TEST(Combine, OneSettingThatDiffersBecomesAnAxis) {
  const CombinedResults both = combine(
      {{"a.h5", sweep(0.0)}, {"b.h5", sweep(0.1, "task: {type: adding}\ntrain: {lr: 0.0010, batch: 16}\n")}},
      "");
  EXPECT_THAT(names(both.results), ElementsAre("cell", "lr"));
  EXPECT_EQ(both.by, "");
  EXPECT_THAT(both.notes, Contains("They differ in train.lr (0.01, 0.001)."));
  const Comparison c = compare(both.results);
  EXPECT_EQ(c.points.size(), 2U);
  EXPECT_EQ(std::get<double>(c.points[1][0]), 0.001);
}

TEST(Combine, SeveralSettingsThatDifferMakeTheFileAnAxis) {
  const CombinedResults both =
      combine({{"x/a.h5", sweep(0.0)},
               {"y/a.h5", sweep(0.0, "task: {type: adding}\ntrain: {lr: 0.001, batch: 32}\n")}},
              "");
  EXPECT_THAT(names(both.results), ElementsAre("results", "cell"));
  EXPECT_EQ(both.results.runs.size(), 20U);  // equal numbers, but not the same configuration
  EXPECT_THAT(std::get<std::vector<std::string>>(both.results.manifest.settings[0].values),
              Contains("y/a.h5"));
}

TEST(Combine, AnAxisOfOneFileIsASettingOfTheOther) {
  FakeSweep swept({"cell", "lr"});
  swept.add({"rnn", 0.1}, {0.3, 0.4, 0.5}).add({"rnn", 0.2}, {0.3, 0.4, 0.6});
  Results results = swept.results();
  results.manifest.resolved_yaml = "task: {type: adding}\n";
  results.manifest.settings[1].key = "train.lr";
  const CombinedResults both = combine({{"a.h5", sweep(0.0)}, {"b.h5", results}}, "");
  EXPECT_THAT(names(both.results), ElementsAre("cell", "lr"));
  EXPECT_THAT(std::get<std::vector<double>>(both.results.manifest.settings[1].values),
              testing::AllOf(Contains(0.01), Contains(0.1), Contains(0.2)));
  // The other way round the first file does not say what lr was.
  Results silent = sweep(0.0, "task: {type: adding}\n");
  EXPECT_THROW(combine({{"a.h5", silent}, {"b.h5", results}}, ""), UsageError);
}

TEST(Combine, WhereDataFilesLieDoesNotMatter) {
  const auto of = [](const std::string& folder, const std::string& data) {
    Results results = sweep(0.0, "task:\n  file: " + folder + "/x.csv\n  test_file: " + folder + "/y.csv\n");
    results.manifest.provenance = {{kDataProvenance, data}};
    return results;
  };
  const CombinedResults same = combine({{"a.h5", of("/here", "aa")}, {"b.h5", of("/there", "aa")}}, "");
  EXPECT_EQ(same.results.runs.size(), 10U);
  EXPECT_THAT(names(same.results), ElementsAre("cell"));
  EXPECT_THAT(same.notes, Not(Contains(HasSubstr("data"))));
  const CombinedResults other = combine({{"a.h5", of("/here", "aa")}, {"b.h5", of("/here", "bb")}}, "");
  EXPECT_THAT(other.notes,
              Contains("They differ in their data (the content of task.file and task.test_file)."));
}

TEST(Combine, SweptDataFilesAreToldApartWithoutTheirFolder) {
  const auto of = [](const std::string& folder) {
    FakeSweep fake({"file"});
    fake.add({folder + "/x.csv"}, {0.1, 0.2}).add({folder + "/y.csv"}, {0.3, 0.4});
    Results results = fake.results();
    results.manifest.settings[0].key = "task.file";
    return results;
  };
  const CombinedResults both = combine({{"a.h5", of("/here")}, {"b.h5", of("/there")}}, "");
  EXPECT_EQ(both.results.runs.size(), 4U);
  EXPECT_THAT(compare(both.results).methods, ElementsAre("x.csv", "y.csv"));
  // The results file is a setting of another name.
  Results better = of("/here");
  better.runs[0] = of("/here").runs[2];
  const CombinedResults changed = combine({{"a.h5", of("/here")}, {"b.h5", better}}, "");
  EXPECT_THAT(names(changed.results), ElementsAre("results", "file"));
  // A file that is fixed in another sweep is one of them.
  Results fixed = FakeSweep({}).add({}, {0.1, 0.2, 0.3}).results();
  fixed.manifest.resolved_yaml = "task:\n  file: /far/away/x.csv\n";
  EXPECT_EQ(combine({{"a.h5", of("/here")}, {"b.h5", fixed}}, "").results.runs.size(), 5U);
}

TEST(Combine, WhatNoRunOfAFileReadsIsUnsetThere) {
  FakeSweep swept({"cell", "forget_bias"});
  swept.add({"rnn", Unset{}}, {0.5, 0.6, 0.7}).add({"lstm", 1.0}, {0.3, 0.4, 0.5});
  swept.add({"lstm", 2.0}, {0.1, 0.2, 0.3});
  const std::string yaml = "task: {type: adding}\nmodel: {cell: rnn}\n";
  Results some = swept.results();
  some.manifest.resolved_yaml = yaml;
  const CombinedResults both = combine({{"a.h5", some}, {"b.h5", sweep(0.0, yaml, {"rnn"})}}, "");
  ASSERT_THAT(names(both.results), ElementsAre("results", "cell", "forget_bias"));
  const SettingColumn& bias = both.results.manifest.settings[2];
  EXPECT_EQ(setting_value(bias, 0), AxisValue(Unset{}));
  EXPECT_EQ(setting_value(bias, 3), AxisValue(1.0));
  EXPECT_EQ(setting_value(bias, 9), AxisValue(Unset{}));
}

TEST(Combine, RefusesWhatCannotBeCompared) {
  Results other = sweep(0.0);
  other.manifest.metric = "valid_accuracy";
  EXPECT_THROW(combine({{"a.h5", sweep(0.0)}, {"b.h5", other}}, ""), UsageError);
  EXPECT_NO_THROW(combine({{"a.h5", sweep(0.0)}, {"b.h5", other}}, "valid_loss"));
  try {
    combine({{"a.h5", sweep(0.0, "sweep: {seed: 1}\n")}, {"b.h5", sweep(0.0, "sweep: {seed: 2}\n")}}, "");
    FAIL();
  } catch (const UsageError& e) {
    EXPECT_THAT(e.what(), HasSubstr("sweep.seed"));
  }
}

TEST(Combine, AMissingRunIsTakenFromTheFileThatHasIt) {
  Results half = sweep(0.0);
  for (std::size_t run = 0; run < 5; ++run) half.runs[run] = RunRecord();
  const CombinedResults both = combine({{"a.h5", half}, {"b.h5", sweep(0.0)}}, "");
  EXPECT_EQ(both.results.runs.size(), 10U);
  for (const RunRecord& run : both.results.runs) EXPECT_EQ(run.state, RunState::kDone);
}

}  // namespace
}  // namespace unroll
