#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>

#include "data/task.h"
#include "sweep/key_row.h"
#include "sweep/net_keys.h"
#include "sweep/strategy.h"
#include "train/diagnostics.h"
#include "train/metrics.h"

namespace unroll {
namespace {

using enum KeyType;
using Words = std::vector<std::string>;

constexpr double kHuge = 1e15;  // sizes: what does not fit in memory is refused with the memory it would take
constexpr double kMany = 1e6;

template <auto member>
KeyRow task(std::string_view key, std::string_view help) {
  return value_key<&Experiment::run, &RunConfig::task, member>(key, help);
}
template <auto member>
KeyRow record(std::string_view key, std::string_view help) {
  return value_key<&Experiment::run, &RunConfig::record, member>(key, help);
}

void add_new(Words& names, const std::vector<std::string_view>& more) {
  for (std::string_view name : more) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
  }
}

Words form_names() {
  Words names;
  for (const TaskInfo& info : tasks()) add_new(names, info.forms);
  return names;
}

Words split_names() {
  Words names;
  for (const TaskInfo& info : tasks()) add_new(names, info.splits);
  return names;
}

// Metrics with a better side that are one number for each run or epoch.
Words goal_metrics() {
  Words names;
  for (const MetricInfo& metric : metrics()) {
    const bool scalar = metric.dims.empty() || metric.dims == std::vector{Dim::kEpoch};
    if (scalar && metric.goal != Goal::kNone) names.emplace_back(metric.name);
  }
  return names;
}

bool records_gradients(const Experiment& e) {
  return e.run.record.gradients != "off";
}

bool samples_text(const Experiment& e) {
  return e.run.task.sample_length > 0;
}

bool stops_early(const Experiment& e) {
  return e.early_terminate.active();
}

std::uint64_t tasks_that_read(std::string_view word) {
  std::uint64_t bits = 0;
  for (std::size_t t = 0; t < tasks().size(); ++t) {
    const auto& words = tasks()[t].keys;
    if (std::find(words.begin(), words.end(), word) != words.end()) bits |= std::uint64_t{1} << t;
  }
  return bits;
}

std::vector<KeyInfo> make_table() {
  const KeyRow first[] = {
      value_key<&Experiment::name>("name",
                                   "names the results file; letters, digits, '.', '_' and '-'; if "
                                   "left out, the name of the experiment file")
          .of_type(kName),
      value_key<&Experiment::description>("description", "free text for reports"),

      task<&TaskConfig::type>("task.type", "what is learnt").named("task").one_of([] {
        return names_of(tasks());
      }),
      task<&TaskConfig::form>("task.form", "variant of the task; if left out, the first that the task has")
          .one_of(form_names),
      task<&TaskConfig::seq_len>("task.seq_len",
                                 "T: length of a sequence; of a window for series, of the "
                                 "delay for copy")
          .within(1, kHuge)
          .in("steps"),
      task<&TaskConfig::train_size>("task.train_size", "training sequences").within(1, kHuge).in("sequences"),
      task<&TaskConfig::valid_size>("task.valid_size", "validation sequences")
          .within(1, kHuge)
          .in("sequences"),
      task<&TaskConfig::test_size>("task.test_size", "test sequences").within(1, kHuge).in("sequences"),
      task<&TaskConfig::noise>("task.noise", "standard deviation of the noise added to the series")
          .within(0, kMany),
      task<&TaskConfig::file>("task.file",
                              "the data: CSV for series, UTF-8 text for text, .ts or CSV for "
                              "classification, .npy or HDF5 for arrays; a relative path starts at "
                              "the folder of the experiment file")
          .of_type(kFile),
      task<&TaskConfig::test_file>("task.test_file",
                                   "the sequences of the test part; if left out, task.file has "
                                   "them too")
          .of_type(kFile),
      task<&TaskConfig::target_file>("task.target_file", "the array y, where task.file is X in a .npy file")
          .of_type(kFile),
      task<&TaskConfig::columns>("task.columns",
                                 "input columns by name; if left out, the last numeric one of a "
                                 "series, all others for classification"),
      task<&TaskConfig::targets>("task.targets",
                                 "predicted columns; if left out, the input columns of a series, "
                                 "the last column for classification"),
      task<&TaskConfig::id_column>("task.id_column",
                                   "column of a CSV file whose value is the same in all rows of a "
                                   "sequence; if left out, the first"),
      task<&TaskConfig::horizon>("task.horizon", "how far ahead is predicted").within(1, kHuge).in("steps"),
      task<&TaskConfig::difference>("task.difference", "learn the change from step to step"),
      task<&TaskConfig::stateful>(
          "task.stateful",
          "carry the state from each window to the next (truncated "
          "backpropagation through time), in train.batch streams; validation and test "
          "in one for every 4,096 characters, 16 at most; false: start each window "
          "from zero, shuffled"),
      task<&TaskConfig::sample_length>("task.sample_length",
                                       "length of the text that the net writes after training, with the "
                                       "parameters of the best epoch; 0 = none")
          .within(0, 100'000)
          .in("characters"),
      task<&TaskConfig::temperature>("task.temperature",
                                     "divides the logits before a character is drawn: below 1 more of the "
                                     "likely ones, 0 = always the likeliest")
          .within(0, 1000)
          .when("task.sample_length above 0", samples_text),
      task<&TaskConfig::prompt>("task.prompt",
                                "what the written text goes on from; if left out, it goes on from the first "
                                "task.seq_len characters of the test part")
          .when("task.sample_length above 0", samples_text),
      task<&TaskConfig::normalize>("task.normalize",
                                   "scaling of the inputs and of predicted values, from the training "
                                   "part alone; for series with split shuffled, whose windows share their "
                                   "rows, from all rows before the test part")
          .one_of([] {
            return Words{"zscore", "minmax", "none"};
          }),
      task<&TaskConfig::split>("task.split",
                               "how the parts are divided: in the order of the file (train, valid, "
                               "test), or shuffled by the seed; if left out, time for series, shuffled "
                               "for sequences")
          .one_of(split_names),
      task<&TaskConfig::folds>("task.folds",
                               "k of k-fold cross-validation; 0 = off. split time: fold f trains "
                               "on the blocks before the one it validates on; shuffled: on all others")
          .within(0, 1000),
      task<&TaskConfig::fold>("task.fold", "the fold to validate on, from 0; sweep it over all of them")
          .within(0, 999)
          .when("task.folds above 0", [](const Experiment& e) { return e.run.task.folds > 0; }),
      task<&TaskConfig::valid_share>("task.valid_share", "share of the data for validation")
          .between(0, 1)
          .when("task.folds: 0", [](const Experiment& e) { return e.run.task.folds == 0; }),
      task<&TaskConfig::test_share>("task.test_share", "share of the data for the test")
          .between(0, 1)
          .when("no task.test_file", [](const Experiment& e) { return e.run.task.test_file.empty(); }),
  };
  const KeyRow last[] = {
      record<&RecordConfig::gradients>("record.gradients", "gradient statistics of each parameter block")
          .one_of([] {
            return Words{"per_epoch", "off"};
          }),
      record<&RecordConfig::every>("record.every", "from one record of gradient statistics to the next")
          .named("record_every")
          .within(1, kMany)
          .in("epochs")
          .when("record.gradients other than off", records_gradients),
      record<&RecordConfig::hidden_gradients>("record.hidden_gradients",
                                              "norm of dL/dh at each lag, at the "
                                              "start, middle and end of training"),
      record<&RecordConfig::diagnostics>("record.diagnostics",
                                         "what else to record about gradients and gates, at the start, "
                                         "middle and end of training")
          .one_of([] { return names_of(diagnostics()); }),
      record<&RecordConfig::probe_batch>("record.probe_batch", "sequences of the fixed batch for both")
          .within(1, kMany)
          .in("sequences")
          .when("record.hidden_gradients: true, or record.diagnostics",
                [](const Experiment& e) { return probes(e.run.record); }),

      record<&RecordConfig::weights>("record.weights",
                                     "parameters that are kept: of the last epoch, of the best, or none")
          .one_of([] {
            return Words{"none", "final", "best"};
          }),

      value_key<&Experiment::method>("sweep.method", "how the runs are chosen").one_of([] {
        return names_of(strategies());
      }),
      value_key<&Experiment::metric>("sweep.metric.name", "metric that the sweep is judged by")
          .named("metric")
          .one_of(goal_metrics),
      value_key<&Experiment::goal>("sweep.metric.goal", "its better side; if left out, the natural one")
          .one_of([] {
            return Words{"minimize", "maximize"};
          }),
      block_key("sweep.seeds",
                "replicates of every setting: how many, or a list of replicate numbers; "
                "they are paired over all axes"),
      value_key<&Experiment::run, &RunConfig::seed, &Seed::sweep>("sweep.seed",
                                                                  "all random numbers hang on "
                                                                  "it and the replicate")
          .named("sweep_seed")
          .within(0, 4294967295.0),
      value_key<&Experiment::points>("sweep.runs", "settings to draw; each is run once for each replicate")
          .within(1, kMany * 10)
          .when("the methods that draw: random, sobol, halving",
                [](const Experiment& e) { return e.method != "grid"; }),
      value_key<&Experiment::early_terminate, &EarlyTerminate::type>(
          "sweep.early_terminate.type",
          "which runs stop before their last epoch; if left out, none, and halving for "
          "the method halving")
          .named("early_terminate")
          .one_of([] { return names_of(stop_rules()); }),
      value_key<&Experiment::early_terminate, &EarlyTerminate::min_iter>("sweep.early_terminate.min_iter",
                                                                         "epochs before the first decision")
          .within(1, kMany)
          .in("epochs")
          .when("sweep.early_terminate.type other than none", stops_early),
      value_key<&Experiment::early_terminate, &EarlyTerminate::eta>(
          "sweep.early_terminate.eta",
          "decisions fall after min_iter, min_iter * eta, min_iter * eta^2 ... epochs; with halving one of "
          "eta "
          "settings goes on")
          .within(2, 1000)
          .when("sweep.early_terminate.type other than none", stops_early),
      block_key("sweep.parameters", "swept keys; see above"),
      block_key("sweep.zip", "keys swept together; see above"),
      block_key("sweep.exclude", "combinations to leave out; see above"),
      block_key("sweep.include", "settings to add; see above"),
      value_key<&Experiment::run_cap>("sweep.run_cap", "refuse the file if it stands for more runs")
          .within(1, kMany * 10)
          .in("runs"),
      value_key<&Experiment::max_fails>("sweep.max_fails",
                                        "stop the sweep after so many failed runs; 0 = never")
          .within(0, kMany * 10)
          .in("runs"),
  };
  std::vector<KeyInfo> rows(std::begin(first), std::end(first));
  for (const KeyInfo& row : net_keys()) rows.push_back(row);
  rows.insert(rows.end(), std::begin(last), std::end(last));
  return rows;
}

}  // namespace

std::span<const KeyInfo> keys() {
  static const std::vector<KeyInfo> table = [] {
    std::vector<KeyInfo> rows = make_table();
    for (KeyInfo& row : rows) {
      const std::string_view section = row.section();
      row.setting = section == "task" || section == "model" || section == "train" || section == "record";
      if (section == "task" && row.key != "task.type") row.task_bits = tasks_that_read(row.key.substr(5));
    }
    return rows;
  }();
  return table;
}

}  // namespace unroll
