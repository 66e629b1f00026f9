// unroll status: how far a sweep is, from its journal; works while the sweep runs.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/error.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/quantity.h"
#include "cli/record_keeper.h"
#include "cli/run_board.h"
#include "cli/stop_signals.h"
#include "cli/sweep_journals.h"
#include "report/grid.h"
#include "report/text_table.h"
#include "store/journal_names.h"
#include "store/results.h"

namespace unroll {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr RunState kStates[] = {RunState::kDone, RunState::kDiverged, RunState::kFailed, RunState::kPruned,
                                RunState::kMissing};
constexpr std::size_t kMostFailures = 10;  // shown as text

constexpr std::size_t kPaceRuns = 50;  // the last ones, that the pace is worked out from
constexpr double kPaceQuiet = 20.0;    // as many times the usual pause without a run: nothing runs
constexpr std::chrono::seconds kWatchPause{2};

// How each planned run ended.
struct SweepStatus {
  Manifest manifest;
  std::vector<RunState> states;
  std::vector<std::string> messages;  // of runs that failed
  std::vector<double> ends;           // Unix seconds, of the finished runs that say so
  std::size_t journals = 0;
  std::size_t conflicts = 0;

  // Of the last runs; nothing if none has ended lately.
  std::optional<double> runs_per_second(double now) const {
    std::vector<double> last = ends;
    const std::size_t n = std::min(last.size(), kPaceRuns);
    if (n < 2) return std::nullopt;
    std::partial_sort(last.begin(), last.begin() + static_cast<std::ptrdiff_t>(n), last.end(),
                      std::greater<>());
    const double span = last[0] - last[n - 1];
    if (!(span > 0.0)) return std::nullopt;
    const double pace = static_cast<double>(n - 1) / span;
    return (now - last[0]) * pace > kPaceQuiet ? std::nullopt : std::optional(pace);
  }
};

using Counts = std::map<RunState, std::size_t>;

double unix_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// Reads the journals again and again, each time only what is new.
class JournalStatus {
 public:
  explicit JournalStatus(const fs::path& results) : sweep_(results) {
    status_.manifest = sweep_.manifest();
    status_.states.assign(status_.manifest.run_ids.size(), RunState::kMissing);
    status_.messages.resize(status_.states.size());
  }

  const SweepStatus& read() {
    sweep_.update([&](std::size_t run, const RunRecord& record) {
      status_.states[run] = record.state;
      status_.messages[run] = record.state == RunState::kFailed ? record.message : std::string();
      const std::vector<double>& start = record[Metric::kStartTime];
      const std::vector<double>& wall = record[Metric::kWallSeconds];
      if (start.size() == 1 && wall.size() == 1) status_.ends.push_back(start[0] + wall[0]);
    });
    status_.journals = sweep_.journals().size();
    status_.conflicts = sweep_.index().conflicts().size();
    return status_;
  }

 private:
  SweepJournals sweep_;
  SweepStatus status_;
};

SweepStatus from_results(const fs::path& file) {
  Results results = read_states(file);
  SweepStatus status;
  for (RunRecord& record : results.runs) {
    status.states.push_back(record.state);
    status.messages.push_back(std::move(record.message));
  }
  status.manifest = std::move(results.manifest);
  return status;
}

std::string value_text(const SettingColumn& column, std::size_t run) {
  return to_string(setting_value(column, run));
}

std::string run_text(const SweepStatus& status, std::size_t run) {
  std::string out;
  for (const SettingColumn& column : status.manifest.settings) {
    out += fmt::format("{}={} ", column.name, value_text(column, run));
  }
  return out + fmt::format("seed={}", status.manifest.replicate.at(run));
}

// Counts for each value of a setting, in the order of the plan.
std::vector<std::pair<std::string, Counts>> by_value(const SweepStatus& status, const SettingColumn& column) {
  std::vector<std::pair<std::string, Counts>> out;
  std::unordered_map<std::string, std::size_t> index;
  for (std::size_t run = 0; run < status.states.size(); ++run) {
    const std::string value = value_text(column, run);
    const auto [at, is_new] = index.try_emplace(value, out.size());
    if (is_new) out.push_back({value, {}});
    ++out[at->second].second[status.states[run]];
  }
  return out;
}

Counts all_counts(const SweepStatus& status) {
  Counts counts;
  for (const RunState state : status.states) ++counts[state];
  return counts;
}

std::size_t total(const Counts& counts) {
  std::size_t sum = 0;
  for (const auto& [state, n] : counts) sum += n;
  return sum;
}

Json counts_json(Counts counts) {
  Json json;
  json["planned"] = total(counts);
  for (const RunState state : kStates) json[std::string(state_name(state))] = counts[state];
  return json;
}

std::vector<std::string> cells(std::string first, std::string second, Counts counts) {
  std::vector<std::string> out = {std::move(first), std::move(second), fmt::format("{}", total(counts))};
  for (const RunState state : kStates)
    out.push_back(counts[state] > 0 ? fmt::format("{}", counts[state]) : "");
  return out;
}

std::string status_text(const SweepStatus& status, std::size_t width) {
  std::vector<TextColumn> columns = {{"setting", true}, {"value", true}, {"planned"}};
  for (const RunState state : kStates) columns.push_back({std::string(state_name(state))});
  TextTable table(columns);
  table.add(cells("all", "", all_counts(status)));
  for (const SettingColumn& column : status.manifest.settings) {
    const auto values = by_value(status, column);
    if (values.size() > RunBoard::kMostValues) {
      table.add(cells(column.name, count(values.size(), "value"), all_counts(status)));
      continue;
    }
    bool first = true;
    for (const auto& [value, counts] : values) {
      table.add(cells(first ? column.name : "", value, counts));
      first = false;
    }
  }
  std::string out = fmt::format("{}\n\n{}", status.manifest.experiment, table.text(width));
  const std::size_t missing = all_counts(status)[RunState::kMissing];
  const std::optional<double> pace = status.runs_per_second(unix_seconds());
  if (pace && missing > 0) {
    out += fmt::format("\n{:.3g} runs/s, the rest in about {}\n", *pace,
                       duration_text(static_cast<double>(missing) / *pace));
  }
  if (status.journals > 1) out += fmt::format("\nfrom {}\n", count(status.journals, "journal"));
  if (status.conflicts > 0) {
    out += fmt::format("\n{} trained twice and not the same: 'unroll merge' names them\n",
                       count(status.conflicts, "run"));
  }
  std::size_t failures = 0;
  for (std::size_t run = 0; run < status.states.size(); ++run) {
    if (status.states[run] != RunState::kFailed || ++failures > kMostFailures) continue;
    if (failures == 1) out += "\nfailed:\n";
    out += fmt::format("  run {} ({}): {}\n", run, run_text(status, run), status.messages[run]);
  }
  if (failures > kMostFailures)
    out += fmt::format("  and {} more, all with --json\n", failures - kMostFailures);
  return out;
}

std::string status_json(const SweepStatus& status) {
  Json json = counts_json(all_counts(status));
  json["experiment"] = status.manifest.experiment;
  json["plan_hash"] = status.manifest.plan_hash;
  const std::optional<double> pace = status.runs_per_second(unix_seconds());
  json["runs_per_second"] = pace ? Json(*pace) : Json();
  json["eta_seconds"] =
      pace ? Json(static_cast<double>(all_counts(status)[RunState::kMissing]) / *pace) : Json();
  json["journals"] = status.journals;
  json["conflicts"] = status.conflicts;
  Json& settings = json["settings"] = Json::object();
  for (const SettingColumn& column : status.manifest.settings) {
    for (const auto& [value, counts] : by_value(status, column)) {
      settings[column.name][value] = counts_json(counts);
    }
  }
  json["failures"] = Json::array();
  for (std::size_t run = 0; run < status.states.size(); ++run) {
    if (status.states[run] != RunState::kFailed) continue;
    json["failures"].push_back({{"run", run},
                                {"run_id", status.manifest.run_ids.at(run)},
                                {"settings", run_text(status, run)},
                                {"message", status.messages[run]}});
  }
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

// Until nothing is missing, or a signal comes.
int watch(JournalStatus& journals, bool json, Console& console) {
  constexpr std::string_view kHomeAndClear = "\x1b[H\x1b[J";
  constexpr std::chrono::milliseconds kSlice{100};
  StopSignals signals;
  while (true) {
    const SweepStatus& status = journals.read();
    if (console.output_live() && !json) console.print(kHomeAndClear);
    console.print(json ? status_json(status) : status_text(status, console.output_width()));
    if (!console.finish()) return kExitOk;  // nobody reads any more
    if (all_counts(status)[RunState::kMissing] == 0) return kExitOk;
    for (auto waited = kSlice * 0; waited < kWatchPause && !signals.stop(); waited += kSlice) {
      std::this_thread::sleep_for(kSlice);
    }
    if (signals.stop()) return kExitSignalBase + signals.signal();
  }
}

int show_status(const Arguments& arguments, Console& console) {
  const SweepFiles files = sweep_files(arguments.positional().at(0));
  const bool json = arguments.has("json");
  const bool has_journal = !journals_of(files.results).empty();
  if (!has_journal && !file_exists(files.results)) {
    throw FileError(files.results.string(), "there is neither this file nor a journal beside it");
  }
  std::optional<JournalStatus> journals;
  if (has_journal) journals.emplace(files.results);
  if (journals && arguments.has("watch")) return watch(*journals, json, console);
  const SweepStatus status = journals ? journals->read() : from_results(files.results);
  console.print(json ? status_json(status) : status_text(status, console.output_width()));
  return kExitOk;
}

constexpr Option kOptions[] = {
    {"watch", 'w', "", "show it again every two seconds until every run is finished"},
    {"json", 0, "", "print one JSON object: planned, done, diverged, failed, pruned, missing, and more"},
};
constexpr std::string_view kExamples[] = {"unroll status results/quickstart.h5"};

}  // namespace

extern const Command kStatusCommand = {
    "status",
    "show how far a sweep is: done, diverged, failed, missing, for each setting",
    "RESULTS.h5",
    1,
    1,
    kOptions,
    "Reads the journals beside the file, those of all shards, so it is right while the sweep runs; without a "
    "journal it reads the file. The time left comes from the pace of the last runs.",
    kExamples,
    show_status,
};

}  // namespace unroll
