// Which job starts next: longest first, as far as the memory budget allows. Not thread-safe; the scheduler
// holds its lock around every call.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "sched/scheduler.h"

namespace unroll {

// The first waiting job in order of falling cost (ties: lower index; a cost that is not a number counts as
// the largest) starts as soon as its memory fits. While it does not fit, later jobs that do fit may overtake
// it, but only until those overtakers are all that keeps it from fitting: so it waits for no more than the
// jobs that overtook it, and idle cores are filled meanwhile. A job larger than the budget runs alone.
class JobQueue {
 public:
  JobQueue(std::span<const JobInfo> jobs, std::size_t memory_budget);

  // The job to start now, or nothing if none may start before a running one finishes.
  std::optional<std::size_t> take();
  void finish(std::size_t job);
  // More memory for a running job; false if the budget does not have it. release: all that it got.
  bool reserve(std::size_t bytes);
  void release(std::size_t bytes);
  // Nothing is left to start.
  bool empty() const { return first_ == order_.size(); }

 private:
  bool fits(std::size_t bytes, std::size_t used) const;
  void start(std::size_t position);

  std::span<const JobInfo> jobs_;
  std::size_t budget_;
  std::vector<std::size_t> order_;     // job by position
  std::vector<bool> started_;          // by position
  std::vector<std::size_t> overtook_;  // by job: the position it overtook, or kNone
  std::size_t first_ = 0;              // position of the first waiting job
  std::size_t used_ = 0;               // bytes of running jobs, and what they reserved
  std::size_t overtakers_ = 0;         // of these, bytes of jobs that overtook the one at first_
};

}  // namespace unroll
