#include "store/run_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cmath>

#include "base/error.h"
#include "store/journal_names.h"
#include "store/results.h"
#include "tests/store/samples.h"

namespace unroll {
namespace {

class Index : public ::testing::Test {
 protected:
  std::filesystem::path journal(const std::string& name) const { return folder / (name + ".journal"); }
  void append(const std::string& name, std::size_t run, const RunRecord& record) const {
    JournalWriter writer(journal(name), sweep.manifest);
    writer.append(sweep.manifest.run_ids[run], record);
    writer.sync();
  }
  static RunRecord ended(RunState state, double loss = 1.0) {
    RunRecord record;
    record.state = state;
    record.epochs = 1;
    record[Metric::kTrainLoss] = {loss};
    return record;
  }

  MemoryFolder folder;
  Results sweep = sample_results(12);
};

TEST_F(Index, ReadsEveryRecordWhereItIs) {
  for (std::size_t run = 0; run < sweep.runs.size(); ++run) {
    if (sweep.runs[run].state != RunState::kMissing) append(run % 2 == 0 ? "a" : "b", run, sweep.runs[run]);
  }
  RunIndex index(sweep.manifest.run_ids);
  for (const char* name : {"a", "b"}) {
    const std::optional<Manifest> manifest = index.update(journal(name));
    ASSERT_TRUE(manifest);
    expect_same(*manifest, sweep.manifest);
    EXPECT_FALSE(index.update(journal(name))) << "nothing is new";
  }
  for (std::size_t run = 0; run < sweep.runs.size(); ++run) {
    SCOPED_TRACE(run);
    EXPECT_EQ(index.state(run), sweep.runs[run].state);
    expect_same(index.read(run), sweep.runs[run]);
  }
}

TEST_F(Index, FollowsAJournalThatGrows) {
  RunIndex index(sweep.manifest.run_ids);
  std::vector<std::size_t> seen;
  const auto visit = [&](std::size_t run, const RunRecord&) { seen.push_back(run); };
  append("a", 3, ended(RunState::kDone));
  index.update(journal("a"), visit);
  append("a", 7, ended(RunState::kDiverged));
  append("a", 1, ended(RunState::kFailed));
  index.update(journal("a"), visit);
  EXPECT_EQ(seen, (std::vector<std::size_t>{3, 7, 1}));
  EXPECT_EQ(index.records(), 3U);
}

TEST_F(Index, TheBestRecordCounts) {
  RunIndex index(sweep.manifest.run_ids);
  append("a", 0, ended(RunState::kFailed));
  append("a", 0, ended(RunState::kDone, 2.0));
  append("b", 0, ended(RunState::kFailed));
  index.update(journal("a"));
  index.update(journal("b"));
  EXPECT_EQ(index.state(0), RunState::kDone);
  EXPECT_EQ(index.read(0)[Metric::kTrainLoss], std::vector<double>{2.0});
  EXPECT_TRUE(index.conflicts().empty());
}

TEST_F(Index, FinishedTwiceMustBeTheSameBits) {
  RunIndex index(sweep.manifest.run_ids);
  append("a", 0, ended(RunState::kDone, 2.0));
  append("a", 1, ended(RunState::kDone, 2.0));
  append("b", 0, ended(RunState::kDone, 2.0));
  append("b", 1, ended(RunState::kDone, 2.0 + 1e-15));
  RunRecord slower = ended(RunState::kDone, 2.0);
  slower[Metric::kWallSeconds] = {17.0};  // what may differ
  append("b", 0, slower);
  index.update(journal("a"));
  index.update(journal("b"));
  ASSERT_EQ(index.conflicts().size(), 1U);
  EXPECT_EQ(index.conflicts()[0].run, 1U);
  EXPECT_EQ(index.conflicts()[0].first, journal("a"));
  EXPECT_EQ(index.conflicts()[0].second, journal("b"));
  EXPECT_EQ(index.conflicts()[0].what, "train_loss");
}

// What comes back from a results file, as in a take-over, has no arrays of NaN only.
TEST_F(Index, AnArrayOfNanOnlyIsNoDifference) {
  RunRecord record = ended(RunState::kDone);
  append("a", 0, record);
  record[Metric::kTestLoss] = {std::nan("")};
  append("b", 0, record);
  RunIndex index(sweep.manifest.run_ids);
  index.update(journal("a"));
  index.update(journal("b"));
  EXPECT_TRUE(index.conflicts().empty());
}

TEST_F(Index, ReadsMoreJournalsThanFilesMayBeOpen) {
  constexpr std::size_t kJournals = 150;
  sweep = sample_results(kJournals);
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const rlimit few = {100, before.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &few);
  RunIndex index(sweep.manifest.run_ids);
  for (std::size_t run = 0; run < kJournals; ++run) {
    append(std::to_string(run), run, ended(RunState::kDone, static_cast<double>(run)));
    index.update(journal(std::to_string(run)));
  }
  for (int pass = 0; pass < 2; ++pass) {
    for (std::size_t run = 0; run < kJournals; ++run)
      EXPECT_EQ(index.read(run)[Metric::kTrainLoss], std::vector<double>{static_cast<double>(run)});
  }
  ::setrlimit(RLIMIT_NOFILE, &before);
}

TEST_F(Index, RunsOfOtherPlansAreCountedOnly) {
  {
    JournalWriter writer(journal("a"), sweep.manifest);
    writer.append("another", ended(RunState::kDone));
    writer.sync();
  }
  RunIndex index(sweep.manifest.run_ids);
  index.update(journal("a"));
  EXPECT_EQ(index.unplanned(), 1U);
  EXPECT_EQ(index.records(), 0U);
}

TEST_F(Index, AJournalThatChangesUnderItIsAnError) {
  append("a", 0, ended(RunState::kDone));
  RunIndex index(sweep.manifest.run_ids);
  index.update(journal("a"));
  std::string bytes = read_bytes(journal("a"));
  write_bytes(journal("a"), std::string(bytes.size(), 'x'));
  EXPECT_THROW(index.read(0), FileError);
}

TEST_F(Index, JournalsOfASweepAreFoundByTheirNames) {
  const std::filesystem::path results = folder / "s.h5";
  EXPECT_TRUE(journals_of(results).empty());
  EXPECT_TRUE(journals_of(folder / "no/such/folder/s.h5").empty());
  for (const char* name : {"s", "s.shard-1-of-2", "s.shard-0-of-2", "other.shard-0-of-2", "s2"})
    append(name, 0, ended(RunState::kDone));
  EXPECT_EQ(journals_of(results), (std::vector<std::filesystem::path>{journal("s"), journal("s.shard-0-of-2"),
                                                                      journal("s.shard-1-of-2")}));
  EXPECT_EQ(shard_journal_path(results, 1, 2), journal("s.shard-1-of-2"));
}

TEST_F(Index, AJournalThatCannotBeLookedForIsAnError) {
  EXPECT_TRUE(journals_of(folder / (std::string(250, 'x') + ".h5")).empty()) << "no file has a name so long";
  std::filesystem::create_symlink(journal("s"), journal("s"));
  try {
    journals_of(folder / "s.h5");
    FAIL();
  } catch (const FileError& error) {
    EXPECT_EQ(error.where(), journal("s").string());
    EXPECT_THAT(error.message(), ::testing::HasSubstr("cannot look for this file"));
    EXPECT_THAT(error.hint(), ::testing::HasSubstr("choose a place that can be read"));
  }
}

}  // namespace
}  // namespace unroll
