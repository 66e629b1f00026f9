// `run --events FILE`: what happens in a sweep as JSON Lines, for programs that watch it.
//   {"event": "sweep", "schema": 1, "time": ..., "experiment": ..., "planned": 30, "to_do": 30, "metric":
//   ...}
//   {"event": "begin", "time": ..., "run": 3, "run_id": ..., "settings": {"cell": "lstm"}, "seed": 0}
//   {"event": "epoch", "time": ..., "run": 3, "epoch": 1, "epochs": 4, "train_loss": ..., "valid_loss": ...}
//   {"event": "end", "time": ..., "run": 3, "state": "done", "message": "", "value": ..., "seconds": ...}
//   {"event": "finish", "time": ..., "ran": 30}
// Times are seconds since 1970; null = not finite. A line is written whole, with one write().
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>

#include "sweep/plan.h"
#include "train/run_record.h"
#include "train/trainer.h"

namespace unroll {

inline constexpr int kEventSchema = 1;

class EventLog {
 public:
  // Appends to the file, which may be a pipe. warn: told once if events are lost. Throws FileError.
  EventLog(std::filesystem::path path, const Plan& plan, std::function<void(const std::string&)> warn);
  ~EventLog();
  EventLog(const EventLog&) = delete;
  EventLog& operator=(const EventLog&) = delete;

  // All are thread-safe. After a failed write nothing more is written: events must not stop a sweep. A reader
  // that has gone is no failure, and events go on for the next one.
  void sweep(std::size_t to_do);
  void begin(std::size_t run);
  void epoch(std::size_t run, const EpochReport& report);
  void end(std::size_t run, const RunRecord& record, double value);
  void finish(std::size_t ran);

 private:
  void write(const std::string& line);
  void give_up(off_t start, int error);

  const std::filesystem::path path_;
  const Plan& plan_;
  const std::function<void(const std::string&)> warn_;
  int fd_;
  bool failed_ = false;
  std::mutex mutex_;
};

}  // namespace unroll
