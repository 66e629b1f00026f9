#include "sched/scheduler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <vector>

namespace unroll {
namespace {

const std::atomic<bool> kNever = false;

// Counts the jobs inside, and lets them wait for one another.
class Room {
 public:
  void enter() {
    const std::lock_guard lock(mutex_);
    most_ = std::max(most_, ++inside_);
    changed_.notify_all();
  }
  void leave() {
    const std::lock_guard lock(mutex_);
    --inside_;
  }
  // False if `count` jobs never came to be inside at once.
  bool wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(60), [&] { return most_ >= count; });
  }
  std::size_t most() const { return most_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t inside_ = 0;
  std::size_t most_ = 0;
};

TEST(Scheduler, RunsEveryJobOnce) {
  for (const std::size_t workers : {1U, 2U, 7U}) {
    const std::vector<JobInfo> jobs(1000);
    std::vector<std::atomic<int>> count(jobs.size());
    const SchedulerReport report = run_jobs(
        jobs, {workers, 0}, [&](std::size_t job, std::size_t, IdleWorkers&) { ++count[job]; }, kNever);
    for (const auto& n : count) EXPECT_EQ(n, 1);
    EXPECT_EQ(report.finished, jobs.size());
    EXPECT_EQ(report.workers, workers);
  }
}

TEST(Scheduler, NoJobsIsFine) {
  const SchedulerReport report = run_jobs(
      {}, {3, 0}, [](std::size_t, std::size_t, IdleWorkers&) {}, kNever);
  EXPECT_EQ(report.finished, 0U);
}

// More workers than cores must work too: -j is the user's word.
TEST(Scheduler, RunsExactlyAsManyAtOnceAsThereAreWorkers) {
  for (const std::size_t workers : {1U, 2U, 5U}) {
    const std::vector<JobInfo> jobs(3 * workers);
    Room room;
    std::atomic<bool> met = true;
    run_jobs(
        jobs, {workers, 0},
        [&](std::size_t, std::size_t, IdleWorkers&) {
          room.enter();
          if (!room.wait_for(workers)) met = false;
          room.leave();
        },
        kNever);
    EXPECT_TRUE(met) << workers;
    EXPECT_EQ(room.most(), workers);
  }
}

TEST(Scheduler, AWorkerHasANumberAndOneJobAtATime) {
  constexpr std::size_t kWorkers = 3;
  const std::vector<JobInfo> jobs(500);
  std::vector<std::atomic<int>> busy(kWorkers);
  std::atomic<bool> good = true;
  run_jobs(
      jobs, {kWorkers, 0},
      [&](std::size_t, std::size_t worker, IdleWorkers&) {
        if (worker >= kWorkers || ++busy[worker] != 1) good = false;
        --busy[worker];
      },
      kNever);
  EXPECT_TRUE(good);
}

TEST(Scheduler, StartsTheLongestFirst) {
  const std::vector<JobInfo> jobs = {{1, 0}, {3, 0}, {2, 0}, {3, 0}};
  std::vector<std::size_t> order;
  run_jobs(
      jobs, {1, 0}, [&](std::size_t job, std::size_t, IdleWorkers&) { order.push_back(job); }, kNever);
  EXPECT_EQ(order, (std::vector<std::size_t>{1, 3, 2, 0}));
}

TEST(Scheduler, KeepsWithinTheMemoryBudget) {
  std::vector<JobInfo> jobs;
  for (std::size_t i = 0; i < 200; ++i) jobs.push_back({static_cast<double>(i % 7), 10 + 17 * (i % 9)});
  jobs.push_back({4, 1000});  // larger than the budget: runs alone
  constexpr std::size_t kBudget = 200;
  std::mutex mutex;
  std::size_t used = 0;
  std::size_t inside = 0;
  bool good = true;
  const SchedulerReport report = run_jobs(
      jobs, {4, kBudget},
      [&](std::size_t job, std::size_t, IdleWorkers&) {
        {
          const std::lock_guard lock(mutex);
          used += jobs[job].bytes;
          ++inside;
          good = good && (used <= kBudget || inside == 1);
        }
        const std::lock_guard lock(mutex);
        used -= jobs[job].bytes;
        --inside;
      },
      kNever);
  EXPECT_TRUE(good);
  EXPECT_EQ(report.finished, jobs.size());
}

TEST(Scheduler, StartsNothingOnceCancelled) {
  const std::vector<JobInfo> jobs(1000);
  std::atomic<bool> cancel = false;
  std::atomic<std::size_t> started = 0;
  const SchedulerReport report = run_jobs(
      jobs, {2, 0},
      [&](std::size_t, std::size_t, IdleWorkers&) {
        if (++started == 10) cancel = true;
      },
      cancel);
  EXPECT_EQ(report.finished, started);  // the ones that run are waited for
  EXPECT_GE(started, 10U);
  EXPECT_LE(started, 11U);  // the other worker may have been past its check
  cancel = true;
  started = 0;
  run_jobs(
      jobs, {2, 0}, [&](std::size_t, std::size_t, IdleWorkers&) { ++started; }, cancel);
  EXPECT_EQ(started, 0U);
}

TEST(Scheduler, ReportsBusyTimeAndEfficiency) {
  SchedulerReport report{2.0, 3.0, 5, 2};
  EXPECT_DOUBLE_EQ(report.efficiency(), 0.75);
  EXPECT_DOUBLE_EQ(SchedulerReport{}.efficiency(), 0.0);
  const std::vector<JobInfo> jobs(4);
  report = run_jobs(
      jobs, {2, 0},
      [](std::size_t, std::size_t, IdleWorkers&) {
        const auto start = std::chrono::steady_clock::now();
        while (std::chrono::steady_clock::now() - start < std::chrono::milliseconds(2)) continue;
      },
      kNever);
  EXPECT_GE(report.busy_seconds, 0.008);
  EXPECT_GE(report.wall_seconds * 2.0, report.busy_seconds);
}

// The workers that find no job take parts of those that are left; nobody takes a job while it waits for
// parts.
TEST(Scheduler, IdleWorkersTakeParts) {
  constexpr std::size_t kWorkers = 4;
  constexpr std::size_t kParts = 100;
  const std::vector<JobInfo> jobs(2);
  std::atomic<std::size_t> helped = 0;
  run_jobs(
      jobs, {kWorkers, 0},
      [&](std::size_t, std::size_t, IdleWorkers& idle) {
        const auto start = std::chrono::steady_clock::now();
        while (idle.count() < kWorkers - jobs.size()) {
          if (std::chrono::steady_clock::now() - start > std::chrono::seconds(20)) return;
          std::this_thread::yield();
        }
        const std::thread::id owner = std::this_thread::get_id();
        std::vector<int> count(kParts);
        // Until one part has gone to another thread; oneTBB wakes sleepers in its own time.
        for (int round = 0; round < 1000 && helped < jobs.size(); ++round) {
          std::atomic<bool> elsewhere = false;
          std::fill(count.begin(), count.end(), 0);
          idle.share(kParts, [&](std::size_t part) {
            ++count[part];
            if (std::this_thread::get_id() != owner) elsewhere = true;
            std::this_thread::sleep_for(std::chrono::microseconds(50));
          });
          EXPECT_EQ(count, std::vector<int>(kParts, 1));
          if (elsewhere) {
            ++helped;
            return;
          }
        }
      },
      kNever);
  EXPECT_EQ(helped, jobs.size());
}

TEST(Scheduler, WhatAJobReservesIsFreeAfterIt) {
  const std::vector<JobInfo> jobs(3, {1.0, 60});
  std::vector<bool> got;
  const auto reserve_twice = [&](std::size_t, std::size_t, IdleWorkers& idle) {
    got.push_back(idle.reserve(30));
    got.push_back(idle.reserve(30));
  };
  run_jobs(jobs, {1, 100}, reserve_twice, kNever);
  EXPECT_EQ(got, std::vector<bool>({true, false, true, false, true, false}));
  got.clear();
  run_jobs(jobs, {1, 0}, reserve_twice, kNever);  // without a budget
  EXPECT_EQ(got, std::vector<bool>(6, true));
}

TEST(Scheduler, AWorkerThatWaitsForPartsTakesNoJob) {
  constexpr std::size_t kWorkers = 3;
  const std::vector<JobInfo> jobs(200);
  std::vector<std::atomic<int>> busy(kWorkers);
  std::atomic<bool> good = true;
  std::atomic<std::size_t> parts = 0;
  const SchedulerReport report = run_jobs(
      jobs, {kWorkers, 0},
      [&](std::size_t, std::size_t worker, IdleWorkers& idle) {
        if (++busy[worker] != 1) good = false;
        idle.share(5, [&](std::size_t) { ++parts; });
        --busy[worker];
      },
      kNever);
  EXPECT_TRUE(good);
  EXPECT_EQ(report.finished, jobs.size());
  EXPECT_EQ(parts, 5 * jobs.size());
}

TEST(SchedulerDeathTest, AJobThatThrowsIsOurMistake) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const std::vector<JobInfo> jobs(1);
  EXPECT_DEATH(run_jobs(
                   jobs, {1, 0},
                   [](std::size_t, std::size_t, IdleWorkers&) { throw std::runtime_error("lost"); }, kNever),
               "a job threw: lost");
}

}  // namespace
}  // namespace unroll
