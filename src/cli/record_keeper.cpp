#include "cli/record_keeper.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>
#include <limits>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/shell.h"
#include "cli/arguments.h"
#include "cli/changed_settings.h"
#include "cli/sweep_journals.h"
#include "cli/sweep_text.h"
#include "report/text_table.h"
#include "store/journal_names.h"
#include "store/posix_file.h"

namespace unroll {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kShortestInterval{5};
constexpr int kIntervalFactor = 20;

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
  if (locked) throw LockedError(journal.string(), "another process is writing to this journal");
}

}  // namespace

SweepFiles sweep_files(const fs::path& results, const Shard& shard) {
  if (results.extension() != ".h5") {
    throw UsageError(results.string(), "a results file has a name that ends in .h5");
  }
  return {results,
          shard.whole() ? journal_path(results) : shard_journal_path(results, shard.index, shard.count),
          fs::path(results).replace_extension(".unfinished")};
}

std::vector<std::string> set_aside(const SweepFiles& files) {
  std::vector<fs::path> old = journals_of(files.results);
  for (const fs::path& journal : old) refuse_if_in_use(journal);
  for (const fs::path& other : {files.results, files.unfinished}) {
    if (file_exists(other)) old.push_back(other);
  }
  const std::string stem = files.results.stem().string();
  const auto aside = [&](const fs::path& file, int n) {
    const std::string rest = file.filename().string().substr(stem.size());
    return fs::path(file).replace_filename(fmt::format("{}.old-{}{}", stem, n, rest));
  };
  int n = 1;
  while (
      std::any_of(old.begin(), old.end(), [&](const fs::path& file) { return file_exists(aside(file, n)); }))
    ++n;
  std::vector<std::string> moved;
  for (const fs::path& file : old) {
    std::error_code error;
    fs::rename(file, aside(file, n), error);
    if (error) throw FileError(file.string(), "cannot be moved aside: " + error.message());
    moved.push_back(fmt::format("{} is now {}", file.string(), aside(file, n).string()));
  }
  return moved;
}

RecordKeeper::RecordKeeper(const Plan& plan, SweepFiles files, const KeeperOptions& options)
    : files_(in_their_folder(std::move(files))),
      options_(options),
      manifest_(make_manifest(plan)),
      index_(manifest_.run_ids) {
  // Before anything is written: may this sweep go on with what is there? A damaged journal that is to be
  // salvaged can only be read once it is.
  read_journals(!options_.salvage, plan);
  journal_.emplace(files_.journal, manifest_, options_.salvage);
  if (options_.salvage) read_journals(true, plan);
  if (file_exists(files_.results)) take_over_results(plan);
  reset_states();
}

RecordKeeper::~RecordKeeper() = default;

void RecordKeeper::read_journals(bool all_of_own, const Plan& plan) {
  for (const fs::path& journal : journals_of(files_.results)) {
    if (journal == files_.journal && !all_of_own) continue;
    const std::size_t before = index_.unplanned();
    const std::optional<Manifest> manifest = index_.update(
        journal, [&](std::size_t run, const RunRecord& record) { note(plan, run, record); },
        options_.salvage);
    if (!manifest) continue;
    admit(*manifest, index_.unplanned() - before);
    if (index_.records() > 0) compare_provenance(*manifest);
  }
}

// A run may be noted more than once; only the rate feels it, and not by much.
void RecordKeeper::note(const Plan& plan, std::size_t run, const RunRecord& record) {
  if (record.state != RunState::kDone) return;
  const double value = metric_value(record, plan.metric);
  values_.resize(manifest_.run_ids.size(), kNoMetric);
  values_[run] = value;
  const bool better = !best_ || (plan.metric.minimize ? value < best_->first : value > best_->first);
  if (!std::isnan(value) && better) best_ = {value, run};
  const std::vector<double>& work = record[Metric::kFlops];
  const std::vector<double>& time = record[Metric::kWallSeconds];
  if (work.size() != 1 || time.size() != 1) return;
  flops_ += work[0];
  seconds_ += time[0];
}

std::optional<double> RecordKeeper::rate() const {
  if (!(seconds_ > 0.0) || !(flops_ > 0.0)) return std::nullopt;
  return flops_ / seconds_;
}

// The journals are gone, or were being filled from the file when the process was killed, or lost records to
// damage: whatever it was, the file is to be made anew and must lose nothing by it.
void RecordKeeper::take_over_results(const Plan& plan) {
  const bool only_copy = index_.records() + index_.unplanned() == 0;
  const std::optional<Results> states =
      only_copy ? read_states(files_.results) : states_in_file(files_.results);
  if (!states) return;  // the journals have what there is
  made_from_ = states->made_from;
  const std::vector<std::size_t> rows = rows_only_in(*states, index_);
  if (rows.empty()) return;
  const Results old = read_results(files_.results);
  std::size_t dropped = 0;
  for (const std::size_t row : rows) dropped += index_.find(old.manifest.run_ids[row]) ? 0 : 1;
  admit(old.manifest, dropped);
  compare_provenance(old.manifest);
  for (const std::size_t row : rows) journal_->append(old.manifest.run_ids[row], old.runs[row]);
  journal_->sync();
  index_.update(files_.journal, [&](std::size_t run, const RunRecord& record) { note(plan, run, record); });
  taken_over_ = rows.size() - dropped;
}

void RecordKeeper::admit(const Manifest& earlier, std::size_t dropped) {
  if (dropped == 0) return;
  outdated_ = outdated_ || earlier.resolved_yaml == manifest_.resolved_yaml;
  const std::vector<ChangedSetting> changes =
      changed_settings(earlier.resolved_yaml, manifest_.resolved_yaml);
  if (changes.empty()) return;
  std::string back;
  for (const ChangedSetting& change : changes) {
    if (!change.before.empty())
      back += fmt::format(" --set {}", shell_word(change.key + "=" + change.before));
  }
  if (!back.empty()) back = fmt::format("'{}' goes on with it; ", back.substr(1));
  throw UsageError(
      files_.results.string(),
      fmt::format("{} there had other settings: {}", count(dropped, "run"), changes_text(changes)),
      fmt::format("choose: --out OTHER.h5 keeps both; --fresh moves the earlier sweep aside; {}an axis of "
                  "sweep.parameters may have both values",
                  back));
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
    const std::string now = value(manifest_, name);
    if (before != now) changed.push_back(fmt::format("{} ({}, now {})", name, before, now));
  }
  if (!changed.empty()) changed_provenance_ = fmt::format("{}", fmt::join(changed, ", "));
}

// To what the journals are known to hold.
void RecordKeeper::reset_states() {
  const std::lock_guard lock(mutex_);
  states_.resize(index_.size());
  for (std::size_t run = 0; run < index_.size(); ++run) states_[run] = index_.state(run);
}

RunState RecordKeeper::state(std::size_t run) const {
  const std::lock_guard lock(mutex_);
  return states_[run];
}

std::vector<RunState> RecordKeeper::states() const {
  const std::lock_guard lock(mutex_);
  return states_;
}

void RecordKeeper::add(std::size_t run, const RunRecord& record) {
  journal_->append(manifest_.run_ids[run], record);
  const std::lock_guard lock(mutex_);
  if (state_rank(record.state) >= state_rank(states_[run])) states_[run] = record.state;
}

// The file never shows a run that the journal might lose: it is made from what can be read there.
void RecordKeeper::publish() {
  journal_->sync();
  for (const fs::path& journal : journals_of(files_.results)) index_.update(journal);
  if (!options_.shard.whole() || index_.records() == 0) return;
  const std::string made_from = index_.made_from(manifest_);
  if (made_from == made_from_ && file_exists(files_.results)) return;
  write_results(
      files_.results, manifest_, [this](std::size_t run) -> const RunRecord& { return index_.read(run); },
      made_from);
  made_from_ = made_from;
}

void RecordKeeper::start_refreshing(std::function<void(const std::string&)> warn) {
  if (!options_.shard.whole()) return;
  refresher_ = std::jthread([this, warn = std::move(warn)](const std::stop_token& stop) {
    Clock::duration interval = kShortestInterval;
    std::unique_lock lock(wake_mutex_);
    while (!wake_.wait_for(lock, stop, interval, [&] { return stop.stop_requested(); })) {
      const Clock::time_point start = Clock::now();
      try {
        publish();
      } catch (const std::exception& e) {  // also for lack of memory: the sweep goes on without
        warn(fmt::format("{} (the journal keeps every finished run)", e.what()));
      }
      interval = std::max<Clock::duration>(kShortestInterval, (Clock::now() - start) * kIntervalFactor);
    }
  });
}

void RecordKeeper::finish() {
  if (refresher_.joinable()) {
    refresher_.request_stop();
    refresher_.join();
  }
  try {
    journal_->sync();
  } catch (const FileError&) {
    index_.update(files_.journal);
    reset_states();
    throw;
  }
  publish();
  const bool complete = std::none_of(states_.begin(), states_.end(),
                                     [](RunState state) { return state == RunState::kMissing; });
  if (complete) journal_->seal();
}

double metric_value(const RunRecord& record, const PlanMetric& metric) {
  double best = std::numeric_limits<double>::quiet_NaN();
  const MetricInfo* info = find_metric(metric.name);
  if (info == nullptr) return best;
  for (const double value : record[info->id]) {
    if (std::isnan(best) || (metric.minimize ? value < best : value > best)) best = value;
  }
  return best;
}

}  // namespace unroll
