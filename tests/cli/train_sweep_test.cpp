#include "cli/train_sweep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cmath>
#include <csignal>
#include <filesystem>
#include <map>
#include <numeric>

#include "tests/cli/program.h"

namespace unroll {
namespace {

using ::testing::HasSubstr;

constexpr const char* kSeries = R"(name: series
task:  {type: series, file: data.csv, seq_len: 4}
model: {hidden: 4}
train: {epochs: 1, batch: 8}
sweep:
  seeds: 3
)";

std::vector<std::size_t> all_runs(const Plan& plan) {
  std::vector<std::size_t> runs(plan.runs.size());
  std::iota(runs.begin(), runs.end(), std::size_t{0});
  return runs;
}

class TrainSweep : public ::testing::Test {
 protected:
  TrainSweep() : place_(kSeries) {
    std::string csv = "value\n";
    for (int i = 0; i < 100; ++i) csv += std::to_string(std::sin(i)) + "\n";
    place_.write("data.csv", csv);
    console_.set_quiet(true);
  }
  Plan plan(const std::vector<std::string>& overrides = {}) const {
    return load_plan(place_.file("a.yaml"), overrides);
  }
  SweepFiles files() const { return sweep_files(place_.file("a.h5")); }

  testing::Workplace place_;
  Console console_;
  StopSignals signals_;
};

TEST_F(TrainSweep, RecordsWhoDidWhatAndWhen) {
  const Plan plan = this->plan();
  RecordKeeper keeper(plan, files());
  const SweepOutcome outcome = train_sweep(plan, all_runs(plan), {2}, keeper, signals_, console_);
  keeper.finish();
  EXPECT_EQ(outcome.ran, 3U);
  for (const RunRecord& record : read_results(files().results).runs) {
    EXPECT_EQ(record.state, RunState::kDone);
    ASSERT_EQ(record[Metric::kWorker].size(), 1U);
    EXPECT_LT(record[Metric::kWorker][0], 2.0);
    EXPECT_GT(record[Metric::kStartTime].at(0), 1.7e9);
  }
}

// What a run throws is its record; the others go on.
TEST_F(TrainSweep, ARunThatThrowsIsARecordOfFailure) {
  const Plan plan = this->plan();
  std::filesystem::remove(place_.file("data.csv"));
  RecordKeeper keeper(plan, files());
  const SweepOutcome outcome = train_sweep(plan, all_runs(plan), {2}, keeper, signals_, console_);
  EXPECT_EQ(outcome.ran, 3U);
  EXPECT_FALSE(outcome.too_many_failures);
  keeper.finish();
  for (const RunRecord& record : read_results(files().results).runs) {
    EXPECT_EQ(record.state, RunState::kFailed);
    EXPECT_THAT(record.message, HasSubstr("data.csv"));
  }
}

TEST_F(TrainSweep, StopsAtMaxFails) {
  const Plan plan = this->plan({"sweep.seeds=20", "sweep.max_fails=2"});
  std::filesystem::remove(place_.file("data.csv"));
  RecordKeeper keeper(plan, files());
  const SweepOutcome outcome = train_sweep(plan, all_runs(plan), {1}, keeper, signals_, console_);
  EXPECT_TRUE(outcome.too_many_failures);
  EXPECT_EQ(outcome.ran, 2U);
}

TEST_F(TrainSweep, TheRateIsThatOfRunsThatAreDone) {
  const Plan plan = this->plan();
  {
    RecordKeeper keeper(plan, files());
    EXPECT_EQ(keeper.rate(), std::nullopt);
    RunRecord record;
    record.state = RunState::kDone;
    record[Metric::kFlops] = {6e9};
    record[Metric::kWallSeconds] = {1.0};
    record[Metric::kBestValidLoss] = {0.5};
    record.epochs = 1;
    record[Metric::kValidLoss] = {0.5};
    keeper.add(0, record);
    record[Metric::kWallSeconds] = {2.0};
    record[Metric::kValidLoss] = {0.25};
    keeper.add(1, record);
    record.state = RunState::kFailed;
    record[Metric::kValidLoss] = {0.125};
    keeper.add(2, record);
    keeper.sync();
  }
  const RecordKeeper keeper(plan, files());
  EXPECT_DOUBLE_EQ(keeper.rate().value(), 4e9);
  EXPECT_EQ(keeper.best(), std::optional(std::make_pair(0.25, std::size_t{1})));
}

TEST_F(TrainSweep, TheMetricOfARunIsItsBestEpoch) {
  RunRecord record;
  record[Metric::kValidLoss] = {std::nan(""), 0.5, 0.25, 0.75};
  EXPECT_DOUBLE_EQ(metric_value(record, {"valid_loss", true}), 0.25);
  EXPECT_DOUBLE_EQ(metric_value(record, {"valid_loss", false}), 0.75);
  EXPECT_TRUE(std::isnan(metric_value(record, {"test_loss", true})));
}

// No file may grow: what a full disk does to the journal.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) : before_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &limit_);
    const rlimit small = {bytes, limit_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
  }
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &limit_);
    std::signal(SIGXFSZ, before_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit limit_{};
  void (*before_)(int);
};

// Until its record is on disk, the state is all there is of a run.
TEST_F(TrainSweep, AStateStaysIfTheRecordCannotBeWritten) {
  const Plan plan = this->plan();
  const Checkpoints checkpoints(files().unfinished, "p");
  checkpoints.save(plan.runs.id(0), "not one that can be gone on from");
  {
    RecordKeeper keeper(plan, files());
    const FullDisk full(std::filesystem::file_size(files().journal));
    const RunTrainer trainer = [](const auto&...) {
      RunRecord record;
      record.state = RunState::kDone;
      return record;
    };
    const SweepOutcome outcome =
        train_sweep(plan, {0}, {1, &checkpoints}, keeper, signals_, console_, trainer);
    EXPECT_THAT(outcome.error, HasSubstr("a.journal"));
    EXPECT_NE(checkpoints.load(plan.runs.id(0)), "");
    EXPECT_THROW(keeper.finish(), FileError);
    EXPECT_THAT(keeper.states(), ::testing::Each(RunState::kMissing));
  }
  RecordKeeper keeper(plan, files());
  StopSignals signals;
  train_sweep(plan, {0}, {1, &checkpoints}, keeper, signals, console_);
  EXPECT_FALSE(std::filesystem::exists(files().unfinished));
}

// Nine settings, of which three go on after one epoch and one after three.
constexpr const char* kHalving = R"(name: halving
task:  {type: adding, seq_len: 4, train_size: 32, valid_size: 16, test_size: 16}
train: {epochs: 5, batch: 8}
sweep:
  early_terminate: {type: halving}
  seeds: 2
  parameters:
    model.hidden: [1, 2, 3]
    train.lr: [0.001, 0.01, 0.1]
)";

class Halving : public ::testing::Test {
 protected:
  Halving() : place_(kHalving), plan_(load_plan(place_.file("a.yaml"))) { console_.set_quiet(true); }

  // What is missing, on so many workers, into NAME.h5; stopped after so many epochs of all runs.
  SweepOutcome train(const std::string& name, std::size_t workers, std::size_t epochs = SIZE_MAX) {
    StopSignals signals;
    const SweepFiles files = sweep_files(place_.file(name + ".h5"));
    RecordKeeper keeper(plan_, files);
    const Checkpoints checkpoints(files.unfinished, "p");
    SweepOptions options{workers, &checkpoints};
    options.prune = true;
    std::vector<std::size_t> todo;
    for (const std::size_t run : all_runs(plan_)) {
      if (keeper.state(run) == RunState::kMissing) todo.push_back(run);
    }
    std::atomic<std::size_t> seen = 0;
    const RunTrainer trainer = [&](const RunConfig& config, const std::atomic<bool>* cancel,
                                   const RunObserver& observer, const RunCheckpoints& states,
                                   IdleWorkers* idle) {
      RunObserver stopping = observer;
      stopping.epoch = [&](const EpochReport& report) {
        observer.epoch(report);
        if (++seen >= epochs) signals.request_stop();
      };
      return train_run(config, cancel, stopping, states, idle);
    };
    SweepOutcome outcome = train_sweep(plan_, todo, options, keeper, signals, console_, trainer);
    keeper.finish();
    return outcome;
  }
  Results results(const std::string& name) const { return read_results(place_.file(name + ".h5")); }
  void expect_same(const std::string& name, const Results& right) const {
    const Results found = results(name);
    for (std::size_t run = 0; run < right.runs.size(); ++run)
      EXPECT_EQ(first_difference(found.runs[run], right.runs[run]), "") << name << " " << run;
  }

  testing::Workplace place_;
  Plan plan_;
  Console console_;
};

TEST_F(Halving, TheBestSettingsAreTrainedToTheEnd) {
  const SweepOutcome outcome = train("one", 1);
  EXPECT_EQ(outcome.ran, 18U);
  const Results found = results("one");
  std::map<std::pair<RunState, std::size_t>, std::size_t> ended;
  std::vector<double> after_one;
  for (const RunRecord& record : found.runs) {
    ++ended[{record.state, record.epochs}];
    after_one.push_back(record[Metric::kValidLoss][0]);
  }
  EXPECT_EQ(ended,
            (std::map<std::pair<RunState, std::size_t>, std::size_t>{
                {{RunState::kDone, 5}, 2}, {{RunState::kPruned, 1}, 12}, {{RunState::kPruned, 3}, 4}}));
  // Settings that went on were better after one epoch: the lower of two replicates is their median.
  double worst_on = 0.0;
  double best_off = 1e300;
  for (std::size_t run = 0; run < found.runs.size(); run += 2) {
    const double value = std::min(after_one[run], after_one[run + 1]);
    (found.runs[run].epochs > 1 ? worst_on : best_off) =
        found.runs[run].epochs > 1 ? std::max(worst_on, value) : std::min(best_off, value);
  }
  EXPECT_LE(worst_on, best_off);
  EXPECT_FALSE(std::filesystem::exists(place_.file("one.unfinished")));
}

TEST_F(Halving, WorkersAndInterruptionsChangeNoBits) {
  train("one", 1);
  const Results right = results("one");
  train("three", 3);
  expect_same("three", right);
  for (const std::size_t epochs : {1U, 7U, 18U, 20U, 27U}) {
    const std::string name = "stopped" + std::to_string(epochs);
    EXPECT_LT(train(name, 2, epochs).ran, 18U);
    train(name, 2, 5);
    train(name, 1);
    expect_same(name, right);
  }
  // Without the states of what waits, too: it is trained again.
  train("lost", 2, 20);
  std::filesystem::remove_all(place_.file("lost.unfinished"));
  train("lost", 1);
  expect_same("lost", right);
}

}  // namespace
}  // namespace unroll
