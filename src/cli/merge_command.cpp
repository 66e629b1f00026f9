// unroll merge: one results file from the journals of all shards.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

#include "base/error.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/experiment_arguments.h"
#include "cli/record_keeper.h"
#include "cli/run_command.h"
#include "cli/sweep_journals.h"
#include "cli/sweep_text.h"
#include "report/text_table.h"
#include "store/results.h"

namespace unroll {
namespace {

namespace fs = std::filesystem;

// The journals are of one plan, or that of the experiment is asked for.
void check_plans(const SweepJournals& sweep) {
  if (sweep.others().empty()) return;
  std::string names;
  for (const fs::path& journal : sweep.others()) names += (names.empty() ? "" : ", ") + journal.string();
  throw FileError(names, fmt::format("is of another plan than {}", sweep.journals().front().string()),
                  "give the experiment that counts: unroll merge RESULTS.h5 FILE.yaml; or move what does not "
                  "belong away");
}

void check_conflicts(const RunIndex& index, const Manifest& manifest) {
  if (index.conflicts().empty()) return;
  const RunConflict& first = index.conflicts().front();
  throw FileError(
      first.second.string(),
      fmt::format("run {} ({}) was trained twice and is not the same in {}: {} differs; {} in all", first.run,
                  manifest.run_ids.at(first.run), first.first.string(), first.what,
                  count(index.conflicts().size(), "such run")),
      "another program, instruction set or machine trained it ('unroll info', --isa): move the journal that "
      "does "
      "not count away");
}

// What only the results file has would be gone.
void check_results(const fs::path& results, const RunIndex& index) {
  const std::optional<Results> old = states_in_file(results);
  const std::size_t only_here = old ? rows_only_in(*old, index).size() : 0;
  if (only_here == 0) return;
  throw FileError(results.string(), fmt::format("has {} that no journal has", count(only_here, "run")),
                  "'unroll run FILE.yaml' takes them over and trains what is missing; or move the file away");
}

int merge(const Arguments& arguments, Console& console) {
  console.set_quiet(arguments.has("quiet"));
  if (arguments.has("set") && arguments.positional().size() < 2) {
    throw UsageError("--set", "there is no experiment to change",
                     "give it behind the results file: unroll merge RESULTS.h5 FILE.yaml --set KEY=VALUE");
  }
  const SweepFiles files = sweep_files(arguments.positional().at(0));
  SweepJournals sweep(files.results);
  Manifest manifest = sweep.manifest();
  std::optional<RunIndex> of_plan;
  sweep.update();
  if (arguments.positional().size() > 1) {
    manifest = make_manifest(load_experiment(arguments, 1));
    of_plan.emplace(manifest.run_ids);
    for (const fs::path& journal : sweep.journals()) of_plan->update(journal);
  } else {
    check_plans(sweep);
  }
  const RunIndex& index = of_plan ? *of_plan : sweep.index();
  check_conflicts(index, manifest);
  check_results(files.results, index);
  std::size_t missing = 0;
  for (std::size_t run = 0; run < index.size(); ++run)
    missing += index.state(run) == RunState::kMissing ? 1 : 0;
  if (missing > 0 && !arguments.has("partial")) {
    console.warn(fmt::format("{}: {} {} of {} missing", files.results.string(),
                             console.paint_error("error:", Paint::kRed), missing,
                             count(index.size(), "run")));
    console.warn(
        "  = help: start the shards again that did not finish ('unroll status' shows what is missing), or "
        "take what is there with --partial");
    return kExitUnmeasured;
  }
  write_results(
      files.results, manifest, [&](std::size_t run) -> const RunRecord& { return index.read(run); },
      index.made_from(manifest));
  console.note(fmt::format("{} of {} from {} in {}", index.size() - missing, count(index.size(), "run"),
                           count(sweep.journals().size(), "journal"), files.results.string()));
  return kExitOk;
}

constexpr Option kOptions[] = {
    {"partial", 0, "", "write the file although runs are missing: they have state 0 in it"},
    kSetOption,
    kQuietOption,
    kIsaOption,
};
constexpr std::string_view kExamples[] = {"unroll merge results/parts.h5 --partial"};

}  // namespace

extern const Command kMergeCommand = {
    "merge",
    "join the journals of all shards of a sweep into one results file",
    "RESULTS.h5 [FILE.yaml [KEY=VALUE ...]]",
    1,
    10000,
    kOptions,
    "The file is the one that an undivided sweep writes, bit for bit in everything but /measured and "
    "/provenance. "
    "Runs that two shards trained must be the same bits. With an experiment, its plan counts rather than "
    "that of "
    "the journals. Exit code: 0 written, 1 a journal is damaged, of another plan, or runs differ, or the "
    "file has runs that no journal has, 3 runs are missing.",
    kExamples,
    merge,
};

}  // namespace unroll
