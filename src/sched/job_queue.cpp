#include "sched/job_queue.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/error.h"

namespace unroll {
namespace {

constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

double order_cost(const JobInfo& job) {
  return std::isnan(job.cost) ? std::numeric_limits<double>::infinity() : job.cost;
}

}  // namespace

JobQueue::JobQueue(std::span<const JobInfo> jobs, std::size_t memory_budget)
    : jobs_(jobs),
      budget_(memory_budget == 0 ? kNone : memory_budget),
      order_(jobs.size()),
      started_(jobs.size()),
      overtook_(jobs.size(), kNone) {
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  std::stable_sort(order_.begin(), order_.end(),
                   [&](std::size_t a, std::size_t b) { return order_cost(jobs[a]) > order_cost(jobs[b]); });
}

bool JobQueue::fits(std::size_t bytes, std::size_t used) const {
  return used == 0 || (used < budget_ && bytes <= budget_ - used);
}

std::optional<std::size_t> JobQueue::take() {
  if (empty()) return std::nullopt;
  const std::size_t head = first_;
  if (fits(jobs_[order_[head]].bytes, used_)) {
    start(head);
    return order_[head];
  }
  if (fits(jobs_[order_[head]].bytes, used_ - overtakers_)) return std::nullopt;
  for (std::size_t position = head + 1; position < order_.size(); ++position) {
    const std::size_t job = order_[position];
    if (started_[position] || !fits(jobs_[job].bytes, used_)) continue;
    start(position);
    overtook_[job] = head;
    overtakers_ += jobs_[job].bytes;
    return job;
  }
  return std::nullopt;
}

void JobQueue::start(std::size_t position) {
  started_[position] = true;
  used_ += jobs_[order_[position]].bytes;
  if (position != first_) return;
  while (first_ < order_.size() && started_[first_]) ++first_;
  overtakers_ = 0;
}

void JobQueue::finish(std::size_t job) {
  UNROLL_CHECK(used_ >= jobs_[job].bytes, "a job finished that was not running");
  used_ -= jobs_[job].bytes;
  if (overtook_[job] == first_) overtakers_ -= jobs_[job].bytes;
}

bool JobQueue::reserve(std::size_t bytes) {
  if (!fits(bytes, used_)) return false;
  used_ += bytes;
  return true;
}

void JobQueue::release(std::size_t bytes) {
  UNROLL_CHECK(used_ >= bytes, "more memory is given back than was taken");
  used_ -= bytes;
}

}  // namespace unroll
