#include "sched/scheduler.h"

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/partitioner.h>
#include <oneapi/tbb/task_arena.h>

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <string>

#include "base/error.h"
#include "sched/job_queue.h"

namespace unroll {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// A job that throws is our own mistake: who calls run_jobs turns failures into records.
void call(const std::function<void(std::size_t, std::size_t)>& body, std::size_t job, std::size_t worker) {
  try {
    body(job, worker);
  } catch (const std::exception& e) {
    UNROLL_CHECK(false, std::string("a job threw: ") + e.what());
  } catch (...) {
    UNROLL_CHECK(false, "a job threw");
  }
}

// What the workers of one run_jobs call share.
class Crew {
 public:
  Crew(std::span<const JobInfo> jobs, std::size_t memory_budget,
       const std::function<void(std::size_t, std::size_t)>& body, const std::atomic<bool>& cancel)
      : queue_(jobs, memory_budget), body_(body), cancel_(cancel) {
    ready_.store(true, std::memory_order_release);
  }

  // One worker: takes jobs until there are none. A worker that finds no job that fits sleeps until another
  // one finishes; there is always such a one, since a job fits when nothing runs.
  void work(std::size_t worker) {
    UNROLL_CHECK(ready_.load(std::memory_order_acquire), "a worker came before its crew was made");
    std::unique_lock lock(mutex_);
    while (!cancel_ && !queue_.empty()) {
      const std::optional<std::size_t> job = queue_.take();
      if (!job) {
        changed_.wait(lock);
        continue;
      }
      lock.unlock();
      const Clock::time_point start = Clock::now();
      call(body_, *job, worker);
      const double seconds = seconds_since(start);
      lock.lock();
      queue_.finish(*job);
      busy_seconds_ += seconds;
      ++finished_;
      changed_.notify_all();
    }
    changed_.notify_all();
  }

  void fill(SchedulerReport& report) {
    const std::lock_guard lock(mutex_);
    report.busy_seconds = busy_seconds_;
    report.finished = finished_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  JobQueue queue_;
  const std::function<void(std::size_t, std::size_t)>& body_;
  const std::atomic<bool>& cancel_;
  double busy_seconds_ = 0.0;
  std::size_t finished_ = 0;
  // Orders the making of the crew before every worker's first look at it in a way that ThreadSanitizer sees:
  // it cannot look into oneTBB's library.
  std::atomic<bool> ready_ = false;
};

// The body of the loop over workers. ThreadSanitizer may not judge how oneTBB hands the pointer over; all
// that is behind it is ordered by Crew::ready_.
struct StartWorker {
  Crew* crew;
  [[gnu::no_sanitize("thread")]] void operator()(std::size_t worker) const { crew->work(worker); }
};

}  // namespace

double SchedulerReport::efficiency() const {
  const double offered = static_cast<double>(workers) * wall_seconds;
  return offered > 0.0 ? busy_seconds / offered : 0.0;
}

SchedulerReport run_jobs(std::span<const JobInfo> jobs, const SchedulerOptions& options,
                         const std::function<void(std::size_t job, std::size_t worker)>& body,
                         const std::atomic<bool>& cancel) {
  UNROLL_CHECK(options.workers >= 1, "run_jobs needs a worker");
  const Clock::time_point start = Clock::now();
  Crew crew(jobs, options.memory_budget, body, cancel);
  // oneTBB makes no more threads than cores unless told; -j may ask for more. One slot of the arena is the
  // calling thread's, so `workers` threads work in all. Each takes one index of the loop as its worker number
  // and keeps it: jobs are handed out by the queue, in its order, not by oneTBB.
  const tbb::global_control threads(tbb::global_control::max_allowed_parallelism, options.workers);
  tbb::task_arena arena(static_cast<int>(options.workers), 1);
  arena.execute([&] {
    tbb::parallel_for(std::size_t{0}, options.workers, StartWorker{&crew}, tbb::simple_partitioner());
  });
  SchedulerReport report;
  crew.fill(report);
  report.wall_seconds = seconds_since(start);
  report.workers = options.workers;
  return report;
}

}  // namespace unroll
