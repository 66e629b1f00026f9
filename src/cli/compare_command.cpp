// unroll compare: which method is better, by how much, and how sure that is.
#include "report/compare.h"

#include <algorithm>

#include "base/error.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/console.h"
#include "store/results.h"

namespace unroll {
namespace {

int compare_methods(const Arguments& arguments, Console& console) {
  std::size_t formats = 0;
  for (const char* format : {"json", "csv", "markdown", "latex"}) formats += arguments.has(format);
  if (formats > 1) throw UsageError("", "--json, --csv, --markdown and --latex exclude each other");
  CompareOptions options;
  options.metric = arguments.text("metric").value_or("");
  options.by = arguments.text("by").value_or("");
  options.level = arguments.share("level").value_or(options.level);
  const std::string& file = arguments.positional().at(0);
  const Results results = read_results(file);
  const bool any = std::any_of(results.runs.begin(), results.runs.end(), [](const RunRecord& run) {
    return run.state != RunState::kMissing && run.state != RunState::kFailed;
  });
  if (!any) {
    console.warn(file + ": no run has a result yet, so there is nothing to compare");
    return kExitUnmeasured;
  }
  const Comparison comparison = compare(results, options);
  if (arguments.has("json")) {
    console.print(to_json(comparison));
  } else if (arguments.has("csv")) {
    console.print(to_csv(comparison));
  } else if (arguments.has("markdown")) {
    console.print(to_markdown(comparison));
  } else if (arguments.has("latex")) {
    console.print(to_latex(comparison));
  } else {
    console.print(to_text(comparison, console.output_width()));
  }
  return kExitOk;
}

constexpr Option kOptions[] = {
    {"metric", 'm', "NAME", "what is compared; the default is the metric of the sweep"},
    {"by", 'b', "SETTING",
     "whose values are compared, or several with commas between; the default is the cell, else the first "
     "swept setting"},
    {"level", 0, "P", "confidence level of intervals and verdicts; the default is 0.95"},
    {"json", 0, "", "print one JSON object"},
    {"csv", 0, "", "print the table as comma-separated values"},
    {"markdown", 0, "", "print the verdict and the table as Markdown"},
    {"latex", 0, "", "print the table as a LaTeX tabular"},
};
constexpr std::string_view kExamples[] = {
    "unroll compare results/quickstart.h5",
    "unroll compare results/quickstart.h5 --by seq_len --metric test_loss",
};

}  // namespace

extern const Command kCompareCommand = {
    "compare",
    "see which method is better, by how much, and how sure that is",
    "RESULTS.h5",
    1,
    1,
    kOptions,
    "Runs of the same seed are compared in pairs. Exit code 3: no run has a result yet.",
    kExamples,
    compare_methods,
};

}  // namespace unroll
