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

Variables slurm(int task, int first, int last, int count, int step = 1) {
  return {{"SLURM_ARRAY_TASK_ID", std::to_string(task)},
          {"SLURM_ARRAY_TASK_MIN", std::to_string(first)},
          {"SLURM_ARRAY_TASK_MAX", std::to_string(last)},
          {"SLURM_ARRAY_TASK_STEP", std::to_string(step)},
          {"SLURM_ARRAY_TASK_COUNT", std::to_string(count)}};
}

TEST(Shard, IsTakenFromTheJobArray) {
  EXPECT_EQ(parsed("auto", slurm(5, 0, 7, 8)), "5/8");
  EXPECT_EQ(parsed("auto", {{"SGE_TASK_ID", "1"},
                            {"SGE_TASK_FIRST", "1"},
                            {"SGE_TASK_LAST", "3"},
                            {"SGE_TASK_STEPSIZE", "1"}}),
            "1/3");
  EXPECT_EQ(parsed("auto/4", {{"LSB_JOBINDEX", "3"}, {"LSB_JOBINDEX_END", "4"}, {"LSB_JOBINDEX_STEP", "1"}}),
            "3/4");
  EXPECT_EQ(parsed("auto/4", {{"PBS_ARRAY_INDEX", "2"}}), "2/4");
  EXPECT_EQ(parsed("auto/4", {{"PBS_ARRAYID", "4"}}), "0/4");  // an array from 1 to 4 has all parts, too
  EXPECT_EQ(parsed("auto/4", {{"JOB_COMPLETION_INDEX", "3"}}), "3/4");
}

TEST(Shard, OfATaskIsTheSameWhateverIsSubmittedWithIt) {
  for (const int first : {0, 1}) {
    std::set<std::string> all;
    for (int task = first; task < first + 8; ++task) {
      const std::string shard = parsed("auto/8", slurm(task, first, first + 7, 8));
      EXPECT_EQ(parsed("auto", slurm(task, first, first + 7, 8)), shard);
      EXPECT_EQ(parsed("auto/8", slurm(task, task, task, 1)), shard);
      all.insert(shard);
    }
    EXPECT_EQ(all.size(), 8U);
  }
  // --array=3,5, which counts in steps of 1 or of 2.
  for (const int step : {1, 2}) {
    EXPECT_EQ(parsed("auto/8", slurm(3, 3, 5, 2, step)), "3/8");
    EXPECT_EQ(parsed("auto/8", slurm(5, 3, 5, 2, step)), "5/8");
  }
}

TEST(Shard, ThatNoTaskOfTheArrayWouldTrainIsRefused) {
  const auto refused = testing::HasSubstr("may leave out some of the 4 shards");
  EXPECT_THAT(parsed("auto/4", slurm(2, 0, 6, 4, 2)), refused);
  EXPECT_THAT(parsed("auto/4", slurm(2, 0, 6, 4)), refused) << "0,2,4,6";
  EXPECT_THAT(
      parsed("auto/4", {{"LSB_JOBINDEX", "3"}, {"LSB_JOBINDEX_END", "7"}, {"LSB_JOBINDEX_STEP", "2"}}),
      refused);
  EXPECT_EQ(parsed("auto/4", slurm(6, 0, 9, 4, 3)), "2/4");
}

TEST(Shard, ThatCannotBeKnownIsAsked) {
  EXPECT_THAT(parsed("auto"), testing::HasSubstr("no task of a job array"));
  EXPECT_THAT(parsed("auto", {{"SGE_TASK_ID", "undefined"}, {"LSB_JOBINDEX", "0"}}),
              testing::HasSubstr("no task"));
  EXPECT_THAT(parsed("auto", {{"JOB_COMPLETION_INDEX", "3"}}),
              testing::HasSubstr("Kubernetes does not tell how many shards there are"));
  EXPECT_THAT(parsed("auto", {{"LSB_JOBINDEX", "3"}, {"LSB_JOBINDEX_END", "5"}}),
              testing::HasSubstr("LSF does not tell"));
  // Tasks of a larger array, submitted again: one alone, two of them, a row of them.
  for (const Variables& again :
       {slurm(3, 3, 3, 1), slurm(0, 0, 0, 1), slurm(7, 3, 7, 2), slurm(3, 3, 5, 3), slurm(2, 0, 6, 4, 2)}) {
    EXPECT_THAT(parsed("auto", again), testing::HasSubstr("Slurm does not tell"));
  }
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
