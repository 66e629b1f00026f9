// unroll check: the gate of continuous integration.
#include "report/check.h"

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/overwriting.h"
#include "cli/text_file.h"
#include "report/baseline.h"

namespace unroll {
namespace {

Policy chosen_policy(const Arguments& arguments, const Manifest& manifest) {
  const std::optional<std::string> file = arguments.text("policy");
  return file ? read_policy(*file, read_text(*file)) : default_policy(manifest);
}

// The results, what they are held against, and the rules: none of it may be written.
void refuse_to_overwrite_what_is_read(const Arguments& arguments) {
  std::vector<std::filesystem::path> read = {arguments.positional().at(0)};
  if (const auto policy = arguments.text("policy")) read.emplace_back(*policy);
  const std::string baseline = *arguments.text("baseline");
  if (arguments.has("update-baseline")) return refuse_to_overwrite(read, "baseline", baseline);
  read.emplace_back(baseline);
  for (const char* option : {"junit", "summary"}) {
    if (const auto file = arguments.text(option)) refuse_to_overwrite(read, option, *file);
  }
}

int update(const Arguments& arguments, Console& console, const Results& results,
           const std::string& baseline) {
  const std::string why = unfit_as_baseline(results);
  if (!why.empty()) {
    console.warn(fmt::format("{}: {}, so this is no baseline; {} is as it was", arguments.positional().at(0),
                             why, baseline));
    return kExitUnmeasured;
  }
  if (std::filesystem::path(baseline).extension() == ".json") {
    write_text(baseline, baseline_text(results, chosen_policy(arguments, results.manifest)));
  } else {
    write_results(baseline, results);
  }
  console.note(fmt::format("{} holds these results now", baseline));
  return kExitOk;
}

int run_check(const Arguments& arguments, Console& console) {
  const std::optional<std::string> baseline = arguments.text("baseline");
  if (!baseline)
    throw UsageError("--baseline", "a baseline is needed", "as in --baseline baselines/NAME.json");
  refuse_to_overwrite_what_is_read(arguments);
  const Results results = read_results(arguments.positional().at(0));
  if (arguments.has("update-baseline")) return update(arguments, console, results, *baseline);
  const CheckReport report =
      check(results, read_baseline(*baseline), chosen_policy(arguments, results.manifest));
  console.print(arguments.has("json") ? to_json(report) : to_text(report, console.output_width()));
  if (const auto file = arguments.text("junit")) write_text(*file, to_junit(report));
  if (const auto file = arguments.text("summary")) append_text(*file, to_markdown(report));
  switch (report.verdict()) {
    case Verdict::kRegressed:
      return kExitFailed;
    case Verdict::kUnmeasured:
      return kExitUnmeasured;
    case Verdict::kPassed:
    case Verdict::kImproved:
      break;
  }
  return kExitOk;
}

constexpr Option kOptions[] = {
    {"baseline", 0, "FILE", "what to hold the results against: a .json baseline or another results file"},
    {"policy", 'p', "FILE.yaml",
     "rules for each metric: exact, tolerance or statistical; the default judges the metric of the sweep "
     "statistically, and parameters and operations exactly"},
    {"update-baseline", 0, "",
     "make these results the baseline; a .json one holds the metrics of the policy"},
    {"junit", 0, "FILE.xml", "write JUnit XML too"},
    {"summary", 0, "FILE.md", "append Markdown to a file, such as $GITHUB_STEP_SUMMARY"},
    {"json", 0, "", "print one JSON object"},
};
constexpr std::string_view kExamples[] = {
    "unroll check results/quickstart.h5 --baseline quickstart.json --update-baseline",
    "unroll check results/quickstart.h5 --baseline quickstart.json --junit check.xml",
};

}  // namespace

extern const Command kCheckCommand = {
    "check",
    "hold results against a baseline: the gate of continuous integration",
    "RESULTS.h5",
    1,
    1,
    kOptions,
    "Exit code: 0 passed or improved, 1 something regressed, 2 the command line or the policy is wrong, 3 "
    "something could not be judged, 4 another process is at a file that is to be written; what is missing "
    "never passes.",
    kExamples,
    run_check,
};

}  // namespace unroll
