// `run --events FILE`: what happens in a sweep as JSON Lines, for programs that watch it.
//   {"event": "sweep", "schema": 1, "time": ..., "experiment": ..., "planned": 30, "to_do": 30, "metric":
//   ...}
//   {"event": "begin", "time": ..., "run": 3, "run_id": ..., "settings": {"cell": "lstm"}, "seed": 0}
//   {"event": "epoch", "time": ..., "run": 3, "epoch": 1, "epochs": 4, "train_loss": ..., "valid_loss": ...}
//   {"event": "end", "time": ..., "run": 3, "state": "done", "message": "", "value": ..., "seconds": ...}
//   {"event": "finish", "time": ..., "ran": 30}
// Times are seconds since 1970; null = not finite. A line is written whole, with one write().
#pragma once

#include <cstddef>
#include <filesystem>
#include <mutex>
#include <string>

#include "sweep/plan.h"
#include "train/run_record.h"
#include "train/trainer.h"

namespace unroll {

inline constexpr int kEventSchema = 1;

class EventLog {
 public:
  // Appends to the file, which may be a pipe. Throws FileError.
  EventLog(const std::filesystem::path& path, const Plan& plan);
  ~EventLog();
  EventLog(const EventLog&) = delete;
  EventLog& operator=(const EventLog&) = delete;

  // All are thread-safe. What cannot be written is lost: a reader that has gone must not stop a sweep.
  void sweep(std::size_t to_do);
  void begin(std::size_t run);
  void epoch(std::size_t run, const EpochReport& report);
  void end(std::size_t run, const RunRecord& record, double value);
  void finish(std::size_t ran);

 private:
  void write(const std::string& line);

  const Plan& plan_;
  int fd_;
  std::mutex mutex_;
};

}  // namespace unroll
