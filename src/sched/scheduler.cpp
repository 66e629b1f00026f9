#include "sched/scheduler.h"

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/partitioner.h>
#include <oneapi/tbb/task_arena.h>

#include <chrono>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <thread>

#include "base/error.h"
#include "sched/job_queue.h"

namespace unroll {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// A job that throws is our own mistake: who calls run_jobs turns failures into records.
void call(const JobBody& body, std::size_t job, std::size_t worker, IdleWorkers& idle) {
  try {
    body(job, worker, idle);
  } catch (const std::exception& e) {
    UNROLL_CHECK(false, std::string("a job threw: ") + e.what());
  } catch (...) {
    UNROLL_CHECK(false, "a job threw");
  }
}

// A part of a job, on whichever thread takes it. What the owner wrote before is seen here, and what is
// written here is seen by the owner, in a way that ThreadSanitizer sees, too: it cannot look into oneTBB's
// library.
struct RunPart {
  struct Shared {
    const std::function<void(std::size_t)>& part;
    std::thread::id owner;
    std::atomic<bool> begun = false;
    std::atomic<std::size_t> ended = 0;
    std::atomic<double> helped_seconds = 0.0;
  };
  Shared* shared;

  __attribute__((no_sanitize("thread"))) void operator()(std::size_t index) const { run(*shared, index); }

  static void run(Shared& shared, std::size_t index) {
    UNROLL_CHECK(shared.begun.load(std::memory_order_acquire), "a part came before its work was made");
    const Clock::time_point start = Clock::now();
    shared.part(index);
    if (std::this_thread::get_id() != shared.owner) shared.helped_seconds += seconds_since(start);
    shared.ended.fetch_add(1, std::memory_order_release);
  }
};

// What the workers of one run_jobs call share.
class Crew {
 public:
  Crew(std::span<const JobInfo> jobs, std::size_t memory_budget, const JobBody& body,
       const std::atomic<bool>& cancel)
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
      Help help(*this);
      call(body_, *job, worker, help);
      const double seconds = seconds_since(start);
      lock.lock();
      queue_.finish(*job);
      queue_.release(help.reserved());
      busy_seconds_ += seconds;
      ++finished_;
      changed_.notify_all();
    }
    changed_.notify_all();
    ++idle_count_;
  }

  void fill(SchedulerReport& report) {
    const std::lock_guard lock(mutex_);
    report.busy_seconds = busy_seconds_;
    report.finished = finished_;
  }

 private:
  // What one job gets from those that are idle.
  class Help : public IdleWorkers {
   public:
    explicit Help(Crew& crew) : crew_(crew) {}
    std::size_t count() const override { return crew_.idle_count_.load(std::memory_order_relaxed); }
    bool reserve(std::size_t bytes) override {
      const std::lock_guard lock(crew_.mutex_);
      if (!crew_.queue_.reserve(bytes)) return false;
      reserved_ += bytes;
      return true;
    }
    void share(std::size_t count, const std::function<void(std::size_t)>& part) override {
      crew_.share(count, part);
    }
    std::size_t reserved() const { return reserved_; }

   private:
    Crew& crew_;
    std::size_t reserved_ = 0;
  };

  // oneTBB's idle threads are those whose work() has ended: they take tasks of this arena. While this thread
  // waits for the last part it takes nothing else.
  void share(std::size_t count, const std::function<void(std::size_t)>& part) {
    RunPart::Shared shared{part, std::this_thread::get_id()};
    shared.begun.store(true, std::memory_order_release);
    tbb::this_task_arena::isolate(
        [&] { tbb::parallel_for(std::size_t{0}, count, RunPart{&shared}, tbb::simple_partitioner()); });
    UNROLL_CHECK(shared.ended.load(std::memory_order_acquire) == count, "a part has not ended");
    const std::lock_guard lock(mutex_);
    busy_seconds_ += shared.helped_seconds;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  JobQueue queue_;
  const JobBody& body_;
  const std::atomic<bool>& cancel_;
  std::atomic<std::size_t> idle_count_ = 0;
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
  __attribute__((no_sanitize("thread"))) void operator()(std::size_t worker) const { crew->work(worker); }
};

}  // namespace

double SchedulerReport::efficiency() const {
  const double offered = static_cast<double>(workers) * wall_seconds;
  return offered > 0.0 ? busy_seconds / offered : 0.0;
}

void SchedulerReport::add(const SchedulerReport& next) {
  wall_seconds += next.wall_seconds;
  busy_seconds += next.busy_seconds;
  finished += next.finished;
  workers = next.workers;
}

SchedulerReport run_jobs(std::span<const JobInfo> jobs, const SchedulerOptions& options, const JobBody& body,
                         const std::atomic<bool>& cancel) {
  UNROLL_CHECK(options.workers >= 1, "run_jobs needs a worker");
  const Clock::time_point start = Clock::now();
  Crew crew(jobs, options.memory_budget, body, cancel);
  // oneTBB makes no more threads than cores unless told; -j may ask for more. One slot of the arena is the
  // calling thread's, so `workers` threads work in all. Each takes one index of the loop as its worker number
  // and keeps it: jobs are handed out by the queue, in its order, not by oneTBB.
  auto threads =
      std::make_unique<tbb::global_control>(tbb::global_control::max_allowed_parallelism, options.workers);
  try {
    tbb::task_arena arena(static_cast<int>(options.workers), 1);
    arena.execute([&] {
      tbb::parallel_for(std::size_t{0}, options.workers, StartWorker{&crew}, tbb::simple_partitioner());
    });
  } catch (const std::bad_alloc&) {
    // oneTBB 2021 that finds no memory may keep a lock of its own for ever, on which the end of this would
    // wait.
    static_cast<void>(threads.release());
    throw;
  }
  SchedulerReport report;
  crew.fill(report);
  report.wall_seconds = seconds_since(start);
  report.workers = options.workers;
  return report;
}

}  // namespace unroll
