// unroll run: trains every run of an experiment that is not finished yet.
#include <fmt/format.h>

#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/shell.h"
#include "cli/build_info.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/experiment_arguments.h"
#include "cli/forecast.h"
#include "cli/overwriting.h"
#include "cli/plan_text.h"
#include "cli/quantity.h"
#include "cli/record_keeper.h"
#include "cli/run_command.h"
#include "cli/shard.h"
#include "cli/stop_signals.h"
#include "cli/sweep_text.h"
#include "cli/sweep_work.h"
#include "cli/train_sweep.h"
#include "report/text_table.h"
#include "store/journal_names.h"
#include "store/posix_file.h"

namespace unroll {
namespace {

// "quickstart: 30 runs = 3 cells x 2 seq_len x 5 seeds, about 12 s on 2 cores"
void announce(Console& console, const Plan& plan, const RecordKeeper& keeper, const SweepWork& work,
              std::size_t workers) {
  const std::size_t finished = work.finished(keeper.states());
  std::string size = fmt::format("{}: {}", plan.name, size_text(plan));
  if (!work.shard.whole()) {
    size += fmt::format("; shard {} has {} of them", work.shard.text(), work.mine.size());
  }
  if (keeper.taken_over() > 0) {
    console.note(fmt::format("{} taken over from the results file: not in a journal",
                             count(keeper.taken_over(), "finished run")));
  }
  if (keeper.unplanned() > 0) {
    console.note(fmt::format(
        "{} of the journal not in this plan{}: kept there, left out of the results file",
        count(keeper.unplanned(), "run"),
        keeper.outdated() ? ", though of the same settings: their data or the version of unroll were others"
                          : ""));
  }
  if (finished > 0 && !keeper.changed_provenance().empty()) {
    console.note("finished runs differ from this program and machine in " + keeper.changed_provenance());
  }
  if (work.todo.empty()) {
    console.note(size);
    console.note("nothing to do: " + work.why_nothing(keeper.states()));
    return;
  }
  const Forecast future = forecast(plan, work.todo, workers, keeper.rate());
  std::string time = "on " + count(workers, "core");
  const std::string early = early_terminate_text(plan);
  if (future.seconds) {
    time = fmt::format("about {} {}", duration_text(*future.seconds), time);
  }
  if (!early.empty()) size += ", " + early;
  console.note(finished == 0
                   ? fmt::format("{}, {}", size, time)
                   : fmt::format("{}; {} finished, {} to do, {}", size, finished, work.todo.size(), time));
  if (future.too_large > 0) console.warn("warning: " + too_large_text(future.too_large));
}

struct Ending {
  StateCounts counts{};
  SweepOutcome outcome;
  std::size_t left = 0;  // of the runs to train, those that have not ended
  int signal = 0;
  std::string next;  // the command to type
  std::vector<RunConflict> conflicts;

  bool complete() const { return left == 0 && outcome.error.empty(); }

  int code() const {
    if (signal != 0) return kExitSignalBase + signal;
    const bool failed = counts[static_cast<std::size_t>(RunState::kFailed)] > 0;
    return failed || !outcome.error.empty() || !conflicts.empty() ? kExitFailed : kExitOk;
  }
};

std::string to_json(const Plan& plan, const SweepFiles& files, const SweepWork& work, const Ending& end) {
  nlohmann::ordered_json json;
  json["experiment"] = plan.name;
  json["results"] = files.results.string();
  json["journal"] = files.journal.string();
  if (!work.shard.whole()) json["shard"] = work.shard.text();
  json["planned"] = work.mine.size();
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
  json["train_seconds"] = end.outcome.train_seconds;
  json["record_seconds"] = end.outcome.record_seconds;
  json["signal"] = end.signal;
  json["next"] = end.next;
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

void conclude(Console& console, const Plan& plan, const SweepFiles& files, const SweepWork& work,
              const Ending& end) {
  const std::size_t planned = work.mine.size();
  const SchedulerReport& report = end.outcome.report;
  if (end.outcome.ran > 0) {
    console.note(fmt::format(
        "{} in {} ({:.1f} runs/s, {:.0f}% core efficiency on {}); of {}: {}", count(end.outcome.ran, "run"),
        duration_text(report.wall_seconds), static_cast<double>(end.outcome.ran) / report.wall_seconds,
        100.0 * report.efficiency(), count(report.workers, "core"), planned, counts_text(end.counts)));
  }
  if (end.outcome.record_seconds > 0.0) {
    console.note(fmt::format("gradient statistics took {}% of the training time",
                             percent_text(end.outcome.record_seconds / end.outcome.train_seconds)));
  }
  for (const RunConflict& conflict : end.conflicts) console.warn("warning: " + conflict_text(plan, conflict));
  if (!end.outcome.error.empty()) {
    console.warn(fmt::format("{} {}", console.paint_error("error:", Paint::kRed), end.outcome.error));
  } else if (end.outcome.too_many_failures) {
    console.warn(fmt::format("the sweep stopped: {} failed (sweep.max_fails)", count(plan.max_fails, "run")));
  }
  if (!end.outcome.error.empty()) {
    console.warn("what is in the journal is safe; to continue when that is mended:");
  } else if (end.left > 0) {
    const std::string so_far =
        work.retries()
            ? fmt::format("{} of {} trained again", end.outcome.ran, count(work.todo.size(), "run"))
            : fmt::format("{} of {} finished", planned - end.left, count(planned, "run"));
    console.warn(fmt::format("stopped with {}, safe in {}; to continue:", so_far, files.journal.string()));
  } else if (end.counts[0] > 0) {
    console.note(
        fmt::format("{} of {} missing; to train what is missing:", end.counts[0], count(planned, "run")));
  } else if (!work.shard.whole()) {
    console.note(fmt::format("shard {} is in {}; when all shards are done:", work.shard.text(),
                             files.journal.string()));
  } else {
    console.note(fmt::format("results in {}; next:", files.results.string()));
  }
  end.complete() ? console.note("  " + end.next) : console.warn("  " + end.next);
}

// A new journal would hide that the name is mistyped.
void need_sweep(const SweepFiles& files) {
  if (!journals_of(files.results).empty() || file_exists(files.results)) return;
  throw UsageError(files.results.string(),
                   "there is no such sweep: neither this file nor a journal beside it",
                   "name its results file with --out; 'unroll run' trains what is missing");
}

// The command that trains what is missing, and with --only one run alone.
std::string repeat_command(const Arguments& arguments) {
  return fmt::format("{} run {}", shell_word(arguments.program()),
                     run_arguments(arguments, 0, {"out", "isa"}));
}

std::string next_command(const Arguments& arguments, const SweepFiles& files, const SweepWork& work,
                         const Ending& end) {
  if (!end.complete()) return arguments.retyped({"--fresh", "--salvage"});
  if (end.counts[0] > 0) return repeat_command(arguments);
  return fmt::format("{} {} {}", shell_word(arguments.program()), work.shard.whole() ? "compare" : "merge",
                     shell_word(files.results.string()));
}

void check_combination(const Arguments& arguments) {
  for (const char* other : {"fresh", "only"}) {
    if (arguments.has("shard") && arguments.has(other)) {
      throw UsageError("--shard", fmt::format("does not go with --{}", other),
                       "the other shards work with the same files");
    }
  }
  if (arguments.has("watch") && arguments.has("quiet"))
    throw UsageError("--watch", "does not go with --quiet");
}

// What a sweep reads, and what it writes besides events.
std::vector<std::filesystem::path> files_in_use(const Arguments& arguments, const Plan& plan,
                                                const SweepFiles& files) {
  std::vector<std::filesystem::path> used = {files.results, arguments.positional().at(0)};
  std::set<std::string> data;
  for (const PlannedRun& run : plan.runs) {
    const TaskConfig& task = run.config.task;
    data.insert({task.file, task.test_file, task.target_file});
  }
  data.erase("");
  used.insert(used.end(), data.begin(), data.end());
  return used;
}

double checkpoint_seconds(const Arguments& arguments) {
  return static_cast<double>(arguments.count("checkpoint").value_or(60));
}

}  // namespace

int train_experiment(const Arguments& arguments, Console& console, const std::vector<RunState>& states) {
  console.set_quiet(arguments.has("quiet"));
  check_combination(arguments);
  const Plan plan = load_experiment(arguments);
  const Shard shard = arguments.has("shard") ? parse_shard(*arguments.text("shard")) : Shard();
  if (!shard.whole()) refuse_early_terminate(plan, "--shard");
  const std::size_t workers = worker_count(arguments);
  if (arguments.has("dry-run")) {
    console.print(arguments.has("json") ? plan_json(plan, workers) : plan_text(plan, workers, false));
    return kExitOk;
  }
  // All that can be wrong with the command line is told before files are moved or made.
  const SweepFiles files = sweep_files(arguments.text("out").value_or("results/" + plan.name + ".h5"), shard);
  SweepWork work(plan, shard, states, arguments.text("only"));
  if (work.retries()) need_sweep(files);
  const Checkpoints checkpoints(files.unfinished, program_identity());
  const SweepOptions options{workers,
                             &checkpoints,
                             checkpoint_seconds(arguments),
                             arguments.has("watch"),
                             repeat_command(arguments),
                             !work.one && !work.retries()};  // what is asked for is trained to its end
  std::optional<EventLog> events;
  if (const auto file = arguments.text("events")) {
    refuse_to_overwrite(files_in_use(arguments, plan, files), "events", *file);
    events.emplace(*file, plan, [&](const std::string& lost) { console.warn("warning: " + lost); });
  }
  if (arguments.has("fresh")) {
    for (const std::string& moved : set_aside(files)) console.note(moved);
  }
  StopSignals signals;
  RecordKeeper keeper(plan, files, {arguments.has("salvage"), shard});
  work.choose(keeper.states());
  announce(console, plan, keeper, work, workers);
  Ending end;
  if (!work.todo.empty()) {
    end.outcome = train_sweep(plan, work.todo, options, keeper, signals, console, train_run,
                              events ? &*events : nullptr);
  }
  try {
    keeper.finish();
  } catch (const FileError& e) {
    if (end.outcome.error.empty()) end.outcome.error = e.what();
  }
  end.signal = signals.signal();
  end.counts = count_states(keeper.states(), work.mine);
  end.left = work.todo.size() - end.outcome.ran;
  end.conflicts = keeper.conflicts();
  if (end.left == 0) end.signal = 0;  // it came too late to stop anything
  end.next = next_command(arguments, files, work, end);
  conclude(console, plan, files, work, end);
  if (arguments.has("json")) console.print(to_json(plan, files, work, end));
  return end.code();
}

namespace {

int run_experiment(const Arguments& arguments, Console& console) {
  return train_experiment(arguments, console, {RunState::kMissing});
}

constexpr Option kOptions[] = {
    kOutOption,
    kJobsOption,
    kSetOption,
    {"fresh", 0, "", "begin anew: the files of an earlier sweep are moved aside, not deleted"},
    {"salvage", 0, "",
     "go on with the sound records of a damaged journal; the damaged file is kept beside it"},
    {"shard", 0, "I/N",
     "train part I of N, counted from 0, into a journal of its own; 'auto/N' takes the part from the job "
     "array of Slurm, PBS, SGE, LSF or Kubernetes, and 'auto' the count as well from a whole array of Slurm "
     "or SGE; 'unroll merge' joins the parts"},
    {"only", 0, "ID", "train this run alone, finished or not; the first digits of its id are enough"},
    kCheckpointOption,
    kWatchOption,
    kQuietOption,
    kJsonOption,
    kEventsOption,
    kIsaOption,
    {"dry-run", 'n', "", "show the plan, as 'unroll plan' does, and train nothing"},
};
constexpr std::string_view kExamples[] = {
    "unroll run experiments/quickstart.yaml",
    "unroll run experiments/quickstart.yaml --shard 0/4 --out results/parts.h5",
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
    "others go on. A long run that was stopped goes on where it was. Exit code: 0 all good, 1 "
    "some runs failed, 2 the experiment or the command line is wrong, 4 another process is at the same sweep "
    "or "
    "shard, 130 stopped by Ctrl-C.",
    kExamples,
    run_experiment,
};

}  // namespace unroll
