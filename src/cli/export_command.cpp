// unroll export: results in other formats.
#include <fmt/format.h>

#include <string>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/shell.h"
#include "cli/arguments.h"
#include "cli/changed_settings.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/named_run.h"
#include "cli/overwriting.h"
#include "report/text_table.h"
#include "store/export.h"

namespace unroll {
namespace {

namespace fs = std::filesystem;

// A setting of a run: the value of the axis, or the one that all runs have.
std::string setting(const Manifest& manifest, std::size_t run, const std::string& key) {
  for (const SettingColumn& column : manifest.settings) {
    if (column.key != key) continue;
    if (const auto* words = std::get_if<std::vector<std::string>>(&column.values)) return words->at(run);
  }
  return fixed_setting(manifest.resolved_yaml, key);
}

fs::path export_run(const Arguments& arguments, const Results& results) {
  const std::size_t run = named_run(results, "--weights", *arguments.text("weights"));
  const RunRecord& record = results.runs[run];
  const std::string& id = results.manifest.run_ids[run];
  if (record.weights.empty()) {
    throw UsageError("--weights",
                     fmt::format("run {} ({}, {}) has kept no weights", run, id, state_name(record.state)),
                     "record.weights: best (or final) keeps those of runs that are done");
  }
  const fs::path file = arguments.text("out").value_or(id + ".npz");
  if (file.extension() != ".npz" && file.extension() != ".h5") {
    throw UsageError("--out", fmt::format("'{}' ends neither in .npz nor in .h5", file.string()));
  }
  refuse_to_overwrite({arguments.positional().at(0)}, "out", file);
  export_weights(file, record,
                 {{"cell", setting(results.manifest, run, "model.cell")},
                  {"activation", setting(results.manifest, run, "model.activation")},
                  {"run_id", id}});
  return file;
}

int export_results(const Arguments& arguments, Console& console) {
  const auto csv = arguments.text("csv");
  const auto tensorboard = arguments.text("tensorboard");
  if (!csv && !tensorboard && !arguments.has("weights") && !arguments.has("json")) {
    throw UsageError("", "export to what? Give --csv DIR, --json, --tensorboard DIR or --weights RUN",
                     "'unroll export --help' explains them");
  }
  const Results results = read_results(arguments.positional().at(0));
  const std::string runs = count(results.runs.size(), "run");
  if (csv) {
    export_csv(*csv, results);
    console.note(fmt::format("{} in {}/runs.csv and {}/epochs.csv", runs, *csv, *csv));
  }
  if (tensorboard) {
    const std::size_t written = export_tensorboard(*tensorboard, results);
    const std::string part = written < results.runs.size() ? fmt::format("{} of ", written) : "";
    console.note(fmt::format("{}{} in {}; next:\n  tensorboard --logdir {}", part, runs, *tensorboard,
                             shell_word(*tensorboard)));
  }
  if (arguments.has("weights")) {
    console.note(fmt::format("the weights are in {}", export_run(arguments, results).string()));
  }
  if (arguments.has("json")) console.print(results_json(results));
  return kExitOk;
}

constexpr Option kOptions[] = {
    {"csv", 0, "DIR", "write runs.csv, one row for each run, and epochs.csv, one for each run and epoch"},
    {"json", 0, "",
     "print one JSON object with every run and all that it recorded; arrays are flat, and 'axes' tells their "
     "axes"},
    {"tensorboard", 0, "DIR", "write scalars of each run for TensorBoard"},
    {"weights", 0, "RUN", "write the weights of a run, given by its index or the first digits of its id"},
    {"out", 'o', "FILE", "where the weights go: .npz or .h5; the default is ID.npz"},
};
constexpr std::string_view kExamples[] = {
    "unroll export results/quickstart.h5 --csv results/quickstart.csv",
    "unroll export results/weights.h5 --weights 0 --out results/run0.npz",
};

}  // namespace

extern const Command kExportCommand = {
    "export",
    "write results as CSV, JSON, TensorBoard files, or the weights of a run",
    "RESULTS.h5",
    1,
    1,
    kOptions,
    "Weights are there if the experiment says record.weights: best or final; scripts/to_pytorch.py makes a "
    "PyTorch "
    "module of them.",
    kExamples,
    export_results,
};

}  // namespace unroll
