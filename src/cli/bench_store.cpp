#include "cli/bench_store.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/rng.h"
#include "cli/record_keeper.h"
#include "cli/sweep_text.h"
#include "cli/temporary_folder.h"
#include "store/journal.h"
#include "store/journal_names.h"
#include "store/results.h"
#include "store/run_index.h"
#include "sweep/combinations.h"
#include "train/stopwatch.h"

namespace unroll {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPlanFactor = 10;
constexpr std::uint32_t kEpochs = 100;
constexpr std::size_t kDifferent = 512;  // records that are made; each is used many times

// Axes and seeds as in a large sweep: 500 settings, the rest replicates.
std::string experiment(std::size_t runs) {
  constexpr std::size_t kSizes = 125;
  constexpr std::size_t kCells = 4;
  std::string sizes;
  for (std::size_t size = 1; size <= kSizes; ++size) sizes += fmt::format("{}{}", size > 1 ? ", " : "", size);
  const std::size_t seeds = std::max<std::size_t>(1, runs / (kSizes * kCells));
  return fmt::format(
      "name: store\n"
      "task:  {{type: adding, seq_len: 4, train_size: 4, valid_size: 4, test_size: 4}}\n"
      "train: {{epochs: 1, batch: 4}}\n"
      "record: {{gradients: off, hidden_gradients: false}}\n"
      "sweep:\n  run_cap: {}\n  seeds: {}\n  parameters:\n"
      "    model.cell: [rnn, lstm, gru, gru_reset_before]\n    model.hidden: [{}]\n",
      kSizes * kCells * seeds, seeds, sizes);
}

RunRecord small_record(std::size_t run) {
  RunRecord record;
  record.state = RunState::kDone;
  record.epochs = 1;
  const double loss = 1.0 / (1.0 + static_cast<double>(run % 97));
  for (const Metric metric :
       {Metric::kTrainLoss, Metric::kValidLoss, Metric::kTestLoss, Metric::kBestValidLoss, Metric::kFlops,
        Metric::kWallSeconds, Metric::kStartTime}) {
    record[metric] = {loss};
  }
  return record;
}

// Curves that fall and shake: numbers that compress as those of training do.
RunRecord large_record(std::uint32_t number) {
  RunRecord record;
  record.state = RunState::kDone;
  record.epochs = kEpochs;
  Rng rng({number, 1}, Purpose::kSample);
  std::size_t curves = 0;
  constexpr std::size_t kCurves = 7;
  for (const MetricInfo& metric : metrics()) {
    if (metric.dims != std::vector<Dim>{Dim::kEpoch} || curves++ == kCurves) continue;
    for (std::uint32_t epoch = 0; epoch < kEpochs; ++epoch) {
      record[metric.id].push_back(std::exp(-0.05 * epoch) * (1.0 + 0.02 * rng.normal()) + 0.01);
    }
  }
  // Three more, as blocks of one array over epochs.
  record.blocks = {"layer0.i.input", "layer0.i.recurrent", "head.weight"};
  for (std::uint32_t i = 0; i < 3 * kEpochs; ++i) record[Metric::kBlockL2].push_back(std::abs(rng.normal()));
  return record;
}

double peak_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return 1024.0 * static_cast<double>(usage.ru_maxrss);
}

void measure_resume(StoreReport& report, const fs::path& folder, Console& console) {
  const std::string text = experiment(report.planned);
  console.note("a plan and its journal ...");
  {
    const Stopwatch planning;
    const Plan plan = parse_plan(text, "store.yaml");
    report.plan_seconds = planning.seconds();
    report.planned = plan.runs.size();
    JournalWriter journal(folder / "plan.journal", make_manifest(plan));
    const Stopwatch watch;
    for (std::size_t run = 0; run < plan.runs.size(); ++run)
      journal.append(plan.runs.id(run), small_record(run));
    journal.sync();
    report.small_records_per_second = static_cast<double>(plan.runs.size()) / watch.seconds();
  }
  console.note("continuing it ...");
  const Stopwatch watch;
  const Plan plan = parse_plan(text, "store.yaml");
  const RecordKeeper keeper(plan, sweep_files(folder / "plan.h5"));
  UNROLL_CHECK(keeper.state(plan.runs.size() - 1) == RunState::kDone, "the journal has every run");
  report.resume_seconds = watch.seconds();
  report.resume_bytes = peak_bytes();
}

void measure_results(StoreReport& report, const fs::path& file, Console& console) {
  std::vector<RunRecord> records;
  for (std::uint32_t i = 0; i < kDifferent; ++i) records.push_back(large_record(i));
  const Plan plan = parse_plan(experiment(report.runs), "store.yaml");
  report.runs = plan.runs.size();
  const auto runs = static_cast<double>(report.runs);
  const Manifest manifest = make_manifest(plan);
  const fs::path journal = journal_path(file);
  console.note("a journal of long records ...");
  {
    JournalWriter writer(journal, manifest);
    const Stopwatch watch;
    const CpuStopwatch appending;
    for (std::size_t run = 0; run < report.runs; ++run)
      writer.append(manifest.run_ids[run], records[run % kDifferent]);
    report.append_share = appending.seconds() / runs;
    writer.sync();
    report.records_per_second = runs / watch.seconds();
  }
  report.record_bytes = static_cast<double>(fs::file_size(journal)) / runs;
  console.note("the results file ...");
  const Stopwatch writing;
  RunIndex index(manifest.run_ids);
  index.update(journal);
  write_results(file, manifest, [&](std::size_t run) -> const RunRecord& { return index.read(run); });
  report.runs_per_second = runs / writing.seconds();
  constexpr double kNumbers = 10.0 * kEpochs;
  report.file_share = static_cast<double>(fs::file_size(file)) / (runs * kNumbers * sizeof(double));
  const Stopwatch reading;
  UNROLL_CHECK(read_results(file).runs.size() == report.runs, "every run is in the file");
  report.read_seconds = reading.seconds();
}

}  // namespace

StoreReport measure_store(std::size_t runs, const fs::path& keep, Console& console) {
  constexpr auto kMost = static_cast<std::size_t>(kMaxCombinations) / kPlanFactor;
  if (runs > kMost) {
    throw UsageError("--runs", fmt::format("{} is more than the {} allowed", runs, kMost),
                     fmt::format("a plan of {} times as many is made, too", kPlanFactor));
  }
  StoreReport report;
  report.runs = runs;
  report.planned = kPlanFactor * runs;
  const TemporaryFolder folder;
  // The plan first: the memory that is measured is that of the whole process.
  measure_resume(report, folder.path(), console);
  const fs::path file = folder.path() / "store.h5";
  measure_results(report, file, console);
  if (!keep.empty()) {
    std::error_code error;
    fs::copy_file(file, keep, fs::copy_options::overwrite_existing, error);
    if (error) throw FileError(keep.string(), "cannot be written: " + error.message());
  }
  return report;
}

}  // namespace unroll
