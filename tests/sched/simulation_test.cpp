#include "sched/simulation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "base/rng.h"

namespace unroll {
namespace {

std::vector<double> times_of(const std::vector<JobInfo>& jobs) {
  std::vector<double> seconds;
  for (const JobInfo& job : jobs) seconds.push_back(job.cost);
  return seconds;
}

std::vector<JobInfo> random_jobs(std::uint32_t stream, std::size_t count, std::size_t largest_bytes) {
  Rng rng(Seed{}, Purpose::kSample, stream);
  std::vector<JobInfo> jobs(count);
  for (JobInfo& job : jobs) {
    job.cost = std::pow(100.0, rng.uniform());
    job.bytes = rng.below(static_cast<std::uint32_t>(largest_bytes) + 1);
  }
  return jobs;
}

TEST(Simulation, OfNothingTakesNoTime) {
  const SchedulerReport report = simulate_jobs({}, {}, {4, 0});
  EXPECT_EQ(report.wall_seconds, 0.0);
  EXPECT_EQ(report.finished, 0U);
  EXPECT_EQ(least_seconds({}, 4), 0.0);
}

TEST(Simulation, LongestFirst) {
  const std::vector<JobInfo> jobs = {{2, 0}, {2, 0}, {2, 0}, {3, 0}, {3, 0}};
  const SchedulerReport report = simulate_jobs(jobs, times_of(jobs), {2, 0});
  EXPECT_EQ(report.wall_seconds, 7.0);  // 3 2 2 and 3 2
  EXPECT_EQ(report.busy_seconds, 12.0);
  EXPECT_EQ(report.finished, 5U);
  EXPECT_DOUBLE_EQ(report.efficiency(), 12.0 / 14.0);
}

TEST(Simulation, OrdersByTheGuessAndTakesTheTruth) {
  const std::vector<JobInfo> jobs = {{3, 0}, {2, 0}, {1, 0}};
  const std::vector<double> seconds = {1, 1, 5};
  EXPECT_EQ(simulate_jobs(jobs, seconds, {2, 0}).wall_seconds, 6.0);
  EXPECT_EQ(least_seconds(seconds, 2), 5.0);
}

TEST(Simulation, WaitsForMemory) {
  const std::vector<JobInfo> jobs = {{4, 60}, {3, 60}, {2, 30}};
  // The second does not fit beside the first; the third does, and overtakes it.
  EXPECT_EQ(simulate_jobs(jobs, times_of(jobs), {3, 100}).wall_seconds, 7.0);
  EXPECT_EQ(simulate_jobs(jobs, times_of(jobs), {3, 0}).wall_seconds, 4.0);
}

// Graham's bound of any list schedule, from above and from below.
TEST(Simulation, StaysWithinTheBounds) {
  for (std::uint32_t stream = 0; stream < 50; ++stream) {
    for (const std::size_t workers : {1U, 2U, 7U, 64U}) {
      const std::vector<JobInfo> jobs = random_jobs(stream, 1 + 4 * stream, 100);
      const std::vector<double> seconds = times_of(jobs);
      const double longest = *std::max_element(seconds.begin(), seconds.end());
      const double total = std::accumulate(seconds.begin(), seconds.end(), 0.0);
      const double least = least_seconds(seconds, workers);
      EXPECT_GE(least, longest);
      EXPECT_GE(least * static_cast<double>(workers), total * (1.0 - 1e-12));
      const SchedulerReport free = simulate_jobs(jobs, seconds, {workers, 0});
      EXPECT_GE(free.wall_seconds, least * (1.0 - 1e-12));
      EXPECT_LE(free.wall_seconds, longest + total / static_cast<double>(workers));
      EXPECT_NEAR(free.busy_seconds, total, 1e-9 * total);
      const SchedulerReport tight = simulate_jobs(jobs, seconds, {workers, 120});
      EXPECT_EQ(tight.finished, jobs.size());
      EXPECT_GE(tight.wall_seconds, least * (1.0 - 1e-12));
      EXPECT_LE(tight.wall_seconds, total * (1.0 + 1e-12));
    }
  }
}

TEST(Simulation, KeepsManyWorkersBusyWithMixedJobs) {
  const std::vector<JobInfo> jobs = random_jobs(99, 1000, 0);
  const std::vector<double> seconds = times_of(jobs);
  EXPECT_LE(0.95 * simulate_jobs(jobs, seconds, {64, 0}).wall_seconds, least_seconds(seconds, 64));
}

}  // namespace
}  // namespace unroll
