// Commands on the results of a sweep that is there: verify, retry, run --only, export, status --watch; and
// what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "store/journal.h"
#include "store/results.h"
#include "tests/cli/program.h"

namespace unroll::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

std::string text_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

class ResultsCommands : public ::testing::Test {
 protected:
  ResultsCommands() {
    EXPECT_EQ(place_.unroll({"run", "a.yaml", "--set", "record.weights=best"}).exit_code, 0);
  }

  std::string id(std::size_t run) const { return read_results(file_).manifest.run_ids.at(run); }

  Workplace place_;
  fs::path file_ = place_.file("results/small.h5");
  fs::path journal_ = place_.file("results/small.journal");
};

TEST_F(ResultsCommands, SeveralFilesAreComparedAsOne) {
  ASSERT_EQ(place_.unroll({"run", "a.yaml", "--set", "train.lr=0.02", "--out", "faster.h5"}).exit_code, 0);
  const ProcessResult both = place_.unroll({"compare", "results/small.h5", "faster.h5", "--by", "lr"});
  EXPECT_EQ(both.exit_code, 0) << both.err;
  EXPECT_THAT(both.out, AllOf(HasSubstr("From results/small.h5 (6 runs) and faster.h5 (6 runs)."),
                              HasSubstr("train.lr (0.001, 0.02)"), HasSubstr("valid_loss by lr")));
  EXPECT_EQ(place_.unroll({"report", "results/small.h5", "faster.h5"}).exit_code, 0);
  EXPECT_THAT(text_of(place_.file("results/small+faster.html")),
              HasSubstr("They differ in train.lr (0.001, 0.02)."));
  const ProcessResult tested = place_.unroll({"compare", "results/small.h5", "--post-hoc", "t-test"});
  EXPECT_EQ(tested.exit_code, 2);
  EXPECT_THAT(tested.err, HasSubstr("expected nemenyi or wilcoxon"));
}

TEST_F(ResultsCommands, ShowTellsOfTheBestRunOrOfThoseThatAreNamed) {
  const ProcessResult best = place_.unroll({"show", "results/small.h5"});
  EXPECT_EQ(best.exit_code, 0) << best.err;
  EXPECT_THAT(best.out,
              AllOf(HasSubstr("small: run "), HasSubstr("best_valid_loss"), HasSubstr("chance_test")));
  const ProcessResult two = place_.unroll({"show", "results/small.h5", "1", id(4)});
  EXPECT_THAT(two.out, AllOf(HasSubstr("small: run 1 (" + id(1) + "), done"), HasSubstr("small: run 4 (")));
  const ProcessResult none = place_.unroll({"show", "results/small.h5", "6"});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_THAT(none.err, AllOf(HasSubstr("'6' is the index or id of no run"), HasSubstr("6 runs, from 0")));
}

// The text is that of the run alone: the same by one worker and by two, in one go and from two shards.
TEST_F(ResultsCommands, AWrittenTextIsThatOfItsRun) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += i % 3 == 0 ? "ab\xc3\xa4 " : "ba\n";
  place_.write("text.txt", text);
  place_.write("text.yaml",
               "task: {type: text, file: text.txt, seq_len: 10, sample_length: 50}\nmodel: {hidden: 4}\n"
               "train: {epochs: 2, batch: 8}\nsweep: {seeds: 2, parameters: {model.cell: [rnn, gru]}}\n");
  ASSERT_EQ(place_.unroll({"run", "text.yaml", "--out", "one.h5", "-j", "1"}).exit_code, 0);
  ASSERT_EQ(place_.unroll({"run", "text.yaml", "--out", "two.h5", "-j", "2"}).exit_code, 0);
  ASSERT_EQ(place_.unroll({"run", "text.yaml", "--out", "parts.h5", "--shard", "0/2"}).exit_code, 0);
  ASSERT_EQ(place_.unroll({"run", "text.yaml", "--out", "parts.h5", "--shard", "1/2"}).exit_code, 0);
  ASSERT_EQ(place_.unroll({"merge", "parts.h5"}).exit_code, 0);
  expect_same_results(place_.file("one.h5"), place_.file("two.h5"));
  expect_same_results(place_.file("one.h5"), place_.file("parts.h5"));
  const Results results = read_results(place_.file("one.h5"));
  for (const RunRecord& run : results.runs) EXPECT_GE(run.sample.size(), 50U);
  EXPECT_NE(results.runs[0].sample, results.runs[1].sample);
  EXPECT_NE(results.runs[0].sample, results.runs[2].sample);
  const Json json = Json::parse(place_.unroll({"export", "one.h5", "--json"}).out);
  EXPECT_EQ(json["runs"][3]["sample"], results.runs[3].sample);
  EXPECT_THAT(place_.unroll({"show", "one.h5", "3"}).out, HasSubstr("What the net writes\n"));
}

TEST_F(ResultsCommands, VerifyFindsFlippedBits) {
  const ProcessResult sound = place_.unroll({"verify", "results/small.h5"});
  EXPECT_EQ(sound.exit_code, 0) << sound.err;
  EXPECT_THAT(sound.out, AllOf(HasSubstr("6 of 6 runs"), HasSubstr("1 journal")));
  const std::string whole = text_of(file_);
  for (std::size_t i = 0; i < 24; ++i) {
    std::string bytes = whole;
    const std::size_t at = i < 8 ? whole.size() - 1 - 2 * i : i * whole.size() / 24;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << i % 8));
    std::ofstream(file_, std::ios::binary) << bytes;
    const ProcessResult flipped = place_.unroll({"verify", "results/small.h5"});
    EXPECT_EQ(flipped.exit_code, 1) << at;
    EXPECT_THAT(flipped.err, HasSubstr("small.h5"));
  }
  std::ofstream(file_, std::ios::binary) << whole.substr(0, whole.size() / 2);
  EXPECT_EQ(place_.unroll({"verify", "results/small.h5"}).exit_code, 1);
}

TEST_F(ResultsCommands, VerifyComparesWithTheJournal) {
  Results other = read_results(file_);
  other.runs[2][Metric::kTestLoss][0] *= 2.0;
  write_results(file_, other);
  const ProcessResult result = place_.unroll({"verify", "results/small.h5"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr(other.manifest.run_ids[2]), HasSubstr("test_loss")));
}

TEST_F(ResultsCommands, OnlyRepeatsOneRunToTheSameBits) {
  fs::copy(file_, place_.file("before.h5"));
  const ProcessResult result = place_.unroll(
      {"run", "a.yaml", "--set", "record.weights=best", "--only", id(3).substr(0, 8), "--json"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(Json::parse(result.out)["ran"], 1);
  EXPECT_EQ(finished_runs(journal_), 7U);
  expect_same_results(place_.file("before.h5"), file_);
  EXPECT_EQ(place_.unroll({"run", "a.yaml", "--set", "record.weights=best", "--only", "zzzz"}).exit_code, 2);
}

// Members of a zip, drawn settings and included ones cannot be set one by one.
TEST_F(ResultsCommands, TheReportTellsHowToTrainADivergedRunOfAZipAgain) {
  place_.write(
      "zipped.yaml",
      "name: zipped\ntask: {type: adding, seq_len: 5, train_size: 64, valid_size: 32, test_size: 32}\n"
      "model: {hidden: 4}\ntrain: {epochs: 3, optimizer: sgd}\n"
      "sweep: {seeds: 2, zip: {pair: {train.lr: [0.01, 1e6], train.batch: [32, 16]}}}\n");
  ASSERT_EQ(place_.unroll({"run", "zipped.yaml"}).exit_code, 0);
  ASSERT_EQ(place_.unroll({"report", "results/zipped.h5"}).exit_code, 0);
  const std::string page = text_of(place_.file("results/zipped.html"));
  const std::size_t begin = page.find("<code>unroll run") + std::string("<code>unroll").size();
  const std::string words = page.substr(begin, page.find("</code>", begin) - begin);
  const ProcessResult again = place_.shell("\"$UNROLL\"" + words + " --json");
  ASSERT_EQ(again.exit_code, 0) << words << again.err;
  EXPECT_EQ(Json::parse(again.out)["ran"], 1);
  const Results results = read_results(place_.file("again.h5"));
  EXPECT_EQ(results.runs[2].state, RunState::kDiverged);
  EXPECT_EQ(results.runs[3].state, RunState::kMissing);
}

TEST_F(ResultsCommands, AChangedSettingIsRefusedWithTheChoices) {
  const std::string bytes = text_of(journal_);
  const ProcessResult refused =
      place_.unroll({"run", "a.yaml", "--set", "record.weights=best", "--set", "train.lr=0.25"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err,
              AllOf(HasSubstr("6 runs there had other settings"), HasSubstr("train.lr (0.001, now 0.25)"),
                    HasSubstr("--fresh"), HasSubstr("--out"), HasSubstr("--set train.lr=0.001")));
  EXPECT_EQ(text_of(journal_), bytes) << "a refused run writes nothing";
  fs::remove(journal_);  // the same with what the results file says
  EXPECT_EQ(place_.unroll({"run", "a.yaml", "--set", "train.lr=0.25"}).exit_code, 2);
}

TEST_F(ResultsCommands, RetryTrainsWhatFailed) {
  const Results before = read_results(file_);
  fs::remove(journal_);
  fs::remove(file_);
  {
    JournalWriter writer(journal_, before.manifest);
    RunRecord failed;
    failed.state = RunState::kFailed;
    failed.message = "no luck";
    for (std::size_t run = 0; run < 6; ++run) {
      writer.append(before.manifest.run_ids[run], run < 2 ? failed : before.runs[run]);
    }
    writer.sync();
  }
  const std::vector<std::string> words = {"retry", "a.yaml", "--set", "record.weights=best"};
  EXPECT_EQ(place_.unroll(words).exit_code, 2) << "which ones?";
  std::vector<std::string> diverged = words;
  diverged.insert(diverged.end(), {"--diverged", "--json"});
  const ProcessResult none = place_.unroll(diverged);
  EXPECT_EQ(Json::parse(none.out)["ran"], 0);
  std::vector<std::string> again = words;
  again.insert(again.end(), {"--failed", "--json"});
  const ProcessResult retried = place_.unroll(again);
  EXPECT_EQ(retried.exit_code, 0) << retried.err;
  EXPECT_EQ(Json::parse(retried.out)["ran"], 2);
  const Results after = read_results(file_);
  for (const RunRecord& run : after.runs) EXPECT_EQ(run.state, RunState::kDone);
  EXPECT_EQ(place_.unroll({"verify", "results/small.h5"}).exit_code, 0);
}

TEST_F(ResultsCommands, ExportsTables) {
  const ProcessResult csv = place_.unroll({"export", "results/small.h5", "--csv", "out"});
  EXPECT_EQ(csv.exit_code, 0) << csv.err;
  const std::string runs = text_of(place_.file("out/runs.csv"));
  EXPECT_EQ(std::count(runs.begin(), runs.end(), '\n'), 7);
  EXPECT_THAT(
      runs, AllOf(HasSubstr("run,run_id,replicate,cell,state,message,test_loss"), HasSubstr(",gru,done,,")));
  const std::string epochs = text_of(place_.file("out/epochs.csv"));
  EXPECT_EQ(std::count(epochs.begin(), epochs.end(), '\n'), 13);
  const ProcessResult json = place_.unroll({"export", "results/small.h5", "--json"});
  const Json parsed = Json::parse(json.out);
  const Results results = read_results(file_);
  ASSERT_EQ(parsed["runs"].size(), 6U);
  for (std::size_t run = 0; run < 6; ++run) {
    EXPECT_EQ(parsed["runs"][run]["run_id"], results.manifest.run_ids[run]);
    EXPECT_EQ(parsed["runs"][run]["valid_loss"].get<std::vector<double>>(),
              results.runs[run][Metric::kValidLoss]);
  }
  EXPECT_EQ(place_.unroll({"export", "results/small.h5"}).exit_code, 2);
}

TEST_F(ResultsCommands, ExportsWeights) {
  for (const char* name : {"w.npz", "w.h5"}) {
    const ProcessResult result = place_.unroll({"export", "results/small.h5", "--weights", "3", "-o", name});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_GT(fs::file_size(place_.file(name)), 100U);
  }
  EXPECT_EQ(place_.unroll({"export", "results/small.h5", "--weights", "99"}).exit_code, 2);
  EXPECT_EQ(place_.unroll({"export", "results/small.h5", "--weights", "3", "-o", "w.txt"}).exit_code, 2);
  const Workplace none;
  ASSERT_EQ(none.unroll({"run", "a.yaml"}).exit_code, 0);
  const ProcessResult kept = none.unroll({"export", "results/small.h5", "--weights", "0"});
  EXPECT_EQ(kept.exit_code, 2);
  EXPECT_THAT(kept.err, HasSubstr("record.weights"));
}

TEST_F(ResultsCommands, NothingThatIsReadIsOverwritten) {
  const std::string base = "base.json";
  ASSERT_EQ(place_.unroll({"check", "results/small.h5", "--baseline", base, "--update-baseline"}).exit_code,
            0);
  place_.write("policy.yaml", "metrics: {test_loss: exact}\n");
  fs::create_symlink("results/small.h5", place_.file("link.h5"));
  const std::vector<std::vector<std::string>> commands = {
      {"report", "results/small.h5", "-o", "results/../results/small.h5"},
      {"report", "results/small.h5", "-o", "link.h5"},
      {"report", "results/small.h5", "-o", "results/small.journal"},
      {"export", "results/small.h5", "--weights", "3", "-o", "results/small.h5"},
      {"check", "results/small.h5", "--baseline", base, "--junit", "results/small.h5"},
      {"check", "results/small.h5", "--baseline", base, "--junit", base},
      {"check", "results/small.h5", "--baseline", base, "--summary", "results/small.journal"},
      {"check", "results/small.h5", "--baseline", base, "--policy", "policy.yaml", "--junit", "policy.yaml"},
      {"check", "results/small.h5", "--baseline", "link.h5", "--update-baseline"},
      {"run", "a.yaml", "--out", "b.h5", "--events", "a.yaml"},
      {"run", "a.yaml", "--out", "b.h5", "--events", "b.journal"},
  };
  const auto all = [&] {
    std::string bytes;
    for (const char* name :
         {"results/small.h5", "results/small.journal", "base.json", "policy.yaml", "a.yaml"})
      bytes += text_of(place_.file(name));
    return bytes;
  };
  const std::string before = all();
  for (const std::vector<std::string>& words : commands) {
    const ProcessResult result = place_.unroll(words);
    EXPECT_EQ(result.exit_code, 2) << words[0] << " " << words.back();
    EXPECT_THAT(result.err, AllOf(HasSubstr("would be overwritten"), HasSubstr("choose another name")));
    ASSERT_TRUE(all() == before) << words[0] << " " << words.back();
  }
  EXPECT_FALSE(fs::exists(place_.file("b.journal")));
}

// What stands for an open file is written to, never replaced.
TEST_F(ResultsCommands, APageGoesBehindWhatWasPrintedBefore) {
  const ProcessResult result = place_.shell(
      "{ echo before; \"$UNROLL\" report results/small.h5 --out /dev/stdout; echo after; } > page.txt");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const std::string page = text_of(place_.file("page.txt"));
  EXPECT_THAT(page,
              AllOf(::testing::StartsWith("before\n"), HasSubstr("</html>"), ::testing::EndsWith("after\n")));
}

// With not a byte allowed for any file, like a full disk.
ProcessResult with_no_room(const Workplace& place, const std::string& words) {
  return place.shell("told=$(trap '' XFSZ; ulimit -f 0; \"$UNROLL\" " + words +
                     " 2>&1); code=$?; echo \"$told\" >&2; exit $code");
}

TEST_F(ResultsCommands, AFailedWriteLeavesNothingBehind) {
  fs::create_directory(place_.file("out"));
  for (const char* words :
       {"report results/small.h5 -o out/r.html", "export results/small.h5 --csv out",
        "export results/small.h5 --tensorboard out/tb", "export results/small.h5 --weights 3 -o out/w.npz",
        "export results/small.h5 --weights 3 -o out/w.h5",
        "check results/small.h5 --baseline out/b.json --update-baseline",
        "check results/small.h5 --baseline out/b.h5 --update-baseline"}) {
    const ProcessResult result = with_no_room(place_, words);
    EXPECT_EQ(result.exit_code, 1) << words << result.err;
    EXPECT_THAT(result.err, AllOf(HasSubstr("out/"), Not(HasSubstr("it continues")))) << words;
    for (const auto& left : fs::recursive_directory_iterator(place_.file("out")))
      EXPECT_TRUE(left.is_directory()) << words << ": " << left.path();
  }
}

TEST_F(ResultsCommands, StatusWatchesUntilAllIsFinished) {
  const ProcessResult result = place_.unroll({"status", "results/small.h5", "--watch"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("small"), Not(HasSubstr("\x1b["))));
}

TEST(Checkpointing, ALongRunThatIsStoppedGoesOnToTheSameBits) {
  constexpr const char* kOneRun = R"(name: one
task:  {type: adding, seq_len: 30, train_size: 4000, valid_size: 100, test_size: 100}
model: {hidden: 16, cell: lstm}
train: {epochs: 8, batch: 16}
)";
  const Workplace whole(kOneRun);
  ASSERT_EQ(whole.unroll({"run", "a.yaml"}).exit_code, 0);
  const Workplace place(kOneRun);
  int stops = 0;
  ProcessResult last;
  // Longer and longer lives: however slow the machine is, one of them ends by itself.
  for (double polls = 12.0; polls < 60'000.0; polls *= 1.15) {
    Process run({program_path(), "run", "a.yaml"}, {place.folder(), {}});
    for (int i = 0; i < polls && !run.ended(); ++i) ::usleep(10'000);
    if (!run.ended()) run.signal(SIGTERM);
    last = run.wait();
    if (last.exit_code == 0) break;
    ASSERT_EQ(last.exit_code, 128 + SIGTERM) << last.err;
    stops += fs::exists(place.file("results/one.unfinished")) ? 1 : 0;
  }
  EXPECT_EQ(last.exit_code, 0) << last.err;
  EXPECT_GT(stops, 0);
  EXPECT_FALSE(fs::exists(place.file("results/one.unfinished")));
  expect_same_results(place.file("results/one.h5"), whole.file("results/one.h5"));
}

}  // namespace
}  // namespace unroll::testing
