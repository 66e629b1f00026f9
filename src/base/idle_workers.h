// Threads with nothing to do, that may take parts of a piece of work: how a run learns of them without
// knowing the scheduler.
#pragma once

#include <cstddef>
#include <functional>

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

}  // namespace unroll
