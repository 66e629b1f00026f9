// unroll plan: shows every run of an experiment and what the sweep will take; trains nothing.
#include "cli/command.h"
#include "cli/console.h"
#include "cli/experiment_arguments.h"
#include "cli/plan_text.h"

namespace unroll {
namespace {

int show_plan(const Arguments& arguments, Console& console) {
  const Plan plan = load_experiment(arguments);
  const std::size_t workers = worker_count(arguments);
  console.print(arguments.has("json") ? plan_json(plan, workers)
                                      : plan_text(plan, workers, arguments.has("all")));
  return kExitOk;
}

constexpr Option kOptions[] = {
    {"all", 'a', "", "list every run, however many"},       kSetOption, kJobsOption,
    {"json", 0, "", "print one JSON object with all runs"}, kIsaOption,
};
constexpr std::string_view kExamples[] = {
    "unroll plan experiments/quickstart.yaml",
    "unroll plan experiments/quickstart.yaml --set sweep.seeds=20",
};

}  // namespace

extern const Command kPlanCommand = {
    "plan",
    "show every run of an experiment, its cost and the time of the sweep; trains nothing",
    "FILE.yaml [KEY=VALUE ...]",
    1,
    10000,
    kOptions,
    "The time is a forecast: the operations of all runs, over what one core does in a short measurement of "
    "the run "
    "of median cost.",
    kExamples,
    show_plan,
};

}  // namespace unroll
