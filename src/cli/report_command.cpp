// unroll report: everything about a sweep as one HTML page.
#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/compared_files.h"
#include "cli/console.h"
#include "cli/overwriting.h"
#include "cli/text_file.h"
#include "report/page.h"

namespace unroll {
namespace {

// a.h5: a.html; a.h5 and b.h5: a+b.html beside the first.
std::string default_page(const std::vector<std::string>& files) {
  std::string stem = std::filesystem::path(files.at(0)).stem().string();
  for (std::size_t f = 1; f < files.size(); ++f)
    stem += "+" + std::filesystem::path(files[f]).stem().string();
  return std::filesystem::path(files[0]).replace_filename(stem + ".html").string();
}

int write_report(const Arguments& arguments, Console& console) {
  const std::vector<std::string>& read = arguments.positional();
  const std::optional<ComparedFiles> files = read_compared(arguments, console);
  if (!files) return kExitUnmeasured;
  const std::string out = arguments.text("out").value_or(default_page(read));
  refuse_to_overwrite({read.begin(), read.end()}, "out", out);
  write_text(out, to_html(files->results, compare(files->results, files->options)));
  console.note(fmt::format("{} opens in any browser, offline", out));
  return kExitOk;
}

constexpr Option kOptions[] = {
    {"out", 'o', "FILE.html", "where to write; the default is the results file's name with .html"},
    kMetricOption,
    kByOption,
    kLevelOption,
    kPostHocOption,
};
constexpr std::string_view kExamples[] = {
    "unroll report results/quickstart.h5",
    "unroll report results/quickstart.h5 --metric test_loss --out report.html",
};

}  // namespace

extern const Command kReportCommand = {
    "report",
    "write one HTML page with the verdict, tables and charts, which opens offline",
    "RESULTS.h5 [MORE.h5 ...]",
    1,
    kMostComparedFiles,
    kOptions,
    "The page needs nothing but itself: style, scripts and data are inside. Several files make one page. "
    "Exit code 3: no run has a result "
    "yet.",
    kExamples,
    write_report,
};

}  // namespace unroll
