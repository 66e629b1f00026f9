// Shards: parts of one sweep in processes that know nothing of each other, and what merge makes of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "store/journal.h"
#include "store/results.h"
#include "tests/cli/program.h"

namespace unroll::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using Json = nlohmann::json;

ProcessResult shard(const Workplace& place, const std::string& part, std::vector<std::string> more = {}) {
  more.insert(more.begin(), {"run", "a.yaml", "--shard", part});
  return place.unroll(more);
}

void expect_merged_is_whole(const Workplace& place,
                            const std::vector<std::string>& command = {"merge", "results/small.h5"}) {
  const ProcessResult merged = place.unroll(command);
  EXPECT_EQ(merged.exit_code, 0) << merged.err;
  const Workplace whole;
  ASSERT_EQ(whole.unroll({"run", "a.yaml"}).exit_code, 0);
  expect_same_results(place.file("results/small.h5"), whole.file("results/small.h5"));
}

TEST(Shards, MergedEqualUndivided) {
  const Workplace place;
  for (const char* part : {"0/3", "1/3", "2/3"}) {
    const ProcessResult result = shard(place, part);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.err, AllOf(HasSubstr("2 of them"), HasSubstr("merge results/small.h5")));
    EXPECT_FALSE(fs::exists(place.file("results/small.h5")));
  }
  const ProcessResult status = place.unroll({"status", "results/small.h5", "--json"});
  EXPECT_EQ(Json::parse(status.out)["done"], 6);
  EXPECT_EQ(Json::parse(status.out)["journals"], 3);
  expect_merged_is_whole(place);
}

TEST(Shards, TheCountMayChangeAndAnUndividedRunFinishes) {
  const Workplace place;
  ASSERT_EQ(shard(place, "0/3").exit_code, 0);
  const ProcessResult half = shard(place, "1/2", {"--json"});
  EXPECT_EQ(half.exit_code, 0) << half.err;
  EXPECT_LE(Json::parse(half.out)["ran"], 3);
  const ProcessResult rest = place.unroll({"run", "a.yaml", "--json"});
  EXPECT_EQ(rest.exit_code, 0) << rest.err;
  EXPECT_EQ(Json::parse(rest.out)["ran"].get<int>() + Json::parse(half.out)["ran"].get<int>(), 4);
  const Results before = read_results(place.file("results/small.h5"));
  expect_merged_is_whole(place);
  const ProcessResult again = shard(place, "3/4");
  EXPECT_THAT(again.err, HasSubstr("nothing to do"));
}

TEST(Shards, ASecondStartOfTheSameShardHasItsOwnExitCode) {
  const Workplace place(Workplace::kLong);
  Process first({program_path(), "run", "a.yaml", "--shard", "0/2"}, {place.folder(), {}});
  const fs::path journal = place.file("results/long.shard-0-of-2.journal");
  for (int i = 0; i < 1000 && finished_runs(journal) == 0; ++i) ::usleep(10'000);
  ASSERT_FALSE(first.ended());
  const ProcessResult second = shard(place, "0/2");
  EXPECT_EQ(second.exit_code, 4) << second.err;
  EXPECT_THAT(second.err, AllOf(HasSubstr("long.shard-0-of-2.journal"), HasSubstr("another process")));
  first.signal(SIGTERM);
  EXPECT_EQ(first.wait().exit_code, 128 + SIGTERM);
}

TEST(Merge, RefusesWhatIsMissingUnlessAskedTo) {
  const Workplace place;
  ASSERT_EQ(shard(place, "0/2").exit_code, 0);
  const ProcessResult refused = place.unroll({"merge", "results/small.h5"});
  EXPECT_EQ(refused.exit_code, 3) << refused.err;
  EXPECT_THAT(refused.err, AllOf(HasSubstr("3 of 6 runs missing"), HasSubstr("--partial")));
  EXPECT_FALSE(fs::exists(place.file("results/small.h5")));
  const ProcessResult partial = place.unroll({"merge", "results/small.h5", "--partial"});
  EXPECT_EQ(partial.exit_code, 0) << partial.err;
  EXPECT_EQ(read_results(place.file("results/small.h5")).runs.size(), 6U);
  EXPECT_EQ(place.unroll({"merge", "nothing.h5"}).exit_code, 1);
}

TEST(Export, TellsHowManyRunsOfAPartialFileItWrote) {
  const Workplace place;
  ASSERT_EQ(shard(place, "0/2").exit_code, 0);
  ASSERT_EQ(place.unroll({"merge", "results/small.h5", "--partial"}).exit_code, 0);
  const ProcessResult result = place.unroll({"export", "results/small.h5", "--tensorboard", "tb"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.err, HasSubstr("3 of 6 runs in tb"));
}

TEST(Merge, OverwritesNoRunsThatTheFileAloneHas) {
  const Workplace place;
  ASSERT_EQ(shard(place, "0/2").exit_code, 0);
  ASSERT_EQ(place.unroll({"merge", "results/small.h5", "--partial"}).exit_code, 0);
  fs::rename(place.file("results/small.shard-0-of-2.journal"), place.file("kept.journal"));
  const Workplace other;
  ASSERT_EQ(shard(other, "1/2").exit_code, 0);
  fs::copy(other.file("results/small.shard-1-of-2.journal"), place.file("results"));
  const ProcessResult refused = place.unroll({"merge", "results/small.h5", "--partial"});
  EXPECT_EQ(refused.exit_code, 1) << refused.err;
  EXPECT_THAT(refused.err, AllOf(HasSubstr("3 runs that no journal has"), HasSubstr("unroll run")));
  ASSERT_EQ(place.unroll({"run", "a.yaml"}).exit_code, 0);
  expect_merged_is_whole(place);
}

TEST(Merge, RefusesAnotherPlanUnlessTheExperimentIsGiven) {
  const Workplace place;
  ASSERT_EQ(shard(place, "0/2", {"--set", "sweep.seeds=3"}).exit_code, 0);
  for (const char* part : {"0/1"}) ASSERT_EQ(shard(place, part).exit_code, 0);
  const ProcessResult refused = place.unroll({"merge", "results/small.h5"});
  EXPECT_EQ(refused.exit_code, 1) << refused.err;
  EXPECT_THAT(refused.err, AllOf(HasSubstr("another plan"), HasSubstr("FILE.yaml")));
  // A change of no experiment would silently do nothing.
  EXPECT_EQ(place.unroll({"merge", "results/small.h5", "--set", "sweep.seeds=2"}).exit_code, 2);
  expect_merged_is_whole(place, {"merge", "results/small.h5", "a.yaml"});
}

// Two shards that trained the same runs, one of them to other bits.
TEST(Merge, NamesRunsThatAreNotTheSameBits) {
  const Workplace place;
  ASSERT_EQ(shard(place, "0/1").exit_code, 0);
  const JournalContent content = read_journal(place.file("results/small.shard-0-of-1.journal"));
  {
    JournalWriter writer(place.file("results/small.shard-0-of-2.journal"), content.manifest);
    RunRecord record = content.records[0].second;
    writer.append(content.records[0].first, record);
    writer.sync();
  }
  EXPECT_EQ(place.unroll({"merge", "results/small.h5"}).exit_code, 0) << "equal bits are no conflict";
  {
    JournalWriter writer(place.file("results/small.shard-1-of-2.journal"), content.manifest);
    RunRecord record = content.records[0].second;
    record[Metric::kTestLoss][0] += 1e-15;
    writer.append(content.records[0].first, record);
    writer.sync();
  }
  const ProcessResult refused = place.unroll({"merge", "results/small.h5"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err,
              AllOf(HasSubstr(content.records[0].first), HasSubstr("test_loss"), HasSubstr("shard-1-of-2")));
  const ProcessResult run = place.unroll({"run", "a.yaml"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.err, HasSubstr("is not the same in"));
}

// Damages the first record behind the manifest.
void damage(const fs::path& journal) {
  const JournalContent content = read_journal(journal);
  std::fstream file(journal, std::ios::binary | std::ios::in | std::ios::out);
  std::string bytes(fs::file_size(journal), '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.seekp(static_cast<std::streamoff>(bytes.rfind(content.records.front().first)));
  file << 'x';
}

TEST(Shards, ADamagedJournalNamesTheCommandThatHelps) {
  const Workplace place;
  for (const char* part : {"0/2", "1/2"}) ASSERT_EQ(shard(place, part).exit_code, 0);
  for (const int part : {0, 1})
    damage(place.file("results/small.shard-" + std::to_string(part) + "-of-2.journal"));
  for (const ProcessResult& result :
       {shard(place, "1/2"), place.unroll({"merge", "results/small.h5"}), place.unroll({"run", "a.yaml"})}) {
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_THAT(result.err, AllOf(HasSubstr("shard-0-of-2.journal"), HasSubstr("--shard 0/2 --salvage")));
  }
  for (const char* part : {"0/2", "1/2"}) {
    const ProcessResult salvaged = shard(place, part, {"--salvage"});
    EXPECT_EQ(salvaged.exit_code, 0) << salvaged.err;
  }
  expect_merged_is_whole(place);
}

TEST(Shards, DoNotGoWithEarlyTermination) {
  const Workplace place(std::string(Workplace::kSmall) + "  early_terminate: {type: median}\n");
  for (const std::vector<std::string>& words : {std::vector<std::string>{"run", "a.yaml", "--shard", "0/2"},
                                                {"emit", "slurm", "a.yaml", "--shards", "2"}}) {
    const ProcessResult result = place.unroll(words);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.err, HasSubstr("which runs stop depends on all of them"));
  }
}

TEST(Shards, TheHintForEarlyTerminationWorksWithHalving) {
  const Workplace place(R"(name: small
task:  {type: adding, seq_len: 8, train_size: 64, valid_size: 32, test_size: 32}
model: {hidden: 4}
train: {epochs: 2, batch: 16}
sweep:
  method: halving
  runs: 3
  early_terminate: {min_iter: 1}
  parameters: {train.lr: {min: 0.001, max: 0.1}}
)");
  const ProcessResult refused = shard(place, "0/2");
  ASSERT_EQ(refused.exit_code, 2);
  std::vector<std::string> changes;
  for (const char* change : {"sweep.early_terminate.type=none", "sweep.method=random"}) {
    EXPECT_THAT(refused.err, HasSubstr(std::string("--set ") + change));
    changes.insert(changes.end(), {"--set", change});
  }
  const ProcessResult result = shard(place, "0/2", changes);
  EXPECT_EQ(result.exit_code, 0) << result.err;
}

TEST(Shards, DoNotGoWithFreshOrOnly) {
  const Workplace place;
  EXPECT_EQ(shard(place, "0/2", {"--fresh"}).exit_code, 2);
  EXPECT_EQ(shard(place, "0/2", {"--only", "abcd"}).exit_code, 2);
  EXPECT_EQ(shard(place, "2/2").exit_code, 2);
  EXPECT_EQ(shard(place, "auto").exit_code, 2);
}

// Of an array of two tasks, the second is submitted again: what the program asks for gives the same shard.
TEST(Shards, ATaskSubmittedAgainTrainsItsOwnShard) {
  const Workplace place;
  const auto task = [&](const char* id, const char* first, const char* count, const std::string& shard) {
    return place.shell(std::string("SLURM_ARRAY_TASK_MAX=1 SLURM_ARRAY_TASK_ID=") + id +
                       " SLURM_ARRAY_TASK_MIN=" + first + " SLURM_ARRAY_TASK_COUNT=" + count +
                       " \"$UNROLL\" run a.yaml --shard " + shard);
  };
  ASSERT_EQ(task("0", "0", "2", "auto").exit_code, 0);
  const ProcessResult asked = task("1", "1", "1", "auto");
  EXPECT_EQ(asked.exit_code, 2);
  EXPECT_THAT(asked.err, HasSubstr("--shard auto/N"));
  const ProcessResult again = task("1", "1", "1", "auto/2");
  EXPECT_EQ(again.exit_code, 0) << again.err;
  expect_merged_is_whole(place);
}

// An sbatch that runs the tasks of an array at once: what Slurm does, without waiting.
constexpr const char* kSbatch = R"(#!/bin/sh
for word in "$@"; do
  case $word in
    --array=*) last=${word##*-} ;;
    --wrap) ;;
    -*) ;;
    *) command=$word ;;
  esac
done
echo "$@" >> sbatch.log
if [ -n "${last:-}" ]; then
  for i in $(seq 0 "$last"); do SLURM_ARRAY_TASK_ID=$i sh -c "$command" >> tasks.log 2>&1 || exit 1; done
else
  sh -c "$command" >> tasks.log 2>&1 || exit 1
fi
echo 17
)";

TEST(Emit, TheSlurmScriptTrainsAndMerges) {
  const Workplace place;
  place.write("sbatch", kSbatch);
  const ProcessResult script = place.unroll({"emit", "slurm", "a.yaml", "sweep.seeds=2", "--shards", "2",
                                             "--set", "sweep.seeds=1", "--time", "00:10:00"});
  ASSERT_EQ(script.exit_code, 0) << script.err;
  EXPECT_THAT(script.out, AllOf(HasSubstr("--array=0-1"), HasSubstr("--time=00:10:00"),
                                HasSubstr("--signal=B:TERM@60"), HasSubstr("--dependency=afterany")));
  place.write("submit.sh", script.out);
  const ProcessResult submitted = place.shell("chmod +x sbatch; PATH=$PWD:$PATH sh submit.sh");
  EXPECT_EQ(submitted.exit_code, 0) << submitted.err << place.shell("cat tasks.log").out;
  const Results results = read_results(place.file("results/small.h5"));
  EXPECT_EQ(results.runs.size(), 3U);
  for (const RunRecord& run : results.runs) EXPECT_EQ(run.state, RunState::kDone);
  EXPECT_EQ(place.unroll({"emit", "slurm", "a.yaml"}).exit_code, 2);
  EXPECT_EQ(place.unroll({"emit", "slurm", "a.yaml", "--shards", "7"}).exit_code, 2);
  const ProcessResult other = place.unroll({"emit", "pbs", "a.yaml", "--shards", "2"});
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.err, HasSubstr("--shard auto/N"));
}

TEST(Emit, SweepsOfOneNameHaveLogsOfTheirOwn) {
  const Workplace place;
  const ProcessResult script =
      place.unroll({"emit", "slurm", "a.yaml", "--shards", "2", "--out", "results/other.h5"});
  EXPECT_THAT(script.out,
              AllOf(HasSubstr("results/other.shard-%a.log"), HasSubstr("results/other.merge.log")));
}

}  // namespace
}  // namespace unroll::testing
