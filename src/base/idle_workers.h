// Threads with nothing to do, that may take parts of a piece of work: how a run learns of them without
// knowing the scheduler.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>

#include "base/index_range.h"

namespace unroll {

class IdleWorkers {
 public:
  virtual ~IdleWorkers() = default;
  // How many there are, by now.
  virtual std::size_t count() const = 0;
  // Sets memory aside for work with them, until the job ends that asks. False if there is not so much.
  virtual bool reserve(std::size_t bytes) = 0;
  // Calls part(0), ..., part(count - 1), each once, on this thread and on idle ones, and returns when all
  // have ended; what they wrote is seen then.
  virtual void share(std::size_t count, const std::function<void(std::size_t)>& part) = 0;
};

// Calls work(IndexRange) for ranges that make up [0, count) and begin at multiples of `unit`: one for each
// thread there is work for. idle: may be nullptr.
template <typename Work>
void share_range(IdleWorkers* idle, std::size_t count, std::size_t unit, const Work& work) {
  const std::size_t units = (count + unit - 1) / unit;
  const std::size_t threads = idle == nullptr || units <= 1 ? 1 : std::min(units, 1 + idle->count());
  if (threads == 1) return work(IndexRange{0, count});
  const auto bound = [&](std::size_t i) { return std::min(count, i * units / threads * unit); };
  const auto part = [&](std::size_t i) { work(IndexRange{bound(i), bound(i + 1)}); };
  idle->share(threads, std::cref(part));
}

}  // namespace unroll
