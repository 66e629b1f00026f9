// unroll retry: trains runs of an experiment again that ended in a certain way.
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/command.h"
#include "cli/experiment_arguments.h"
#include "cli/run_command.h"

namespace unroll {
namespace {

constexpr RunState kRetried[] = {RunState::kFailed, RunState::kDiverged, RunState::kPruned};

int retry_experiment(const Arguments& arguments, Console& console) {
  std::vector<RunState> states;
  for (const RunState state : kRetried) {
    if (arguments.has(state_name(state))) states.push_back(state);
  }
  if (states.empty()) {
    throw UsageError("", "which runs? Give --failed, --diverged or --pruned",
                     "'unroll run' trains those that are missing");
  }
  return train_experiment(arguments, console, states);
}

constexpr Option kOptions[] = {
    {"failed", 0, "", "runs that failed"},
    {"diverged", 0, "", "runs that diverged"},
    {"pruned", 0, "", "runs that were pruned"},
    kOutOption,
    kJobsOption,
    kSetOption,
    kCheckpointOption,
    kWatchOption,
    kQuietOption,
    kJsonOption,
    kEventsOption,
    kIsaOption,
};
constexpr std::string_view kExamples[] = {"unroll retry experiments/quickstart.yaml --failed"};

}  // namespace

extern const Command kRetryCommand = {
    "retry",
    "train the runs of an experiment again that failed, diverged or were pruned",
    "FILE.yaml [KEY=VALUE ...]",
    1,
    10000,
    kOptions,
    "What is better counts: a run that is done now replaces one that failed, and one that fails again leaves "
    "the earlier result. A diverged run that is trained by the same program diverges again. Exit codes as of "
    "'unroll run'.",
    kExamples,
    retry_experiment,
};

}  // namespace unroll
