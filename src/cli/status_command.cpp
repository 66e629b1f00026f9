// unroll status: how far a sweep is, from its journal; works while the sweep runs.
#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/error.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/record_keeper.h"
#include "report/grid.h"
#include "report/text_table.h"
#include "store/journal.h"
#include "store/results.h"

namespace unroll {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr RunState kStates[] = {RunState::kDone, RunState::kDiverged, RunState::kFailed, RunState::kPruned,
                                RunState::kMissing};
constexpr std::size_t kMostFailures = 10;  // shown as text

// How each planned run ended.
struct SweepStatus {
  Manifest manifest;
  std::vector<RunState> states;
  std::vector<std::string> messages;
};

using Counts = std::map<RunState, std::size_t>;

SweepStatus from_journal(const fs::path& journal) {
  std::unordered_map<std::string, std::pair<RunState, std::string>> last;
  SweepStatus status;
  status.manifest = scan_journal(journal, [&](const std::string& id, RunRecord& record) {
                      last[id] = {record.state, std::move(record.message)};
                    }).manifest;
  for (const std::string& id : status.manifest.run_ids) {
    const auto found = last.find(id);
    status.states.push_back(found == last.end() ? RunState::kMissing : found->second.first);
    status.messages.push_back(found == last.end() ? std::string() : found->second.second);
  }
  return status;
}

SweepStatus from_results(const fs::path& file) {
  Results results = read_results(file);
  SweepStatus status;
  for (RunRecord& record : results.runs) {
    status.states.push_back(record.state);
    status.messages.push_back(std::move(record.message));
  }
  status.manifest = std::move(results.manifest);
  return status;
}

std::string value_text(const SettingColumn& column, std::size_t run) {
  return std::visit([&](const auto& values) { return to_string(AxisValue(values.at(run))); }, column.values);
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
    bool first = true;
    for (const auto& [value, counts] : by_value(status, column)) {
      table.add(cells(first ? column.name : "", value, counts));
      first = false;
    }
  }
  std::string out = fmt::format("{}\n\n{}", status.manifest.experiment, table.text(width));
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

int show_status(const Arguments& arguments, Console& console) {
  const SweepFiles files = sweep_files(arguments.positional().at(0));
  const bool has_journal = fs::exists(files.journal);
  if (!has_journal && !fs::exists(files.results)) {
    throw FileError(files.results.string(), "there is neither this file nor a journal beside it");
  }
  const SweepStatus status = has_journal ? from_journal(files.journal) : from_results(files.results);
  console.print(arguments.has("json") ? status_json(status) : status_text(status, console.output_width()));
  return kExitOk;
}

constexpr Option kOptions[] = {
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
    "Reads the journal beside the file, so it is right while the sweep runs; without a journal it reads the "
    "file.",
    kExamples,
    show_status,
};

}  // namespace unroll
