// unroll emit: the script that runs an experiment as a job array on a cluster.
#include <fmt/format.h>

#include <filesystem>
#include <string>

#include "base/error.h"
#include "base/shell.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/experiment_arguments.h"
#include "cli/record_keeper.h"
#include "cli/run_command.h"
#include "cli/shard.h"

namespace unroll {
namespace {

// What trains a shard: the same command as on one machine. `shard` is put in by the shell of the task.
std::string shard_command(const Arguments& arguments, const std::string& results, const std::string& shard) {
  return fmt::format("exec {} run {} --out {} --shard {}", shell_word(arguments.program()),
                     run_arguments(arguments, 1, {"isa", "jobs"}), shell_word(results), shard);
}

std::string slurm_script(const Arguments& arguments, const Plan& plan, std::size_t shards) {
  const std::string results = arguments.text("out").value_or("results/" + plan.name + ".h5");
  const SweepFiles files = sweep_files(results);
  const std::size_t cores = arguments.count("jobs").value_or(1);
  const std::string name = shell_word(plan.name);
  const std::string folder =
      shell_word(files.results.has_parent_path() ? files.results.parent_path().string() : ".");
  const auto log = [&](const char* end) {
    return shell_word(std::filesystem::path(files.results).replace_extension(end).string());
  };
  const std::string time =
      arguments.has("time") ? " --time=" + shell_word(*arguments.text("time")) : std::string();
  std::string out = "#!/bin/sh\n";
  out += fmt::format(
      "# Trains {} runs of {} as {} tasks of a Slurm job array, then joins their journals. Run it on a login "
      "node, in\n"
      "# the folder in which the paths below are right. Run it again after a failure or a time limit: what "
      "is\n"
      "# finished stays, and runs that were under way go on where they were.\n"
      "set -eu\n"
      "mkdir -p {}\n",
      plan.runs.size(), plan.name, shards, folder);
  // exec: the signal before the time limit reaches unroll itself, which then saves the runs under way.
  out += fmt::format(
      "array=$(sbatch --parsable --job-name={} --array=0-{} --cpus-per-task={}{} --requeue "
      "--open-mode=append \\\n"
      "  --signal=B:TERM@60 --output={} --wrap {})\n",
      name, shards - 1, cores, time, log(".shard-%a.log"),
      shell_word(shard_command(arguments, results, fmt::format("\"$SLURM_ARRAY_TASK_ID\"/{}", shards))));
  // afterany: a run that failed is a result, and merge itself refuses what is not complete.
  out += fmt::format(
      "sbatch --parsable --job-name={}-merge --dependency=afterany:\"$array\" --output={} \\\n"
      "  --wrap {}\n",
      name, log(".merge.log"),
      shell_word(fmt::format("exec {} merge {}", shell_word(arguments.program()), shell_word(results))));
  return out;
}

int emit(const Arguments& arguments, Console& console) {
  const std::string& engine = arguments.positional().at(0);
  if (engine != "slurm") {
    throw UsageError(engine, "there is no script for this engine",
                     "use: unroll emit slurm FILE.yaml --shards N; on other engines each of the N tasks of a "
                     "job array runs: unroll run FILE.yaml --shard auto/N");
  }
  const Plan plan = load_experiment(arguments, 1);
  refuse_early_terminate(plan, "--shards");
  const auto shards = arguments.count("shards");
  if (!shards)
    throw UsageError("--shards", "say how many tasks the array is to have", "10 to 60 minutes each are good");
  if (*shards > plan.runs.size()) {
    throw UsageError("--shards", fmt::format("{} are more than the {} runs", *shards, plan.runs.size()));
  }
  console.print(slurm_script(arguments, plan, *shards));
  return kExitOk;
}

constexpr Option kOptions[] = {
    {"shards", 0, "N", "tasks of the job array; 10 to 60 minutes of work each are good"},
    kOutOption,
    {"jobs", 'j', "N", "cores of each task; the default is 1"},
    {"time", 0, "LIMIT", "time limit of a task, as Slurm writes it: 02:00:00"},
    kSetOption,
    kIsaOption,
};
constexpr std::string_view kExamples[] = {"unroll emit slurm experiments/quickstart.yaml --shards 8 -j 4"};

}  // namespace

extern const Command kEmitCommand = {
    "emit",
    "print a script that runs an experiment as a job array on a cluster",
    "slurm FILE.yaml [KEY=VALUE ...]",
    2,
    10000,
    kOptions,
    "The script submits the array and a job that merges its journals. Nothing is submitted by unroll itself.",
    kExamples,
    emit,
};

}  // namespace unroll
