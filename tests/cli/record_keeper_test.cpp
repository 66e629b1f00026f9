// What a keeper finds beside the experiment, what it takes over, and when it makes the results file anew.
#include "cli/record_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "cli/sweep_text.h"
#include "tests/cli/program.h"

namespace unroll {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class Keeper : public ::testing::Test {
 protected:
  Plan plan(const std::vector<std::string>& overrides = {}) const {
    return load_plan(place_.file("a.yaml"), overrides);
  }
  SweepFiles files() const { return sweep_files(place_.file("a.h5")); }

  static RunRecord record(double loss) {
    RunRecord made;
    made.state = RunState::kDone;
    made.epochs = 1;
    made[Metric::kValidLoss] = {loss};
    return made;
  }
  // Every run of the plan, in the journal and in the results file.
  void finish_all(const Plan& plan) const {
    RecordKeeper keeper(plan, files());
    for (std::size_t run = 0; run < plan.runs.size(); ++run)
      keeper.add(run, record(1.0 + static_cast<double>(run)));
    keeper.finish();
  }
  // Leaves the first records in the journal.
  void cut_journal(std::size_t records) const {
    const JournalContent content = read_journal(files().journal);
    fs::remove(files().journal);
    JournalWriter writer(files().journal, content.manifest);
    for (std::size_t i = 0; i < records; ++i)
      writer.append(content.records[i].first, content.records[i].second);
  }
  void expect_all_done(const RecordKeeper& keeper) const {
    EXPECT_THAT(keeper.states(), ::testing::Each(RunState::kDone));
  }

  testing::Workplace place_;
};

// Killed in the middle of a take-over: the journal has some of what the results file has.
TEST_F(Keeper, TakesOverWhatNoJournalHas) {
  finish_all(plan());
  for (const std::size_t left : {0U, 1U, 5U}) {
    cut_journal(left);
    RecordKeeper keeper(plan(), files());
    expect_all_done(keeper);
    EXPECT_EQ(keeper.taken_over(), 6 - left);
    EXPECT_EQ(keeper.record(5)[Metric::kValidLoss], std::vector<double>{6.0});
    keeper.finish();
    EXPECT_EQ(read_journal(files().journal).records.size(), 6U);
    EXPECT_EQ(read_results(files().results).runs[5][Metric::kValidLoss], std::vector<double>{6.0});
  }
  EXPECT_EQ(RecordKeeper(plan(), files()).taken_over(), 0U);
}

TEST_F(Keeper, TakesOverRunsOfAWiderPlanToo) {
  finish_all(plan());
  cut_journal(2);
  {
    RecordKeeper keeper(plan({"sweep.seeds=1"}), files());
    expect_all_done(keeper);
    keeper.finish();
    EXPECT_EQ(read_results(files().results).runs.size(), 3U);
  }
  expect_all_done(RecordKeeper(plan(), files()));
}

TEST_F(Keeper, TakesOverABetterEndOfARun) {
  const Plan plan = this->plan();
  finish_all(plan);
  fs::remove(files().journal);
  {
    JournalWriter writer(files().journal, make_manifest(plan));
    RunRecord failed;
    failed.state = RunState::kFailed;
    writer.append(plan.runs.id(0), failed);
  }
  const RecordKeeper keeper(plan, files());
  expect_all_done(keeper);
  EXPECT_EQ(keeper.taken_over(), 6U);
}

TEST_F(Keeper, RefusesToLoseRunsOfOtherSettings) {
  finish_all(plan());
  fs::rename(files().results, place_.file("other.h5"));
  fs::remove(files().journal);
  finish_all(plan({"model.hidden=5"}));
  fs::rename(place_.file("other.h5"), files().results);
  try {
    const RecordKeeper keeper(plan({"model.hidden=5"}), files());
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_THAT(error.message(), HasSubstr("model.hidden"));
  }
}

TEST_F(Keeper, ADamagedResultsFileIsMadeAnewFromTheJournal) {
  finish_all(plan());
  std::ofstream(files().results, std::ios::binary) << "not any more";
  {
    RecordKeeper keeper(plan(), files());
    expect_all_done(keeper);
    keeper.finish();
  }
  EXPECT_EQ(verify_results(files().results).runs.size(), 6U);
}

// What decides that the results file is made anew when no run is missing.
class Published : public Keeper {
 protected:
  Published() { finish_all(plan()); }
  // Continues with nothing to do; was the file made anew?
  bool is_made_anew(const std::vector<std::string>& overrides = {}) const {
    const fs::file_time_type long_ago = fs::file_time_type::clock::now() - std::chrono::hours(1);
    fs::last_write_time(files().results, long_ago);
    RecordKeeper keeper(plan(overrides), files());
    expect_all_done(keeper);
    keeper.finish();
    return fs::last_write_time(files().results) != long_ago;
  }
  Manifest in_file() const { return read_results(files().results).manifest; }
};

TEST_F(Published, StaysIfNothingIsNew) {
  EXPECT_FALSE(is_made_anew());
  EXPECT_FALSE(is_made_anew());
}

TEST_F(Published, FollowsTheMetricOfTheSweep) {
  EXPECT_TRUE(is_made_anew({"sweep.metric.name=test_loss"}));
  EXPECT_EQ(in_file().metric, "test_loss");
}

TEST_F(Published, FollowsTheDescription) {
  EXPECT_TRUE(is_made_anew({"description=another"}));
  EXPECT_EQ(in_file().description, "another");
}

TEST_F(Published, FollowsAnAxisWithTheValueThatAllRunsHad) {
  EXPECT_TRUE(is_made_anew({"sweep.parameters.model.hidden=[4]"}));
  EXPECT_EQ(in_file().settings.size(), 2U);
}

TEST_F(Published, FollowsRecordsThatReplaceOthers) {
  fs::copy_file(files().results, place_.file("before.h5"));
  {
    RecordKeeper keeper(plan(), files());
    keeper.add(0, record(0.5));
    keeper.finish();
  }
  fs::rename(place_.file("before.h5"), files().results);
  EXPECT_TRUE(is_made_anew());
  EXPECT_EQ(read_results(files().results).runs[0][Metric::kValidLoss], std::vector<double>{0.5});
  EXPECT_FALSE(is_made_anew());
}

TEST_F(Published, FollowsOtherProgramsAndDamage) {
  fs::resize_file(files().results, fs::file_size(files().results) - 16);  // the checksum of the whole file
  EXPECT_TRUE(is_made_anew());
  verify_results(files().results);
  std::fstream(files().results, std::ios::binary | std::ios::in | std::ios::out).seekp(5000) << "x";
  EXPECT_TRUE(is_made_anew());
  verify_results(files().results);
}

TEST_F(Published, IsTriedAgainAfterItFailed) {
  RecordKeeper keeper(plan(), files());
  keeper.add(0, record(0.5));
  const fs::path obstacle = files().results.string() + ".tmp";
  fs::create_directory(obstacle);
  EXPECT_THROW(keeper.finish(), FileError);
  fs::remove(obstacle);
  keeper.finish();
  EXPECT_EQ(read_results(files().results).runs[0][Metric::kValidLoss], std::vector<double>{0.5});
}

}  // namespace
}  // namespace unroll
