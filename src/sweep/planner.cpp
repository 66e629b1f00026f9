#include "sweep/planner.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/hash.h"
#include "sweep/identity.h"
#include "sweep/resolved.h"
#include "sweep/run_checks.h"
#include "sweep/strategy.h"

namespace unroll {
namespace {

using Store = PlannedRuns::Store;

// Checks every row of an expanded spec and turns it into runs.
class Planner {
 public:
  Planner(Diagnostics& diagnostics, const Spec& spec)
      : diagnostics_(diagnostics), spec_(spec), store_(std::make_shared<Store>()) {}

  Plan plan() {
    store_->base = spec_.base;
    store_->replicates = spec_.replicates;
    store_->table = expand(diagnostics_, spec_);
    for (const Column& column : table().columns) uses_.emplace_back(column.values.size(), Use::kNone);
    const std::vector<bool> keep = check_rows();
    report_unused();
    check_decisions();
    diagnostics_.throw_if_any();
    table().filter(keep);
    return finish();
  }

 private:
  // What becomes of a value: in no combination, in some but no run reads it, or read.
  enum class Use : char { kNone, kIdle, kRead };

  Combinations& table() { return store_->table; }

  std::vector<bool> check_rows() {
    std::vector<bool> keep(table().size(), false);
    for (std::size_t i = 0; i < table().size() && !stopped_; ++i) {
      keep[i] = check_row(i);
      stopped_ = diagnostics_.count() >= Diagnostics::kMaxShown || !is_within_cap();
    }
    return keep;
  }

  // Judges the runs so far. Reports if they are too many.
  bool is_within_cap() {
    if (store_->ids.size() <= spec_.base.run_cap) return true;
    report_too_many(diagnostics_, spec_, table(),
                    static_cast<double>(table().size()) * static_cast<double>(spec_.replicates.size()));
    return false;
  }

  // Whether row `i` is a run of its own. Reports what is wrong with it.
  bool check_row(std::size_t i) {
    Experiment experiment = spec_.base;
    table().apply(i, experiment);
    note_used(i, experiment);
    const std::optional<std::uint32_t> task = task_of(i, experiment);
    if (!task) return false;
    experiment.run.task = store_->tasks[*task];
    if (sound() && !report(i, complete_model(experiment.run))) return false;
    const RunIdentity identity(experiment);
    std::string first = identity.id(spec_.replicates.front());
    const auto [same, is_new] = row_of_.emplace(first, i);
    if (!is_new) {
      report_same(i, same->second);
      return false;
    }
    RunEstimate estimate;
    if (sound() && !report(i, check_run(experiment, estimate))) return false;
    store_->task_of.push_back(*task);
    store_->hidden.push_back(experiment.run.model.hidden);
    store_->estimates.push_back(estimate);
    longest_ = std::max(longest_, experiment.run.train.epochs);
    store_->ids.push_back(std::move(first));
    for (std::size_t r = 1; r < spec_.replicates.size(); ++r) {
      store_->ids.push_back(identity.id(spec_.replicates[r]));
    }
    return true;
  }

  bool draws() const { return strategy(spec_.base.method).point != nullptr; }

  // Whether the values of a run are all what the file says.
  bool sound() const { return spec_.broken_sections.empty(); }

  // Also marks the cells of keys that the row does not read.
  void note_used(std::size_t i, const Experiment& experiment) {
    for (std::size_t k = 0; k < used_.size(); ++k) {
      used_[k] = used_[k] || (keys()[k].is_setting() && keys()[k].used_in(experiment));
    }
    for (std::size_t c = 0; c < table().columns.size(); ++c) {
      std::uint32_t& cell = table().row(i)[c];
      const bool is_read = table().columns[c].key->used_in(experiment);
      if (cell != kFixedValue && uses_[c][cell] != Use::kRead)
        uses_[c][cell] = is_read ? Use::kRead : Use::kIdle;
      if (!is_read) cell = kUnusedKey;
    }
  }

  // Index of the complete task of row `i`; nothing, after reporting why, if there is none.
  std::optional<std::uint32_t> task_of(std::size_t i, const Experiment& experiment) {
    std::vector<std::uint32_t> cells;
    for (std::size_t c = 0; c < table().columns.size(); ++c) {
      if (table().columns[c].key->section() == "task") cells.push_back(table().row(i)[c]);
    }
    const auto [known, is_new] = task_index_.emplace(std::move(cells), std::nullopt);
    if (is_new && !spec_.broken_sections.contains("task")) {
      TaskConfig task = experiment.run.task;
      if (report(i, complete_task(task))) {
        known->second = static_cast<std::uint32_t>(store_->tasks.size());
        store_->tasks.push_back(std::move(task));
      }
    }
    return known->second;
  }

  // Returns whether there is no problem.
  bool report(std::size_t i, const std::optional<RunProblem>& problem) {
    if (!problem) return true;
    diagnostics_.error(place(i, problem->keys), problem->message, problem->help);
    return false;
  }

  // Where the file gives row `i` the first of these keys that it gives at all.
  Mark place(std::size_t i, const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      for (std::size_t c = 0; c < table().columns.size(); ++c) {
        const Located* v = table().value(i, c);
        if (v != nullptr && table().columns[c].key->key == name) return v->mark;
      }
      if (const GivenSetting* given = spec_.find_fixed(name)) return given->value.mark;
    }
    return {};
  }

  // Rows that differ only in keys that neither reads are one run. Two ways to write the same value are not.
  void report_same(std::size_t i, std::size_t first) {
    for (std::size_t c = 0; c < table().columns.size(); ++c) {
      if (table().row(i)[c] == table().row(first)[c]) continue;
      const Located* here = table().value(i, c);
      const Located* there = table().value(first, c);
      const Column& column = table().columns[c];
      // Nobody chose these two: they were drawn, and come to the same value of the key that they decide.
      if (column.key->identity == KeyInfo::Identity::kNever && draws()) return;
      diagnostics_.error(
          here != nullptr ? here->mark : column.mark,
          fmt::format("this value of {} gives a run that the sweep has already", column.key->key),
          "remove one of the two",
          there != nullptr ? std::optional(Diagnostics::Note{there->mark}) : std::nullopt);
      return;
    }
  }

  void report_unused() {
    // If the reading stopped early, the runs that read a key may not have been seen.
    if (stopped_ || table().size() == 0) return;
    for (const GivenSetting& given : spec_.fixed) {
      if (given.key->is_setting()) report_unused(*given.key, given.key_mark);
    }
    for (std::size_t c = 0; c < table().columns.size(); ++c) {
      const Column& column = table().columns[c];
      if (report_unused(*column.key, column.mark) || draws()) continue;
      for (std::size_t v = 0; v < column.values.size(); ++v) {
        if (uses_[c][v] != Use::kIdle || spec_.broken_sections.contains(column.key->section())) continue;
        diagnostics_.error(column.values[v].mark,
                           fmt::format("{} = {} has no effect: no run reads it", column.key->key,
                                       to_text(column.values[v].value)),
                           fmt::format("it is only for {}", column.key->user_text()));
      }
    }
  }

  bool report_unused(const KeyInfo& key, const Mark& mark) {
    const bool used = used_[static_cast<std::size_t>(&key - keys().data())];
    if (used || spec_.broken_sections.contains(key.section())) return !used;
    diagnostics_.error(mark, fmt::format("{} has no effect: it is only for {}", key.key, key.user_text()));
    return true;
  }

  // A first decision that comes after the last epoch of every run never falls.
  void check_decisions() {
    const EarlyTerminate& rule = spec_.base.early_terminate;
    if (stopped_ || !sound() || longest_ == 0 || !rule.active() || !rungs(rule, longest_).empty()) return;
    diagnostics_.error(
        place(0, {"sweep.early_terminate.min_iter", "sweep.early_terminate.type", "sweep.method"}),
        fmt::format(
            "no decision would ever fall: the first one after {} epoch{}, but no run has more than {}",
            rule.min_iter, rule.min_iter == 1 ? "" : "s", longest_),
        longest_ > 1 ? fmt::format("set sweep.early_terminate.min_iter below {}, or train longer", longest_)
                     : "train for more than one epoch, or stop no runs early");
  }

  Plan finish() {
    Plan plan;
    plan.name = spec_.base.name;
    plan.description = spec_.base.description;
    plan.metric = {spec_.base.metric, spec_.base.goal == "minimize"};
    plan.early_terminate = spec_.base.early_terminate;
    plan.seeds = static_cast<std::uint32_t>(spec_.replicates.size());
    plan.max_fails = spec_.base.max_fails;
    plan.resolved = resolved_yaml(spec_, completed(), used_);
    std::string all;
    for (const std::string& id : store_->ids) all.append(id).append("\n");
    plan.hash = hash_hex(all);
    name_files();
    for (std::size_t c = 0; c < table().columns.size(); ++c) plan.axes.push_back(axis(c));
    plan.runs = PlannedRuns(std::move(store_));
    return plan;
  }

  // The fixed values with what follows from the task, where it is the same in all runs.
  Experiment completed() const {
    Experiment result = spec_.base;
    for (const KeyInfo& key : keys()) {
      const auto swept = [&](const Column& c) { return c.key == &key; };
      const auto& columns = store_->table.columns;
      if (key.task_bits == 0 || std::any_of(columns.begin(), columns.end(), swept)) continue;
      std::optional<SettingValue> common;
      bool differs = false;
      for (const TaskConfig& task : store_->tasks) {
        Experiment experiment;
        experiment.run.task = task;
        if (!key.used_in(experiment)) continue;
        const SettingValue value = key.get(experiment);
        differs = differs || (common && *common != value);
        common = value;
      }
      if (common && !differs) key.set(result, *common);
    }
    return result;
  }

  void name_files() {
    store_->file_names.resize(table().columns.size());
    for (std::size_t c = 0; c < table().columns.size(); ++c) {
      const KeyInfo& key = *table().columns[c].key;
      if (key.type != KeyType::kFile) continue;
      std::set<std::string> used;
      for (const std::size_t i : first_rows(c))
        used.insert(std::get<std::string>(key.get(store_->experiment(i))));
      const std::vector<std::string> paths(used.begin(), used.end());
      const std::vector<std::string> names = without_shared_folder(paths);
      for (std::size_t n = 0; n < names.size(); ++n) store_->file_names[c].emplace(paths[n], names[n]);
    }
  }

  // The first row of each different cell of a column.
  std::vector<std::size_t> first_rows(std::size_t c) {
    std::vector<std::size_t> rows;
    std::set<std::uint32_t> seen;
    for (std::size_t i = 0; i < table().size(); ++i) {
      if (seen.insert(table().row(i)[c]).second) rows.push_back(i);
    }
    return rows;
  }

  PlanAxis axis(std::size_t c) {
    const Column& column = table().columns[c];
    const KeyInfo& key = *column.key;
    PlanAxis axis{std::string(key.key),
                  std::string(key.name),
                  std::string(key.unit),
                  std::string(key.help),
                  column.zip,
                  {}};
    for (const std::size_t i : first_rows(c)) {
      const SettingValue value = store_->setting(c, store_->experiment(i));
      if (std::find(axis.values.begin(), axis.values.end(), value) == axis.values.end()) {
        axis.values.push_back(value);
      }
    }
    return axis;
  }

  Diagnostics& diagnostics_;
  const Spec& spec_;
  std::shared_ptr<Store> store_;
  bool stopped_ = false;                                              // too many errors or runs to go on
  std::size_t longest_ = 0;                                           // epochs of the longest run
  std::vector<bool> used_ = std::vector<bool>(keys().size(), false);  // [key] some run reads it
  std::vector<std::vector<Use>> uses_;                                // [column][value]
  std::map<std::vector<std::uint32_t>, std::optional<std::uint32_t>> task_index_;
  std::unordered_map<std::string, std::size_t> row_of_;  // by the id of the first replicate
};

}  // namespace

Plan make_plan(Diagnostics& diagnostics, const Spec& spec) {
  return Planner(diagnostics, spec).plan();
}

}  // namespace unroll
