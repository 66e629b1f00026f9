#include "cli/event_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"

namespace unroll {
namespace {

using Json = nlohmann::ordered_json;

Json event(const char* name) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {{"event", name}, {"time", std::chrono::duration<double>(now).count()}};
}

std::string line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

EventLog::EventLog(std::filesystem::path path, const Plan& plan, std::function<void(const std::string&)> warn)
    : path_(std::move(path)),
      plan_(plan),
      warn_(std::move(warn)),
      fd_(open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666)) {
  if (fd_ < 0) throw FileError(path_.string(), std::string("cannot be written: ") + std::strerror(errno));
  std::signal(SIGPIPE, SIG_IGN);  // so that write() returns EPIPE
}

EventLog::~EventLog() {
  close(fd_);
}

void EventLog::write(const std::string& line) {
  const std::lock_guard lock(mutex_);
  if (failed_) return;
  const off_t start = ::lseek(fd_, 0, SEEK_END);  // -1 of a pipe
  std::size_t done = 0;
  while (done < line.size()) {
    const ssize_t n = ::write(fd_, line.data() + done, line.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      const int error = n == 0 ? EIO : errno;
      if (error != EPIPE) give_up(start, error);
      return;
    }
    done += static_cast<std::size_t>(n);
  }
}

// start: of the line that could not be written, of which nothing must stay.
void EventLog::give_up(off_t start, int error) {
  failed_ = true;
  std::string cut;
  if (start >= 0 && ::ftruncate(fd_, start) != 0) cut = ", and its last line is not whole";
  warn_(fmt::format("{}: no more events are written: {}{}; the sweep goes on", path_.string(),
                    std::strerror(error), cut));
}

void EventLog::sweep(std::size_t to_do) {
  Json json = event("sweep");
  json["schema"] = kEventSchema;
  json["experiment"] = plan_.name;
  json["planned"] = plan_.runs.size();
  json["to_do"] = to_do;
  json["metric"] = plan_.metric.name;
  write(line(json));
}

void EventLog::begin(std::size_t run) {
  const PlannedRun& planned = plan_.runs[run];
  Json json = event("begin");
  json["run"] = run;
  json["run_id"] = planned.id;
  json["settings"] = Json::object();
  for (std::size_t a = 0; a < plan_.axes.size(); ++a) {
    json["settings"][plan_.axes[a].name] = to_text(planned.settings[a]);
  }
  json["seed"] = planned.config.seed.replicate;
  write(line(json));
}

void EventLog::epoch(std::size_t run, const EpochReport& report) {
  Json json = event("epoch");
  json["run"] = run;
  json["epoch"] = report.epoch + 1;
  json["epochs"] = report.epochs;
  json["train_loss"] = report.train_loss;
  json["valid_loss"] = report.valid_loss;
  write(line(json));
}

void EventLog::end(std::size_t run, const RunRecord& record, double value) {
  Json json = event("end");
  json["run"] = run;
  json["state"] = state_name(record.state);
  json["message"] = record.message;
  json["value"] = value;
  const std::vector<double>& seconds = record[Metric::kWallSeconds];
  json["seconds"] = seconds.empty() ? Json() : Json(seconds[0]);
  write(line(json));
}

void EventLog::finish(std::size_t ran) {
  Json json = event("finish");
  json["ran"] = ran;
  write(line(json));
}

}  // namespace unroll
