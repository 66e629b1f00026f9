#include "sched/job_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "base/rng.h"

namespace unroll {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;

std::vector<std::size_t> drain_one_by_one(std::span<const JobInfo> jobs, std::size_t budget) {
  JobQueue queue(jobs, budget);
  std::vector<std::size_t> order;
  while (const auto job = queue.take()) {
    order.push_back(*job);
    queue.finish(*job);
  }
  EXPECT_TRUE(queue.empty());
  return order;
}

TEST(JobQueue, TakesTheLongestFirstAndTiesByIndex) {
  const std::vector<JobInfo> jobs = {{1, 0}, {5, 0}, {3, 0}, {5, 0}, {1, 0}};
  EXPECT_THAT(drain_one_by_one(jobs, 0), ElementsAre(1, 3, 2, 0, 4));
}

TEST(JobQueue, TakesACostThatIsNoNumberFirst) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<JobInfo> jobs = {{1, 0}, {nan, 0}, {3, 0}, {nan, 0}, {2, 0}};
  EXPECT_THAT(drain_one_by_one(jobs, 0), ElementsAre(1, 3, 2, 4, 0));
}

TEST(JobQueue, HoldsBackWhatDoesNotFitAndLetsSmallerOnesGoFirst) {
  const std::vector<JobInfo> jobs = {{9, 60}, {8, 60}, {7, 30}, {6, 30}};
  JobQueue queue(jobs, 100);
  EXPECT_THAT(queue.take(), Optional(0U));
  EXPECT_THAT(queue.take(), Optional(2U));  // 1 would make 120, 2 makes 90
  EXPECT_EQ(queue.take(), std::nullopt);
  queue.finish(0);
  EXPECT_THAT(queue.take(), Optional(1U));
}

TEST(JobQueue, RunsAJobLargerThanTheBudgetAlone) {
  const std::vector<JobInfo> jobs = {{9, 500}, {8, 10}, {7, 10}};
  JobQueue queue(jobs, 100);
  EXPECT_THAT(queue.take(), Optional(0U));
  EXPECT_EQ(queue.take(), std::nullopt);
  queue.finish(0);
  EXPECT_THAT(queue.take(), Optional(1U));
  EXPECT_THAT(queue.take(), Optional(2U));
}

TEST(JobQueue, GivesARunningJobMoreMemoryIfThereIsMore) {
  const std::vector<JobInfo> jobs = {{9, 60}, {8, 30}};
  JobQueue queue(jobs, 100);
  EXPECT_THAT(queue.take(), Optional(0U));
  EXPECT_TRUE(queue.reserve(30));
  EXPECT_FALSE(queue.reserve(11));
  EXPECT_EQ(queue.take(), std::nullopt);
  queue.finish(0);
  queue.release(30);
  EXPECT_THAT(queue.take(), Optional(1U));
  EXPECT_TRUE(queue.reserve(70));
  const std::vector<JobInfo> large = {{1, 500}};
  JobQueue alone(large, 100);
  EXPECT_THAT(alone.take(), Optional(0U));
  EXPECT_FALSE(alone.reserve(1));
}

TEST(JobQueue, DoesNotStarveTheJobHeldBack) {
  // The first takes most of the budget; while it runs, small ones overtake the second without end. Once it is
  // done they alone keep the second from starting, so no more of them may start.
  std::vector<JobInfo> jobs = {{100, 60}, {99, 80}};
  jobs.resize(1000, JobInfo{1, 15});
  JobQueue queue(jobs, 100);
  EXPECT_THAT(queue.take(), Optional(0U));
  for (std::size_t i = 2; i < 100; i += 2) {
    EXPECT_THAT(queue.take(), Optional(i));
    EXPECT_THAT(queue.take(), Optional(i + 1));
    EXPECT_EQ(queue.take(), std::nullopt);
    queue.finish(i);
    queue.finish(i + 1);
  }
  EXPECT_THAT(queue.take(), Optional(100U));
  EXPECT_THAT(queue.take(), Optional(101U));
  queue.finish(0);
  EXPECT_EQ(queue.take(), std::nullopt);  // a small one would fit, but the second is due
  queue.finish(100);
  EXPECT_THAT(queue.take(), Optional(1U));
}

// Whatever the sizes and the order of finishing: each job starts once, the budget holds, nothing deadlocks.
TEST(JobQueue, KeepsItsPromisesOnRandomJobs) {
  Rng rng({1, 0}, Purpose::kSample);
  for (int round = 0; round < 200; ++round) {
    const std::size_t budget = 1 + rng.below(100);
    std::vector<JobInfo> jobs(1 + rng.below(40));
    for (JobInfo& job : jobs) job = {static_cast<double>(rng.below(5)), rng.below(130)};
    JobQueue queue(jobs, budget);
    std::vector<std::size_t> running;
    std::vector<int> starts(jobs.size());
    while (!queue.empty() || !running.empty()) {
      const auto job = running.size() < 4 ? queue.take() : std::nullopt;
      if (job) {
        ++starts[*job];
        running.push_back(*job);
        std::size_t used = 0;
        std::size_t holders = 0;
        for (const std::size_t r : running) {
          used += jobs[r].bytes;
          holders += jobs[r].bytes > 0 ? 1U : 0U;
        }
        ASSERT_TRUE(used <= budget || holders == 1) << "round " << round;
      } else {
        ASSERT_FALSE(running.empty()) << "round " << round;
        const std::size_t i = rng.below(static_cast<std::uint32_t>(running.size()));
        queue.finish(running[i]);
        running.erase(running.begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
    for (const int n : starts) ASSERT_EQ(n, 1) << "round " << round;
  }
}

}  // namespace
}  // namespace unroll
