// `unroll bench` as it is called. Nothing here looks at how long something took.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/cli/program.h"

namespace unroll::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Json = nlohmann::json;

TEST(Bench, JsonHasEveryField) {
  const Workplace place;
  const ProcessResult result =
      place.unroll({"bench", "--points", "rnn:3:2:4,lstm:4:1:2:many", "--rounds", "1", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("lstm:4:1:2:many"));
  const Json json = Json::parse(result.out);
  for (const char* key : {"cpu", "isa", "version", "commit", "compiler"}) {
    EXPECT_FALSE(json["context"][key].get<std::string>().empty()) << key;
  }
  EXPECT_TRUE(json["context"]["versions"].contains("Highway"));
  EXPECT_GT(json["context"]["clock_ghz"], 0.0);
  EXPECT_GT(json["peak_gflops"], 0.0);
  ASSERT_EQ(json["bandwidths"].size(), 4U);
  for (const Json& level : json["bandwidths"]) EXPECT_GT(level["gbytes_per_second"], 0.0) << level;
  ASSERT_EQ(json["points"].size(), 2U);
  for (const Json& point : json["points"]) {
    for (const char* key : {"ms_per_step", "gflops", "percent_of_peak"}) EXPECT_GT(point[key], 0.0) << point;
  }
  const Json& point = json["points"][1];
  EXPECT_EQ(point["cell"], "lstm");
  EXPECT_EQ(point["hidden"], 4);
  EXPECT_EQ(point["batch"], 1);
  EXPECT_EQ(point["seq_len"], 2);
  EXPECT_EQ(point["head"], "many");
  EXPECT_EQ(json["points"][0]["head"], "one");
}

TEST(Bench, TableNamesItsUnits) {
  const ProcessResult result =
      Workplace().unroll({"bench", "--points", "gru:2:1:1", "--rounds", "1", "--isa", "scalar"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out,
              AllOf(HasSubstr("ms per step"), HasSubstr("% of peak"), HasSubstr("gru"), HasSubstr("scalar")));
}

TEST(Bench, ListsWhatItWouldMeasure) {
  const Workplace place;
  EXPECT_EQ(place.unroll({"bench", "--list", "--points", "gru:2:3:4,rnn:1:1:1:many"}).out,
            "gru:2:3:4:one\nrnn:1:1:1:many\n");
  EXPECT_THAT(place.unroll({"bench", "--list"}).out, HasSubstr("gru_reset_before:512:128:200:many\n"));
}

TEST(Bench, RefusesMoreRunsThanAPlanCanHave) {
  const ProcessResult result = Workplace().unroll({"bench", "--store", "--runs", "1000001"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("--runs: error: 1000001 is more than the 1000000 allowed"));
}

TEST(Bench, MistakesHaveExitCodeTwo) {
  const Workplace place;
  const std::vector<std::vector<std::string>> mistakes = {
      {"bench", "--points", "gru:2:1"},
      {"bench", "--points", "gru:2:1:1", "--quick"},
      {"bench", "--points", "gru:2:1:1", "--core", "100000"},
      {"bench", "--points", "gru:2:1:1", "--core", "one"},
      {"bench", "--points", "gru:2:1:1", "--rounds", "0"},
      {"bench", "--quick", "--isa", "mmx"},
      {"bench", "--noop", "--quick"},
  };
  for (const std::vector<std::string>& words : mistakes) {
    const ProcessResult result = place.unroll(words);
    EXPECT_EQ(result.exit_code, 2) << result.err;
    EXPECT_THAT(result.out, IsEmpty());
  }
}

}  // namespace
}  // namespace unroll::testing
