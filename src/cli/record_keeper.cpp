#include "cli/record_keeper.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <unordered_map>
#include <utility>

#include "base/error.h"
#include "cli/sweep_text.h"

namespace unroll {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kShortestInterval{5};
constexpr int kIntervalFactor = 20;

Results empty_results(const Plan& plan) {
  Results results;
  results.manifest = make_manifest(plan);
  results.runs.resize(plan.runs.size());
  return results;
}

using Positions = std::unordered_map<std::string, std::size_t>;

Positions positions(const std::vector<std::string>& ids) {
  Positions out;
  for (std::size_t i = 0; i < ids.size(); ++i) out.emplace(ids[i], i);
  return out;
}

// The files, once the folder that they are in exists.
SweepFiles in_their_folder(SweepFiles files) {
  const fs::path folder = files.results.parent_path();
  std::error_code error;
  if (!folder.empty()) fs::create_directories(folder, error);
  if (error) throw FileError(folder.string(), "cannot make this folder: " + error.message());
  return files;
}

// Another process that writes to the journal holds its lock.
void refuse_if_in_use(const fs::path& journal) {
  const int fd = ::open(journal.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  const bool locked = ::flock(fd, LOCK_EX | LOCK_NB) != 0;
  ::close(fd);
  if (locked) throw FileError(journal.string(), "another process is writing to this journal");
}

}  // namespace

SweepFiles sweep_files(const fs::path& results) {
  if (results.extension() != ".h5") {
    throw UsageError(results.string(), "a results file has a name that ends in .h5");
  }
  return {results, fs::path(results).replace_extension(".journal")};
}

std::vector<std::string> set_aside(const SweepFiles& files) {
  refuse_if_in_use(files.journal);
  const auto aside = [](const fs::path& file, int n) {
    return fs::path(file).replace_filename(
        fmt::format("{}.old-{}{}", file.stem().string(), n, file.extension().string()));
  };
  int n = 1;
  while (fs::exists(aside(files.results, n)) || fs::exists(aside(files.journal, n))) ++n;
  std::vector<std::string> moved;
  for (const fs::path& file : {files.journal, files.results}) {
    if (!fs::exists(file)) continue;
    std::error_code error;
    fs::rename(file, aside(file, n), error);
    if (error) throw FileError(file.string(), "cannot be moved aside: " + error.message());
    moved.push_back(fmt::format("{} is now {}", file.string(), aside(file, n).string()));
  }
  return moved;
}

RecordKeeper::RecordKeeper(const Plan& plan, SweepFiles files, bool salvage)
    : files_(in_their_folder(std::move(files))),
      results_(empty_results(plan)),
      journal_(files_.journal, results_.manifest, salvage) {
  const Positions planned = positions(results_.manifest.run_ids);
  JournalContent content = journal_.take_content();
  if (content.records.empty() && fs::exists(files_.results)) {
    take_over_results();
    return;
  }
  compare_provenance(content.manifest);
  for (auto& [id, record] : content.records) {
    const auto found = planned.find(id);
    if (found == planned.end()) {
      ++unplanned_;
    } else {
      results_.runs[found->second] = std::move(record);  // the last record of a run counts
    }
  }
}

RecordKeeper::~RecordKeeper() = default;

void RecordKeeper::take_over_results() {
  Results old = read_results(files_.results);
  compare_provenance(old.manifest);
  const Positions planned = positions(results_.manifest.run_ids);
  for (std::size_t i = 0; i < old.runs.size(); ++i) {
    if (old.runs[i].state == RunState::kMissing) continue;
    journal_.append(old.manifest.run_ids[i], old.runs[i]);
    const auto found = planned.find(old.manifest.run_ids[i]);
    if (found == planned.end()) {
      ++unplanned_;
    } else {
      ++taken_over_;
      results_.runs[found->second] = std::move(old.runs[i]);
    }
  }
  journal_.sync();
}

void RecordKeeper::compare_provenance(const Manifest& earlier) {
  const auto value = [](const Manifest& manifest, std::string_view name) {
    for (const auto& [key, text] : manifest.provenance) {
      if (key == name) return text;
    }
    return std::string();
  };
  std::vector<std::string> changed;
  for (const char* name : {"version", "commit", "compiler", "isa"}) {
    const std::string before = value(earlier, name);
    const std::string now = value(results_.manifest, name);
    if (before != now) changed.push_back(fmt::format("{} ({}, now {})", name, before, now));
  }
  changed_provenance_ = fmt::format("{}", fmt::join(changed, ", "));
}

void RecordKeeper::add(std::size_t run, RunRecord record) {
  journal_.append(results_.manifest.run_ids[run], record);
  const std::lock_guard lock(mutex_);
  results_.runs[run] = std::move(record);
  changed_ = true;
}

void RecordKeeper::refresh() {
  Results copy;
  {
    const std::lock_guard lock(mutex_);
    if (!changed_) return;
    copy = results_;
    changed_ = false;
  }
  journal_.sync();  // the file never shows a run that the journal might lose
  write_results(files_.results, copy);
}

void RecordKeeper::start_refreshing(std::function<void(const std::string&)> warn) {
  refresher_ = std::jthread([this, warn = std::move(warn)](const std::stop_token& stop) {
    Clock::duration interval = kShortestInterval;
    std::unique_lock lock(wake_mutex_);
    while (!wake_.wait_for(lock, stop, interval, [&] { return stop.stop_requested(); })) {
      const Clock::time_point start = Clock::now();
      try {
        refresh();
      } catch (const Error& e) {
        warn(fmt::format("{} (the journal keeps every finished run)", e.what()));
      }
      interval = std::max<Clock::duration>(kShortestInterval, (Clock::now() - start) * kIntervalFactor);
    }
  });
}

bool RecordKeeper::published() const {
  if (!fs::exists(files_.results)) return false;
  Results old;
  try {
    old = read_results(files_.results);
  } catch (const FileError&) {
    return false;  // damaged, or not one of ours any more: made anew from the journal
  }
  if (old.manifest.run_ids != results_.manifest.run_ids) return false;
  for (std::size_t i = 0; i < old.runs.size(); ++i) {
    if (old.runs[i].state != results_.runs[i].state) return false;
  }
  return true;
}

void RecordKeeper::finish() {
  if (refresher_.joinable()) {
    refresher_.request_stop();
    refresher_.join();
  }
  journal_.sync();
  const bool anything = std::any_of(results_.runs.begin(), results_.runs.end(),
                                    [](const RunRecord& r) { return r.state != RunState::kMissing; });
  if (changed_ || (anything && !published())) {
    write_results(files_.results, results_);
    changed_ = false;
  }
  const bool complete = std::none_of(results_.runs.begin(), results_.runs.end(),
                                     [](const RunRecord& r) { return r.state == RunState::kMissing; });
  if (complete) journal_.seal();
}

}  // namespace unroll
