// unroll run: trains every run of an experiment that is not finished yet.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/experiment_arguments.h"
#include "cli/forecast.h"
#include "cli/plan_text.h"
#include "cli/quantity.h"
#include "cli/record_keeper.h"
#include "cli/stop_signals.h"
#include "cli/sweep_text.h"
#include "cli/train_sweep.h"
#include "report/text_table.h"

namespace unroll {
namespace {

// How many runs are in each state; the index is the state's value.
using StateCounts = std::array<std::size_t, 5>;

StateCounts count_states(const std::vector<RunRecord>& records) {
  StateCounts counts{};
  for (const RunRecord& record : records) ++counts.at(static_cast<std::size_t>(record.state));
  return counts;
}

std::string counts_text(const StateCounts& counts) {
  std::vector<std::string> parts;
  for (std::size_t s = 1; s < counts.size(); ++s) {
    if (counts[s] > 0) parts.push_back(fmt::format("{} {}", counts[s], state_name(static_cast<RunState>(s))));
  }
  return parts.empty() ? "none finished" : fmt::format("{}", fmt::join(parts, ", "));
}

// "quickstart: 30 runs = 3 cells x 2 seq_len x 5 seeds, about 12 s on 2 cores"
void announce(Console& console, const Plan& plan, const RecordKeeper& keeper,
              const std::vector<std::size_t>& todo, std::size_t workers) {
  const std::size_t finished = plan.runs.size() - todo.size();
  const std::string size = fmt::format("{}: {}", plan.name, size_text(plan));
  if (keeper.taken_over() > 0) {
    console.note(fmt::format("without a journal, {} are taken over from the results file",
                             count(keeper.taken_over(), "finished run")));
  }
  if (keeper.unplanned() > 0) {
    console.note(
        fmt::format("{} of the journal are not in this plan: kept there, left out of the results file",
                    count(keeper.unplanned(), "run")));
  }
  if (finished > 0 && !keeper.changed_provenance().empty()) {
    console.note("finished runs differ from this program and machine in " + keeper.changed_provenance());
  }
  if (todo.empty()) {
    console.note(size);
    console.note(fmt::format("nothing to do: all {} are finished ({})", count(finished, "run"),
                             counts_text(count_states(keeper.records()))));
    return;
  }
  const Forecast future = forecast(plan, todo, workers, observed_rate(keeper.records()));
  std::string time = "on " + count(workers, "core");
  if (future.seconds) time = fmt::format("about {} {}", duration_text(*future.seconds), time);
  console.note(finished == 0
                   ? fmt::format("{}, {}", size, time)
                   : fmt::format("{}; {} finished, {} to do, {}", size, finished, todo.size(), time));
  if (future.too_large > 0) console.warn("warning: " + too_large_text(future.too_large));
}

struct Ending {
  StateCounts counts{};
  SweepOutcome outcome;
  int signal = 0;
  std::string next;  // the command to type

  bool complete() const { return counts[0] == 0 && outcome.error.empty(); }

  int code() const {
    if (signal != 0) return kExitSignalBase + signal;
    const bool failed = counts[static_cast<std::size_t>(RunState::kFailed)] > 0;
    return failed || !outcome.error.empty() ? kExitFailed : kExitOk;
  }
};

std::string to_json(const Plan& plan, const SweepFiles& files, const Ending& end) {
  nlohmann::ordered_json json;
  json["experiment"] = plan.name;
  json["results"] = files.results.string();
  json["journal"] = files.journal.string();
  json["planned"] = plan.runs.size();
  for (std::size_t s = 1; s < end.counts.size(); ++s) {
    json[std::string(state_name(static_cast<RunState>(s)))] = end.counts[s];
  }
  json["missing"] = end.counts[0];
  json["ran"] = end.outcome.ran;
  json["wall_seconds"] = end.outcome.report.wall_seconds;
  json["runs_per_second"] = end.outcome.report.wall_seconds > 0.0
                                ? static_cast<double>(end.outcome.ran) / end.outcome.report.wall_seconds
                                : 0.0;
  json["workers"] = end.outcome.report.workers;
  json["core_efficiency"] = end.outcome.report.efficiency();
  json["signal"] = end.signal;
  json["next"] = end.next;
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

void conclude(Console& console, const Plan& plan, const SweepFiles& files, const Ending& end) {
  const SchedulerReport& report = end.outcome.report;
  if (end.outcome.ran > 0) {
    console.note(fmt::format("{} in {} ({:.1f} runs/s, {:.0f}% core efficiency on {}); of {}: {}",
                             count(end.outcome.ran, "run"), duration_text(report.wall_seconds),
                             static_cast<double>(end.outcome.ran) / report.wall_seconds,
                             100.0 * report.efficiency(), count(report.workers, "core"), plan.runs.size(),
                             counts_text(end.counts)));
  }
  if (!end.outcome.error.empty()) {
    console.warn(fmt::format("{} {}", console.paint_error("error:", Paint::kRed), end.outcome.error));
  } else if (end.outcome.too_many_failures) {
    console.warn(fmt::format("the sweep stopped: {} failed (sweep.max_fails)", count(plan.max_fails, "run")));
  }
  if (!end.outcome.error.empty()) {
    console.warn("what is in the journal is safe; to continue when that is mended:");
  } else if (end.counts[0] > 0) {
    console.warn(fmt::format(
        "stopped with {} of {} finished, safe in {}; to continue:", plan.runs.size() - end.counts[0],
        count(plan.runs.size(), "run"), files.journal.string()));
  } else {
    console.note(fmt::format("results in {}; next:", files.results.string()));
  }
  end.complete() ? console.note("  " + end.next) : console.warn("  " + end.next);
}

int run_experiment(const Arguments& arguments, Console& console) {
  console.set_quiet(arguments.has("quiet"));
  const Plan plan = load_experiment(arguments);
  const std::size_t workers = worker_count(arguments);
  if (arguments.has("dry-run")) {
    console.print(arguments.has("json") ? plan_json(plan, workers) : plan_text(plan, workers, false));
    return kExitOk;
  }
  const SweepFiles files = sweep_files(arguments.text("out").value_or("results/" + plan.name + ".h5"));
  if (arguments.has("fresh")) {
    for (const std::string& moved : set_aside(files)) console.note(moved);
  }
  StopSignals signals;
  RecordKeeper keeper(plan, files, arguments.has("salvage"));
  std::vector<std::size_t> todo;
  for (std::size_t i = 0; i < plan.runs.size(); ++i) {
    if (keeper.records()[i].state == RunState::kMissing) todo.push_back(i);
  }
  announce(console, plan, keeper, todo, workers);
  Ending end;
  std::optional<EventLog> events;
  if (const auto file = arguments.text("events")) events.emplace(*file, plan);
  if (!todo.empty()) {
    end.outcome =
        train_sweep(plan, todo, workers, keeper, signals, console, train_run, events ? &*events : nullptr);
  }
  try {
    keeper.finish();
  } catch (const FileError& e) {
    if (end.outcome.error.empty()) end.outcome.error = e.what();
  }
  end.signal = signals.signal();
  end.counts = count_states(keeper.records());
  end.next = end.complete() ? fmt::format("{} compare {}", shell_word(arguments.program()),
                                          shell_word(files.results.string()))
                            : arguments.retyped({"--fresh", "--salvage"});
  if (end.counts[0] == 0) end.signal = 0;  // it came too late to stop anything
  conclude(console, plan, files, end);
  if (arguments.has("json")) console.print(to_json(plan, files, end));
  return end.code();
}

constexpr Option kOptions[] = {
    {"out", 'o', "FILE.h5", "results file; the journal is beside it; the default is results/NAME.h5"},
    kJobsOption,
    kSetOption,
    {"fresh", 0, "", "begin anew: the files of an earlier sweep are moved aside, not deleted"},
    {"salvage", 0, "",
     "go on with the sound records of a damaged journal; the damaged file is kept beside it"},
    {"quiet", 'q', "", "print nothing but errors"},
    {"json", 0, "", "print one JSON object about the sweep on the standard output at the end"},
    {"events", 0, "FILE", "append what happens as JSON Lines: begin, epoch and end of each run"},
    kIsaOption,
    {"dry-run", 'n', "", "show the plan, as 'unroll plan' does, and train nothing"},
};
constexpr std::string_view kExamples[] = {
    "unroll run experiments/quickstart.yaml",
    "unroll run experiments/sunspots.yaml -j 4 --set train.epochs=50 --out results/long.h5",
};

}  // namespace

extern const Command kRunCommand = {
    "run",
    "train every run of an experiment that is not finished yet",
    "FILE.yaml [KEY=VALUE ...]",
    1,
    10000,
    kOptions,
    "Each finished run is safe in the journal at once, and results.h5 is made from it. Running the same "
    "command "
    "again continues where it stopped: after Ctrl-C, a crash or a power cut. A run that fails is recorded "
    "and the "
    "others go on. Exit code: 0 all good, 1 some runs failed, 2 the experiment or the command line is wrong, "
    "130 "
    "stopped by Ctrl-C.",
    kExamples,
    run_experiment,
};

}  // namespace unroll
