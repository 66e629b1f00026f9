#include "cli/shard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/error.h"

namespace unroll {
namespace {

using Variables = std::map<std::string, std::string>;

std::string parsed(const std::string& text, const Variables& variables = {}) {
  try {
    return parse_shard(text,
                       [&](const char* name) {
                         const auto found = variables.find(name);
                         return found == variables.end() ? std::string() : found->second;
                       })
        .text();
  } catch (const UsageError& error) {
    EXPECT_FALSE(error.hint().empty());
    return error.message();
  }
}

TEST(Shard, IsCountedFromZero) {
  EXPECT_EQ(parsed("0/4"), "0/4");
  EXPECT_EQ(parsed("3/4"), "3/4");
  EXPECT_EQ(parsed("4/4"), "there is no shard 4 of 4");
  for (const char* wrong : {"", "1", "/", "1/", "/4", "-1/4", "1/0", "x/4", "1/4x", "1/1000000", "1.0/4"}) {
    EXPECT_THAT(parsed(wrong),
                testing::AnyOf(testing::HasSubstr("expected I/N"), testing::HasSubstr("number of shards")))
        << wrong;
  }
}

TEST(Shard, IsTakenFromTheJobArray) {
  EXPECT_EQ(parsed("auto", {{"SLURM_ARRAY_TASK_ID", "5"},
                            {"SLURM_ARRAY_TASK_MIN", "0"},
                            {"SLURM_ARRAY_TASK_MAX", "7"},
                            {"SLURM_ARRAY_TASK_COUNT", "8"}}),
            "5/8");
  EXPECT_EQ(parsed("auto", {{"SLURM_ARRAY_TASK_ID", "6"},
                            {"SLURM_ARRAY_TASK_MIN", "2"},
                            {"SLURM_ARRAY_TASK_MAX", "8"},
                            {"SLURM_ARRAY_TASK_STEP", "2"},
                            {"SLURM_ARRAY_TASK_COUNT", "4"}}),
            "2/4");
  EXPECT_EQ(parsed("auto", {{"SGE_TASK_ID", "1"},
                            {"SGE_TASK_FIRST", "1"},
                            {"SGE_TASK_LAST", "3"},
                            {"SGE_TASK_STEPSIZE", "1"}}),
            "0/3");
  EXPECT_EQ(parsed("auto", {{"LSB_JOBINDEX", "3"}, {"LSB_JOBINDEX_END", "3"}}), "2/3");
  EXPECT_EQ(parsed("auto/4", {{"PBS_ARRAY_INDEX", "2"}}), "2/4");
  EXPECT_EQ(parsed("auto/4", {{"PBS_ARRAYID", "4"}}), "0/4");  // an array from 1 to 4 has all parts, too
  EXPECT_EQ(parsed("auto/4", {{"JOB_COMPLETION_INDEX", "3"}}), "3/4");
}

TEST(Shard, ThatCannotBeKnownIsAsked) {
  EXPECT_THAT(parsed("auto"), testing::HasSubstr("no task of a job array"));
  EXPECT_THAT(parsed("auto", {{"SGE_TASK_ID", "undefined"}, {"LSB_JOBINDEX", "0"}}),
              testing::HasSubstr("no task"));
  EXPECT_THAT(parsed("auto", {{"JOB_COMPLETION_INDEX", "3"}}),
              testing::HasSubstr("Kubernetes does not tell"));
  // Tasks 3 and 7 alone, submitted again: the array does not say of how many.
  EXPECT_THAT(parsed("auto", {{"SLURM_ARRAY_TASK_ID", "7"},
                              {"SLURM_ARRAY_TASK_MIN", "3"},
                              {"SLURM_ARRAY_TASK_MAX", "7"},
                              {"SLURM_ARRAY_TASK_COUNT", "2"}}),
              testing::HasSubstr("which shards"));
}

TEST(Shard, PartsOfAPlanAreAllOfItOnceAndCostAboutTheSame) {
  const Plan plan = parse_plan(
      "task: {type: adding}\nsweep:\n  seeds: 7\n  parameters:\n    model.hidden: [4, 64, 128]\n"
      "    model.cell: [rnn, lstm]\n",
      "a.yaml");
  for (const std::size_t count : {1U, 2U, 5U, 41U, 42U, 50U}) {
    std::set<std::size_t> seen;
    std::vector<double> loads;
    for (std::size_t i = 0; i < count; ++i) {
      double load = 0.0;
      for (const std::size_t run : runs_of(plan.runs, {i, count})) {
        EXPECT_TRUE(seen.insert(run).second);
        load += plan.runs.estimate(run).flops;
      }
      loads.push_back(load);
    }
    EXPECT_EQ(seen.size(), plan.runs.size());
    double largest = 0.0;
    for (std::size_t run = 0; run < plan.runs.size(); ++run)
      largest = std::max(largest, plan.runs.estimate(run).flops);
    const auto [low, high] = std::minmax_element(loads.begin(), loads.end());
    EXPECT_LE(*high - *low, largest) << count;
  }
  EXPECT_EQ(runs_of(plan.runs, {}).size(), 42U);
}

}  // namespace
}  // namespace unroll
