// What `unroll run` promises: the same results however it is run, nothing lost, nothing done twice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "store/results.h"
#include "tests/cli/program.h"

namespace unroll::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Json = nlohmann::json;

// Starts the long experiment and returns when some of its runs are finished.
class RunningSweep {
 public:
  explicit RunningSweep(const Workplace& place)
      : process_({program_path(), "run", "a.yaml", "-j", "2"}, {place.folder(), {}}) {
    while (!process_.ended() && finished_runs(place.file("results/long.journal")) < 2) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  Process* operator->() { return &process_; }

 private:
  Process process_;
};

// The line after the one that contains `text`.
std::string line_after(const std::string& output, const std::string& text) {
  const std::size_t start = output.find('\n', output.find(text)) + 1;
  return output.substr(start, output.find('\n', start) - start);
}

class Undisturbed : public ::testing::Test {
 protected:
  // One sweep that nothing happened to, for all tests of this suite.
  static void SetUpTestSuite() {
    place_ = new Workplace(Workplace::kLong);
    ASSERT_EQ(place_->unroll({"run", "a.yaml", "-j", "1", "--out", "whole.h5"}).exit_code, 0);
  }
  static void TearDownTestSuite() {
    delete place_;
    place_ = nullptr;
  }
  static void expect_the_same(const Workplace& place) {
    expect_same_results(place_->file("whole.h5"), place.file("results/long.h5"));
  }

 private:
  static inline Workplace* place_ = nullptr;
};

TEST_F(Undisturbed, EqualsTwoWorkers) {
  const Workplace place(Workplace::kLong);
  EXPECT_EQ(place.unroll({"run", "a.yaml", "-j", "2"}).exit_code, 0);
  expect_the_same(place);
}

TEST_F(Undisturbed, EqualsKilledAndContinued) {
  const Workplace place(Workplace::kLong);
  {
    RunningSweep sweep(place);
    sweep->signal(SIGKILL);
    ASSERT_EQ(sweep->wait().exit_code, 128 + SIGKILL);
  }
  const std::size_t finished = finished_runs(place.file("results/long.journal"));
  ASSERT_LT(finished, 20U) << "the sweep ended before it was killed";
  const ProcessResult rest = place.unroll({"run", "a.yaml", "--json"});
  EXPECT_EQ(rest.exit_code, 0) << rest.err;
  EXPECT_EQ(Json::parse(rest.out)["ran"], 20 - finished);
  expect_the_same(place);
}

TEST_F(Undisturbed, EqualsInterruptedAndContinuedAsItSays) {
  for (const int number : {SIGINT, SIGTERM}) {
    const Workplace place(Workplace::kLong);
    RunningSweep sweep(place);
    sweep->signal(number);
    const ProcessResult stopped = sweep->wait();
    EXPECT_EQ(stopped.exit_code, 128 + number) << stopped.err;
    ASSERT_THAT(stopped.err, HasSubstr("to continue:"));
    // What is finished is in a file that can be read at once.
    const Results part = read_results(place.file("results/long.h5"));
    std::size_t done = 0;
    for (const RunRecord& run : part.runs) done += run.state == RunState::kDone ? 1 : 0;
    EXPECT_EQ(done, finished_runs(place.file("results/long.journal")));
    EXPECT_LT(done, 20U);
    const ProcessResult rest = place.shell(line_after(stopped.err, "to continue:"));
    EXPECT_EQ(rest.exit_code, 0) << rest.err;
    expect_the_same(place);
  }
}

// What is stopped early is a result that is asked for by name when it is to go on.
TEST(Sweep, PrunedRunsAreTrainedToTheirEndOnRequest) {
  const Workplace place(std::string(Workplace::kSmall) + "  early_terminate: {type: halving, eta: 2}\n");
  const ProcessResult plan = place.unroll({"plan", "a.yaml"});
  EXPECT_THAT(plan.out, ::testing::ContainsRegex(
                            "early termination by halving after epoch 1: about [0-9.]+ % of the work"));
  const ProcessResult first = place.unroll({"run", "a.yaml", "--out", "s.h5", "--events", "e.jsonl"});
  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_THAT(first.err, HasSubstr("2 done, 4 pruned"));
  const std::string events = place.shell("cat e.jsonl").out;
  const auto occurrences = [&](const std::string& word) {
    std::size_t n = 0;
    for (std::size_t at = events.find(word); at != std::string::npos; at = events.find(word, at + 1)) ++n;
    return n;
  };
  EXPECT_EQ(occurrences("\"begin\""), 6U);
  EXPECT_EQ(occurrences("\"end\""), 6U);
  EXPECT_EQ(occurrences("{\"event\":\"epoch\""), 8U);
  EXPECT_THAT(place.unroll({"run", "a.yaml", "--out", "s.h5"}).err, HasSubstr("nothing to do"));
  const ProcessResult retried = place.unroll({"retry", "a.yaml", "--out", "s.h5", "--pruned"});
  EXPECT_EQ(retried.exit_code, 0) << retried.err;
  EXPECT_THAT(retried.err, HasSubstr("6 done"));
  // The same bits as if nothing had ever been stopped.
  place.unroll({"run", "a.yaml", "--out", "whole.h5", "--set", "sweep.early_terminate.type=none"});
  expect_same_results(place.file("s.h5"), place.file("whole.h5"));
}

TEST(Sweep, RunningAgainDoesNothingAndSaysSo) {
  const Workplace place;
  const ProcessResult first = place.unroll({"run", "a.yaml"});
  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_THAT(first.err, AllOf(HasSubstr("small: 6 runs = 3 cells x 2 seeds, about "),
                               HasSubstr("core efficiency"), HasSubstr("gradient statistics took "),
                               HasSubstr("6 done"), HasSubstr("compare results/small.h5")));
  EXPECT_THAT(first.out, IsEmpty());
  const auto written = std::filesystem::last_write_time(place.file("results/small.h5"));
  const auto size = std::filesystem::file_size(place.file("results/small.journal"));
  const ProcessResult second = place.unroll({"run", "a.yaml"});
  EXPECT_EQ(second.exit_code, 0);
  EXPECT_THAT(second.err, HasSubstr("nothing to do: all finished (6 done)"));
  EXPECT_EQ(std::filesystem::last_write_time(place.file("results/small.h5")), written);
  EXPECT_EQ(std::filesystem::file_size(place.file("results/small.journal")), size);
}

TEST(Sweep, AWiderPlanRunsOnlyWhatIsNew) {
  const Workplace place;
  ASSERT_EQ(place.unroll({"run", "a.yaml"}).exit_code, 0);
  const ProcessResult more = place.unroll({"run", "a.yaml", "--set", "sweep.seeds=3", "--json"});
  EXPECT_EQ(more.exit_code, 0) << more.err;
  EXPECT_THAT(more.err, HasSubstr("6 finished, 3 to do"));
  EXPECT_EQ(Json::parse(more.out)["ran"], 3);
  EXPECT_EQ(read_results(place.file("results/small.h5")).runs.size(), 9U);
  const Workplace whole;
  ASSERT_EQ(whole.unroll({"run", "a.yaml", "sweep.seeds=3"}).exit_code, 0);
  expect_same_results(place.file("results/small.h5"), whole.file("results/small.h5"));
}

TEST(Sweep, ANarrowerPlanLeavesOutButKeeps) {
  const Workplace place;
  ASSERT_EQ(place.unroll({"run", "a.yaml"}).exit_code, 0);
  const ProcessResult less = place.unroll({"run", "a.yaml", "--set", "sweep.seeds=1"});
  EXPECT_EQ(less.exit_code, 0) << less.err;
  EXPECT_THAT(less.err,
              AllOf(HasSubstr("nothing to do"), HasSubstr("3 runs of the journal not in this plan")));
  EXPECT_EQ(read_results(place.file("results/small.h5")).runs.size(), 3U);
  const ProcessResult again = place.unroll({"run", "a.yaml"});
  EXPECT_THAT(again.err, HasSubstr("nothing to do: all finished (6 done)"));
  EXPECT_EQ(read_results(place.file("results/small.h5")).runs.size(), 6U);
}

TEST(Sweep, SaysWhyRunsOfTheSameSettingsAreTrainedAgain) {
  const Workplace place;
  const auto run = [&](int rows) {
    std::string csv = "x\n";
    for (int i = 0; i < rows; ++i) csv += std::to_string(i * i % 17) + "\n";
    place.write("x.csv", csv);
    place.write("series.yaml",
                "task: {type: series, file: x.csv, seq_len: 3}\nmodel: {hidden: 2}\ntrain: {epochs: 1}\n");
    return place.unroll({"run", "series.yaml"});
  };
  ASSERT_EQ(run(60).exit_code, 0);
  const ProcessResult other = run(70);
  EXPECT_EQ(other.exit_code, 0) << other.err;
  EXPECT_THAT(other.err,
              HasSubstr("1 run of the journal not in this plan, though of the same settings: their data"));
}

TEST(Sweep, TakesOverTheResultsFileIfTheJournalIsGone) {
  const Workplace place;
  ASSERT_EQ(place.unroll({"run", "a.yaml"}).exit_code, 0);
  std::filesystem::copy(place.file("results/small.h5"), place.file("before.h5"));
  std::filesystem::remove(place.file("results/small.journal"));
  const ProcessResult again = place.unroll({"run", "a.yaml"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_THAT(again.err, AllOf(HasSubstr("6 finished runs taken over"), HasSubstr("nothing to do")));
  EXPECT_EQ(finished_runs(place.file("results/small.journal")), 6U);
  expect_same_results(place.file("before.h5"), place.file("results/small.h5"));
}

TEST(Sweep, FreshMovesTheOldFilesAside) {
  const Workplace place;
  ASSERT_EQ(place.unroll({"run", "a.yaml"}).exit_code, 0);
  const ProcessResult fresh = place.unroll({"run", "a.yaml", "--fresh", "--json"});
  EXPECT_EQ(fresh.exit_code, 0) << fresh.err;
  EXPECT_THAT(fresh.err, HasSubstr("results/small.h5 is now results/small.old-1.h5"));
  EXPECT_EQ(Json::parse(fresh.out)["ran"], 6);
  expect_same_results(place.file("results/small.old-1.h5"), place.file("results/small.h5"));
}

TEST(Sweep, FreshMovesNothingIfTheCommandLineIsWrong) {
  const Workplace place;
  ASSERT_EQ(place.unroll({"run", "a.yaml"}).exit_code, 0);
  const std::vector<std::vector<std::string>> wrong = {
      {"--checkpoint", "abc"}, {"--only", "zzzz"}, {"--events", "nowhere/e.jsonl"}, {"-j", "0"}};
  for (std::vector<std::string> words : wrong) {
    words.insert(words.begin(), {"run", "a.yaml", "--fresh"});
    const ProcessResult result = place.unroll(words);
    EXPECT_NE(result.exit_code, 0) << words[3];
    EXPECT_THAT(result.err, Not(HasSubstr("is now"))) << words[3];
  }
  EXPECT_THAT(place.unroll({"run", "a.yaml"}).err, HasSubstr("nothing to do: all finished (6 done)"));
}

TEST(Sweep, ASecondProcessIsTurnedAway) {
  const Workplace place(Workplace::kLong);
  RunningSweep sweep(place);
  ASSERT_FALSE(sweep->ended());
  for (const char* extra : {"--json", "--fresh"}) {
    const ProcessResult second = place.unroll({"run", "a.yaml", extra});
    EXPECT_EQ(second.exit_code, 4) << second.err;
    EXPECT_THAT(second.err, HasSubstr("long.journal"));
  }
  sweep->signal(SIGINT);
  EXPECT_EQ(sweep->wait().exit_code, 130);
}

// Two runs of the small size, and two that would take most of a terabyte.
const std::vector<std::string> kTooLarge = {"run", "a.yaml", "sweep.parameters.model.cell=[lstm]",
                                            "sweep.parameters.model.hidden=[4, 100000]"};

TEST(Sweep, AFailedRunIsRecordedAndTheOthersGoOn) {
  const Workplace place;
  const ProcessResult result = place.unroll(kTooLarge);
  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_THAT(result.err, AllOf(HasSubstr("2 runs need more than"), HasSubstr("failed: needs about"),
                                HasSubstr("2 done, 2 failed")));
  const ProcessResult status = place.unroll({"status", "results/small.h5"});
  EXPECT_THAT(status.out, AllOf(HasSubstr("failed:"), HasSubstr("hidden=100000"), HasSubstr("needs about")));
  const ProcessResult again =
      place.unroll(kTooLarge);  // a failure is a result: it is not tried again unasked
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(again.err, HasSubstr("nothing to do: all finished (2 done, 2 failed)"));
}

TEST(Sweep, AFailureTellsTheCommandThatTrainsTheSameRun) {
  const Workplace place;
  std::vector<std::string> words = kTooLarge;
  words.insert(words.end(), {"train.epochs=1", "--set", "train.epochs=3"});
  const ProcessResult result = place.unroll(words);
  const std::size_t at = result.err.find("unroll run a.yaml");
  ASSERT_NE(at, std::string::npos) << result.err;
  const std::string command = "\"$UNROLL\"" + result.err.substr(at + 6, result.err.find('\n', at) - at - 6);
  EXPECT_THAT(place.shell(command).err, HasSubstr("failed: needs about"));
}

TEST(Sweep, StopsAfterTooManyFailures) {
  const Workplace place;
  std::vector<std::string> words = kTooLarge;  // the large ones come first
  words.insert(words.end(), {"-j", "1", "sweep.max_fails=2", "--json"});
  const ProcessResult result = place.unroll(words);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("2 runs failed (sweep.max_fails)"), HasSubstr("to continue:")));
  const Json json = Json::parse(result.out);
  EXPECT_EQ(json["failed"], 2);
  EXPECT_EQ(json["missing"], 2);
}

TEST(Retry, TellsMissingRunsFromFinishedOnes) {
  const Workplace place;
  ASSERT_EQ(place.unroll({"run", "a.yaml", "--shard", "0/2"}).exit_code, 0);
  const ProcessResult retried = place.unroll({"retry", "a.yaml", "--failed", "--pruned"});
  EXPECT_EQ(retried.exit_code, 0) << retried.err;
  EXPECT_THAT(retried.err, AllOf(HasSubstr("nothing to do: no run is failed or pruned (3 done)"),
                                 HasSubstr("3 of 6 runs missing; to train what is missing:"),
                                 Not(HasSubstr("stopped")), Not(HasSubstr("all finished"))));
  const ProcessResult rest = place.shell(line_after(retried.err, "to train what is missing:"));
  EXPECT_EQ(rest.exit_code, 0) << rest.err;
  EXPECT_THAT(rest.err, HasSubstr("of 6: 6 done"));
}

TEST(Retry, OfASweepThatIsNotThereMakesNoFile) {
  const Workplace place;
  const ProcessResult retried = place.unroll({"retry", "a.yaml", "--failed", "--out", "r/mistyped.h5"});
  EXPECT_EQ(retried.exit_code, 2);
  EXPECT_THAT(retried.err, AllOf(HasSubstr("r/mistyped.h5"), HasSubstr("there is no such sweep")));
  EXPECT_FALSE(std::filesystem::exists(place.file("r")));
}

TEST(Retry, ThatIsInterruptedContinuesAsItSays) {
  const Workplace place(std::string(Workplace::kLong) + "  early_terminate: {type: halving, eta: 5}\n");
  ASSERT_THAT(place.unroll({"run", "a.yaml"}).err, HasSubstr("10 done, 10 pruned"));
  Process retry({program_path(), "retry", "a.yaml", "--pruned", "-j", "1"}, {place.folder(), {}});
  while (!retry.ended() && finished_runs(place.file("results/long.journal")) < 21)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  retry.signal(SIGINT);
  const ProcessResult stopped = retry.wait();
  EXPECT_EQ(stopped.exit_code, 130) << stopped.err;
  EXPECT_THAT(stopped.err, HasSubstr("of 10 runs trained again"));
  const ProcessResult rest = place.shell(line_after(stopped.err, "to continue:"));
  EXPECT_THAT(rest.err, HasSubstr("of 20: 20 done"));
}

TEST(Sweep, QuietMeansQuiet) {
  const Workplace place;
  const ProcessResult result = place.unroll({"run", "a.yaml", "--quiet"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, IsEmpty());
  EXPECT_THAT(result.err, IsEmpty());
}

TEST(Sweep, AFullDiskIsAnErrorNotACrash) {
  const Workplace place;
  const ProcessResult result = place.shell("ulimit -f 2; exec \"$UNROLL\" run a.yaml");  // 1 or 2 kB
  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_THAT(result.err, HasSubstr("small."));
  const ProcessResult again = place.unroll({"run", "a.yaml"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
}

TEST(Sweep, GoesOnWhenNobodyReadsItsProgress) {
  const Workplace place;
  const ProcessResult result = place.shell("(\"$UNROLL\" run a.yaml; echo $? > code) 2>&1 | true; cat code");
  EXPECT_EQ(result.out, "0\n");
  EXPECT_EQ(finished_runs(place.file("results/small.journal")), 6U);
}

TEST(Events, ThatCannotBeWrittenAreToldOnceAndStopNothing) {
  const Workplace place;
  const ProcessResult full =
      place.unroll({"run", "a.yaml", "--events", "/dev/full", "--out", "full.h5", "-q"});
  EXPECT_EQ(full.exit_code, 0) << full.err;
  EXPECT_THAT(full.err, AllOf(HasSubstr("/dev/full"), HasSubstr("No space left on device")));
  EXPECT_EQ(std::count(full.err.begin(), full.err.end(), '\n'), 1) << full.err;
  // A reader that has gone is no fault.
  const ProcessResult gone = place.shell(
      "mkfifo pipe; head -n 1 pipe > first & \"$UNROLL\" run a.yaml --events pipe --out gone.h5 -q");
  EXPECT_EQ(gone.exit_code, 0);
  EXPECT_EQ(gone.err, "");
}

TEST(Events, TellEveryRunFromItsBeginToItsEnd) {
  const Workplace place;
  const ProcessResult run = place.unroll({"run", "a.yaml", "--events", "events.jsonl", "-q"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  std::ifstream in(place.file("events.jsonl"));
  std::map<std::string, std::size_t> counts;
  std::vector<Json> events;
  for (std::string line; std::getline(in, line);) {
    events.push_back(Json::parse(line));
    ++counts[events.back().at("event").get<std::string>()];
  }
  EXPECT_EQ(counts, (std::map<std::string, std::size_t>{
                        {"sweep", 1}, {"begin", 6}, {"epoch", 12}, {"end", 6}, {"finish", 1}}));
  EXPECT_EQ(events.front()["to_do"], 6);
  EXPECT_EQ(events[1]["event"], "begin");
  EXPECT_EQ(events[1]["settings"].size(), 1U);
  for (const Json& event : events) {
    if (event["event"] == "end") {
      EXPECT_EQ(event["state"], "done");
      EXPECT_GT(event["value"].get<double>(), 0.0);
    }
  }
}

}  // namespace
}  // namespace unroll::testing
