// unroll compare: which method is better, by how much, and how sure that is.
#include "report/compare.h"

#include <optional>

#include "base/error.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/compared_files.h"
#include "cli/console.h"

namespace unroll {
namespace {

int compare_methods(const Arguments& arguments, Console& console) {
  std::size_t formats = 0;
  for (const char* format : {"json", "csv", "markdown", "latex"}) formats += arguments.has(format);
  if (formats > 1) throw UsageError("", "--json, --csv, --markdown and --latex exclude each other");
  const std::optional<ComparedFiles> files = read_compared(arguments, console);
  if (!files) return kExitUnmeasured;
  const Comparison comparison = compare(files->results, files->options);
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
    kMetricOption,
    kByOption,
    kLevelOption,
    kPostHocOption,
    {"json", 0, "", "print one JSON object"},
    {"csv", 0, "", "print the table as comma-separated values"},
    {"markdown", 0, "", "print the verdict and the table as Markdown"},
    {"latex", 0, "", "print the table as a LaTeX tabular"},
};
constexpr std::string_view kExamples[] = {
    "unroll compare results/quickstart.h5",
    "unroll compare results/quickstart.h5 --by seq_len --metric test_loss",
    "unroll compare before.h5 after.h5",
};

}  // namespace

extern const Command kCompareCommand = {
    "compare",
    "see which method is better, by how much, and how sure that is",
    "RESULTS.h5 [MORE.h5 ...]",
    1,
    kMostComparedFiles,
    kOptions,
    "Runs of the same seed are compared in pairs. Several files are compared as one: the same sweep before "
    "and "
    "after a change, or sweeps of other settings side by side. Exit code 3: no run has a result yet.",
    kExamples,
    compare_methods,
};

}  // namespace unroll
