// The commands around `run`: what they print, where, and with which exit code.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/cli/program.h"

namespace unroll::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using Json = nlohmann::json;

TEST(Program, ShowsHelpInEveryWayThatPeopleTry) {
  const Workplace place;
  const std::string overview = place.unroll({}).out;
  EXPECT_THAT(overview, AllOf(HasSubstr("unroll run experiments/quickstart.yaml"), HasSubstr("Commands:")));
  EXPECT_EQ(place.unroll({"help"}).out, overview);
  EXPECT_EQ(place.unroll({"--help"}).out, overview);
  const std::string run = place.unroll({"help", "run"}).out;
  EXPECT_THAT(run,
              AllOf(StartsWith("unroll run:"), HasSubstr("--jobs N"), HasSubstr("unroll run experiments/")));
  EXPECT_EQ(place.unroll({"run", "-h"}).out, run);
  EXPECT_EQ(place.unroll({"run", "--help"}).out, run);
  EXPECT_THAT(place.unroll({"help", "train.lr"}).out, HasSubstr("train.lr"));
  EXPECT_THAT(place.unroll({"help", "name"}).out, HasSubstr("name"));
}

TEST(Program, SaysWhichVersionItIs) {
  const ProcessResult result = Workplace().unroll({"--version"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, ::testing::MatchesRegex("unroll [0-9]+\\.[0-9]+\\.[0-9]+ \\([0-9a-z.-]+\\)\n"));
}

struct Mistake {
  std::vector<std::string> words;
  const char* message;
};

TEST(Program, AMistakeHasExitCodeTwoAndAMessageOnStderr) {
  const Workplace place;
  place.write("bad.yaml", "name: bad\nmodel: {hiden: 4}\n");
  place.write("x.h5", "");
  const Mistake mistakes[] = {
      {{"rum", "a.yaml"}, "did you mean 'run'?"},
      {{"run"}, "needs FILE.yaml"},
      {{"run", "a.yaml", "--bogus"}, "unknown option '--bogus'"},
      {{"run", "a.yaml", "-j", "0"}, "--jobs"},
      {{"run", "a.yaml", "-j", "9999999"}, "--jobs"},
      {{"run", "a.yaml", "b.yaml"}, "'b.yaml' is the second"},
      {{"run", "a.yaml", "--out", "x.txt"}, "ends in .h5"},
      {{"run", "a.yaml", "--isa", "mmx"}, "mmx"},
      {{"run", "a.yaml", "--set", "model.hiden=3"}, "did you mean"},
      {{"run", "bad.yaml"}, "bad.yaml:2:9: error: "},
      {{"plan", "bad.yaml"}, "did you mean"},
      {{"help", "nothing"}, "unknown command 'nothing'"},
      {{"help", "train.lrr"}, "train.lr"},
      {{"compare", "x.h5", "--json", "--csv"}, "exclude each other"},
      {{"compare", "x.h5", "--level", "2"}, "--level"},
      {{"info", "--color", "sometimes"}, "--color"},
  };
  for (const Mistake& mistake : mistakes) {
    const ProcessResult result = place.unroll(mistake.words);
    EXPECT_EQ(result.exit_code, 2) << mistake.message << "\n" << result.err;
    EXPECT_THAT(result.err, HasSubstr(mistake.message));
    EXPECT_THAT(result.out, IsEmpty()) << mistake.message;
  }
}

TEST(Program, AFileThatCannotBeReadHasExitCodeOne) {
  const Workplace place;
  place.write("damaged.h5", "this is no HDF5");
  EXPECT_EQ(place.unroll({"compare", "nowhere.h5"}).exit_code, 1);
  EXPECT_EQ(place.unroll({"compare", "damaged.h5"}).exit_code, 1);
  EXPECT_EQ(place.unroll({"status", "nowhere.h5"}).exit_code, 1);
}

TEST(Program, OutputThatCannotBeWrittenIsAnError) {
  const ProcessResult result = Workplace().shell("\"$UNROLL\" info > /dev/full");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("cannot write to the standard output"));
}

TEST(Program, PlanShowsEveryRunAndItsCost) {
  const Workplace place;
  const ProcessResult text = place.unroll({"plan", "a.yaml"});
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.out, AllOf(HasSubstr("small: 6 runs = 3 cells x 2 seeds"), HasSubstr("gru"),
                              HasSubstr("core-hours")));
  EXPECT_EQ(place.unroll({"run", "a.yaml", "--dry-run"}).exit_code, 0);
  EXPECT_EQ(place.unroll({"run", "a.yaml", "--dry-run", "--shard", "9/2"}).exit_code, 2);
  EXPECT_FALSE(std::filesystem::exists(place.file("results")));
  const Json json = Json::parse(place.unroll({"plan", "a.yaml", "--json", "-j", "2"}).out);
  EXPECT_EQ(json["planned"], 6);
  ASSERT_EQ(json["runs"].size(), 6U);
  EXPECT_EQ(json["runs"][0]["settings"]["model.cell"], "rnn");
  EXPECT_GT(json["runs"][0]["params"], 0);
  EXPECT_GT(json["operations_per_second"], 0);
  EXPECT_GT(json["seconds"], 0);
}

TEST(Program, TheLastOfTwoChangesOfAKeyWinsHoweverTheyAreGiven) {
  const Workplace place;
  const auto plan = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "plan");
    const ProcessResult result = place.unroll(words);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.out;
  };
  EXPECT_THAT(plan({"a.yaml", "sweep.seeds=2", "--set", "sweep.seeds=3"}), HasSubstr("x 3 seeds"));
  EXPECT_THAT(plan({"a.yaml", "--set", "sweep.seeds=3", "sweep.seeds=2"}), HasSubstr("x 2 seeds"));
  EXPECT_THAT(plan({"--set", "sweep.seeds=3", "a.yaml", "sweep.seeds=4", "--set=sweep.seeds=2"}),
              HasSubstr("x 2 seeds"));
}

TEST(Program, PlanTellsHowLargeTheRecordsWillBe) {
  const Workplace place;
  EXPECT_THAT(place.unroll({"plan", "a.yaml"}).out, HasSubstr("of records: losses, gradient statistics; in"));
  const auto bytes = [&](const std::string& setting) {
    const ProcessResult plan = place.unroll({"plan", "a.yaml", "--json", "--set", setting});
    return Json::parse(plan.out).at("record_bytes").get<double>();
  };
  EXPECT_GT(bytes("record.gradients=per_epoch"), 2.0 * bytes("record.gradients=off"));
  EXPECT_GT(bytes("record.weights=final"), bytes("record.weights=none"));
}

TEST(Program, ALongPlanIsCutInTheMiddle) {
  const Workplace place;
  const std::string cut = place.unroll({"plan", "a.yaml", "sweep.seeds=100"}).out;
  EXPECT_THAT(cut, HasSubstr("... 275 more"));
  EXPECT_THAT(cut, AllOf(HasSubstr("\n  299"), Not(HasSubstr("\n  150"))));
  EXPECT_THAT(place.unroll({"plan", "a.yaml", "sweep.seeds=100", "--all"}).out, HasSubstr("\n  150"));
}

TEST(Program, StatusCountsForEachSetting) {
  const Workplace place;
  ASSERT_EQ(place.unroll({"run", "a.yaml", "-q"}).exit_code, 0);
  const ProcessResult text = place.unroll({"status", "results/small.h5"});
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.out, AllOf(HasSubstr("planned"), HasSubstr("lstm")));
  Json json = Json::parse(place.unroll({"status", "results/small.h5", "--json"}).out);
  EXPECT_EQ(json["planned"], 6);
  EXPECT_EQ(json["done"], 6);
  EXPECT_EQ(json["missing"], 0);
  EXPECT_EQ(json["settings"]["cell"]["gru"]["done"], 2);
  EXPECT_EQ(json["journals"], 1);
  json["journals"] = 0;
  std::filesystem::remove(place.file("results/small.journal"));
  EXPECT_EQ(Json::parse(place.unroll({"status", "results/small.h5", "--json"}).out), json);
}

TEST(Program, StatusSumsUpASettingOfManyValues) {
  const Workplace place(R"(name: many
task:  {type: adding, seq_len: 4, train_size: 16, valid_size: 8, test_size: 8}
model: {hidden: 2}
train: {epochs: 1, batch: 8}
sweep:
  method: random
  runs: 25
  parameters: {train.lr: {min: 0.001, max: 0.01}}
)");
  ASSERT_EQ(place.unroll({"run", "a.yaml", "-q"}).exit_code, 0);
  EXPECT_THAT(place.unroll({"status", "results/many.h5"}).out,
              HasSubstr("lr       25 values       25    25"));
  const Json json = Json::parse(place.unroll({"status", "results/many.h5", "--json"}).out);
  EXPECT_EQ(json["settings"]["lr"].size(), 25U);
}

TEST(Program, ComparePrintsAVerdict) {
  const Workplace place;
  ASSERT_EQ(place.unroll({"run", "a.yaml", "-q"}).exit_code, 0);
  const ProcessResult text = place.unroll({"compare", "results/small.h5"});
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_THAT(text.out, AllOf(HasSubstr("lstm"), HasSubstr("valid_loss")));
  EXPECT_TRUE(Json::accept(place.unroll({"compare", "results/small.h5", "--json"}).out));
  EXPECT_THAT(place.unroll({"compare", "results/small.h5", "--csv"}).out, HasSubstr("gru,"));
  EXPECT_EQ(place.unroll({"compare", "results/small.h5", "--by", "seq_len"}).exit_code, 2);
}

TEST(Program, SchemaIsJson) {
  const Json json = Json::parse(Workplace().unroll({"schema"}).out);
  EXPECT_EQ(json["$schema"], "http://json-schema.org/draft-07/schema#");
}

TEST(Program, InfoNamesWhatDecidesTheResults) {
  const Workplace place;
  EXPECT_THAT(place.unroll({"info"}).out, AllOf(HasSubstr("instruction set"), HasSubstr("affinity mask")));
  const Json json = Json::parse(place.unroll({"info", "--json"}).out);
  EXPECT_GE(json["cores"]["usable"], 1);
  EXPECT_FALSE(json["instruction_sets"].empty());
  EXPECT_FALSE(json["libraries"]["HDF5"].get<std::string>().empty());
  const ProcessResult slurm = place.shell("SLURM_CPUS_PER_TASK=1 \"$UNROLL\" info --json");
  EXPECT_EQ(Json::parse(slurm.out)["cores"]["usable"], 1);
  const ProcessResult scalar = place.shell("UNROLL_ISA=scalar \"$UNROLL\" info --json");
  EXPECT_EQ(Json::parse(scalar.out)["instruction_set"], "scalar");
}

TEST(Program, ColorIsForTerminalsUnlessForced) {
  const Workplace place;
  EXPECT_THAT(place.unroll({"nothing"}).err, Not(HasSubstr("\x1b[")));
  EXPECT_THAT(place.unroll({"compare", "nowhere.h5", "--color", "always"}).err, HasSubstr("\x1b[31m"));
}

}  // namespace
}  // namespace unroll::testing
