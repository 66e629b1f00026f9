// unroll report: everything about a sweep as one HTML page.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/text_file.h"
#include "report/page.h"

namespace unroll {
namespace {

int write_report(const Arguments& arguments, Console& console) {
  CompareOptions options;
  options.metric = arguments.text("metric").value_or("");
  options.by = arguments.text("by").value_or("");
  options.level = arguments.share("level").value_or(options.level);
  const std::filesystem::path file = arguments.positional().at(0);
  const std::string out =
      arguments.text("out").value_or(std::filesystem::path(file).replace_extension(".html").string());
  const Results results = read_results(file);
  const bool any = std::any_of(results.runs.begin(), results.runs.end(), [](const RunRecord& run) {
    return run.state != RunState::kMissing && run.state != RunState::kFailed;
  });
  if (!any) {
    console.warn(file.string() + ": no run has a result yet, so there is nothing to report");
    return kExitUnmeasured;
  }
  write_text(out, to_html(results, compare(results, options)));
  console.note(fmt::format("{} opens in any browser, offline", out));
  return kExitOk;
}

constexpr Option kOptions[] = {
    {"out", 'o', "FILE.html", "where to write; the default is the results file's name with .html"},
    {"metric", 'm', "NAME", "what is compared; the default is the metric of the sweep"},
    {"by", 'b', "SETTING",
     "whose values are compared; the default is the cell, else the first swept setting"},
    {"level", 0, "P", "confidence level of intervals and verdicts; the default is 0.95"},
};
constexpr std::string_view kExamples[] = {
    "unroll report results/quickstart.h5",
    "unroll report results/quickstart.h5 --metric test_loss --out report.html",
};

}  // namespace

extern const Command kReportCommand = {
    "report",
    "write one HTML page with the verdict, tables and charts, which opens offline",
    "RESULTS.h5",
    1,
    1,
    kOptions,
    "The page needs nothing but itself: style, scripts and data are inside. Exit code 3: no run has a result "
    "yet.",
    kExamples,
    write_report,
};

}  // namespace unroll
