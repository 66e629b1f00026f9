// unroll show: what single runs left behind.
#include <string>

#include "base/error.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/named_run.h"
#include "report/run_text.h"
#include "store/results.h"

namespace unroll {
namespace {

int show(const Arguments& arguments, Console& console) {
  const std::string& file = arguments.positional().at(0);
  const Results results = read_results(file);
  bool any = false;
  for (const RunRecord& record : results.runs) any = any || record.state != RunState::kMissing;
  if (!any) {
    console.warn(file + ": no run has a result yet, so there is nothing to show");
    return kExitUnmeasured;
  }
  std::string text;
  for (std::size_t i = 1; i < arguments.positional().size(); ++i) {
    const std::size_t run = named_run(results, "RUN", arguments.positional()[i]);
    text += (text.empty() ? "" : "\n") + run_text(results, run, console.output_width());
  }
  if (text.empty()) text = run_text(results, best_run(results), console.output_width());
  console.print(text);
  return kExitOk;
}

constexpr std::string_view kExamples[] = {
    "unroll show results/quickstart.h5",
    "unroll show results/quickstart.h5 0 12",
};

}  // namespace

extern const Command kShowCommand = {
    "show",
    "see what single runs recorded: numbers, confusion matrix, written text",
    "RESULTS.h5 [RUN ...]",
    1,
    100,
    {},
    "RUN is the index of a run or the first digits of its id; without one it is the best of the sweep. Exit "
    "code 3: "
    "no run has a result yet.",
    kExamples,
    show,
};

}  // namespace unroll
