#include "report/grid.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <tuple>
#include <type_traits>

#include "base/error.h"
#include "base/suggest.h"
#include "report/statistics.h"

namespace unroll {

namespace {

std::string hint_for(const std::string& name, const std::vector<std::string>& known) {
  const std::string nearest = nearest_name(name, known);
  return nearest.empty() ? fmt::format("choose one of: {}", fmt::join(known, ", "))
                         : fmt::format("did you mean '{}'?", nearest);
}

bool recorded(const Results& results, Metric metric) {
  return std::any_of(results.runs.begin(), results.runs.end(),
                     [&](const RunRecord& run) { return !run[metric].empty(); });
}

// The index of each run's value among the distinct values, in the order of the plan.
struct Levels {
  std::vector<AxisValue> values;
  std::vector<std::size_t> of_run;
};

Levels levels(const SettingColumn& column, std::size_t runs) {
  Levels found;
  std::map<AxisValue, std::size_t> index;
  for (std::size_t run = 0; run < runs; ++run) {
    AxisValue value = setting_value(column, run);
    const auto [at, is_new] = index.try_emplace(value, found.values.size());
    if (is_new) found.values.push_back(std::move(value));
    found.of_run.push_back(at->second);
  }
  return found;
}

// Whether each method has one value of the setting only, so that the two cannot be told apart.
bool goes_with(const Levels& setting, const Levels& method) {
  std::map<std::size_t, std::size_t> seen;
  for (std::size_t run = 0; run < setting.of_run.size(); ++run) {
    if (seen.try_emplace(method.of_run[run], setting.of_run[run]).first->second != setting.of_run[run])
      return false;
  }
  return true;
}

// A fold of cross-validation is no method and no point: like a seed it repeats the comparison on other data.
bool is_fold(const SettingColumn& column) {
  return column.key == "task.fold";
}

const SettingColumn* default_setting(const Results& results) {
  const SettingColumn* first = nullptr;
  for (const SettingColumn& column : results.manifest.settings) {
    if (is_fold(column) || levels(column, results.runs.size()).values.size() < 2) continue;
    if (first == nullptr || column.name == "cell") first = &column;
  }
  return first;
}

const SettingColumn& named_setting(const Results& results, const std::string& by) {
  std::vector<std::string> names;
  for (const SettingColumn& column : results.manifest.settings) {
    if (column.name == by || column.key == by) return column;
    names.push_back(column.name);
  }
  throw UsageError("", fmt::format("'{}' is not a setting of this sweep", by),
                   names.empty() ? "the sweep has no settings" : hint_for(by, names));
}

std::string without_blanks(const std::string& text) {
  const std::size_t first = text.find_first_not_of(' ');
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// The settings that `by` names, separated by commas; if it is empty, the one that is compared by default.
std::vector<const SettingColumn*> choose_settings(const Results& results, const std::string& by) {
  std::vector<const SettingColumn*> chosen;
  if (by.empty()) {
    if (const SettingColumn* one = default_setting(results); one != nullptr) chosen.push_back(one);
    return chosen;
  }
  for (std::size_t begin = 0; begin <= by.size();) {
    const std::size_t end = std::min(by.find(',', begin), by.size());
    chosen.push_back(&named_setting(results, without_blanks(by.substr(begin, end - begin))));
    begin = end + 1;
  }
  return chosen;
}

// The combinations of several settings as the values of one: "rnn", "rnn (init orthogonal)". Beside the first
// setting only what differs from the first run is told.
Levels combined(const std::vector<const SettingColumn*>& settings, std::size_t runs) {
  if (settings.size() == 1) return levels(*settings.front(), runs);
  Levels found;
  std::map<std::string, std::size_t> index;
  for (std::size_t run = 0; run < runs; ++run) {
    std::string rest;
    for (std::size_t s = 1; s < settings.size(); ++s) {
      const std::string text = to_string(setting_value(*settings[s], run));
      if (text == to_string(setting_value(*settings[s], 0))) continue;
      rest += fmt::format("{}{} {}", rest.empty() ? "" : ", ", settings[s]->name, text);
    }
    std::string label = to_string(setting_value(*settings.front(), run));
    if (!rest.empty()) label += " (" + rest + ")";
    const auto [at, is_new] = index.try_emplace(label, found.values.size());
    if (is_new) found.values.emplace_back(label);
    found.of_run.push_back(at->second);
  }
  return found;
}

// Short ones, if they tell the values apart.
std::vector<std::string> names_of(const std::vector<AxisValue>& values) {
  std::vector<std::string> names;
  std::set<std::string> seen;
  for (const AxisValue& value : values) {
    names.push_back(short_text(value));
    seen.insert(names.back());
  }
  if (seen.size() < names.size()) std::transform(values.begin(), values.end(), names.begin(), to_string);
  return names;
}

}  // namespace

bool one_value_per_run(const MetricInfo& info) {
  return info.dims.empty() || (info.dims.size() == 1 && info.dims[0] == Dim::kEpoch);
}

AxisValue setting_value(const SettingColumn& column, std::size_t run) {
  const AxisValue value =
      std::visit([&](const auto& values) { return AxisValue(values.at(run)); }, column.values);
  const double* number = std::get_if<double>(&value);
  return number != nullptr && std::isnan(*number) ? Unset{} : value;
}

std::string to_string(const AxisValue& value) {
  const auto words = [](const auto& v) {
    if constexpr (std::is_same_v<std::decay_t<decltype(v)>, Unset>) {
      return std::string("unset");
    } else {
      return fmt::format("{}", v);
    }
  };
  const std::string text = std::visit(words, value);
  return text.empty() ? "''" : text;
}

std::string short_text(const AxisValue& value) {
  const double* number = std::get_if<double>(&value);
  return number == nullptr ? to_string(value) : fmt::format("{:.5g}", *number);
}

JudgedMetric judged_metric(const Results& results, const std::string& name) {
  const std::string& wanted = name.empty() ? results.manifest.metric : name;
  std::vector<std::string> known;
  for (const MetricInfo& info : metrics()) {
    if (one_value_per_run(info) && recorded(results, info.id)) known.emplace_back(info.name);
  }
  const MetricInfo* info = find_metric(wanted);
  if (info == nullptr)
    throw UsageError("", fmt::format("there is no metric '{}'", wanted), hint_for(wanted, known));
  if (!one_value_per_run(*info)) {
    throw UsageError("", fmt::format("'{}' has more than one value per run", wanted),
                     fmt::format("choose one of: {}", fmt::join(known, ", ")));
  }
  // A sweep of which every run diverged before its first value has a verdict too.
  const bool all_diverged = wanted == results.manifest.metric &&
                            std::any_of(results.runs.begin(), results.runs.end(), [](const RunRecord& run) {
                              return run.state == RunState::kDiverged;
                            });
  if (!recorded(results, info->id) && !all_diverged) {
    throw UsageError(
        "", fmt::format("no run has recorded '{}' yet", wanted),
        known.empty() ? "no run has finished" : fmt::format("choose one of: {}", fmt::join(known, ", ")));
  }
  if (wanted == results.manifest.metric) return {info, results.manifest.minimize, true};
  return {info, info->goal != Goal::kMaximize, info->goal != Goal::kNone};
}

Score score(const Results& results, std::size_t run, const JudgedMetric& metric) {
  const RunRecord& record = results.runs.at(run);
  Score result{run, results.manifest.replicate.at(run), record.state, 0.0};
  if (result.counts() && result.state != RunState::kDiverged) {
    const std::vector<double>& values = record[metric.info->id];
    if (values.empty()) {
      result.state = RunState::kMissing;
    } else {
      result.value = values.back();
      if (!std::isfinite(result.value)) result.state = RunState::kDiverged;
    }
  }
  if (result.state == RunState::kDiverged) {
    result.value = (metric.minimize ? 1.0 : -1.0) * std::numeric_limits<double>::infinity();
  }
  return result;
}

double median_over(const Results& results, const std::vector<Score>& cell,
                   const std::function<double(const RunRecord&)>& of) {
  std::vector<double> values;
  for (const Score& score : cell) {
    const double value = of(results.runs[score.run]);
    if (!std::isnan(value)) values.push_back(value);
  }
  std::sort(values.begin(), values.end());
  return values.empty() ? kNoValue : median(values);
}

Grid make_grid(const Results& results, const JudgedMetric& metric, const std::string& by) {
  const std::size_t runs = results.runs.size();
  Grid grid;
  Levels method{{}, std::vector<std::size_t>(runs, 0)};
  const std::vector<const SettingColumn*> chosen = choose_settings(results, by);
  if (!chosen.empty()) {
    for (const SettingColumn* column : chosen) grid.by += (grid.by.empty() ? "" : ", ") + column->name;
    method = combined(chosen, runs);
    grid.methods = names_of(method.values);
  } else {
    grid.methods.push_back(results.manifest.experiment);
  }

  Levels folds{{}, std::vector<std::size_t>(runs, 0)};
  std::vector<Levels> others;
  for (const SettingColumn& column : results.manifest.settings) {
    if (std::find(chosen.begin(), chosen.end(), &column) != chosen.end()) continue;
    Levels setting = levels(column, runs);
    if (setting.values.size() < 2) continue;
    if (is_fold(column)) {
      folds = std::move(setting);
      grid.repeat = "fold";
      continue;
    }
    if (goes_with(setting, method)) {
      std::vector<std::string> labels = grid.methods;
      for (std::size_t run = 0; run < runs; ++run) {
        labels[method.of_run[run]] = fmt::format("{} ({} {})", grid.methods[method.of_run[run]], column.name,
                                                 short_text(setting.values[setting.of_run[run]]));
      }
      grid.methods = std::move(labels);
    } else {
      grid.axes.push_back(column.name);
      others.push_back(std::move(setting));
    }
  }

  std::map<std::vector<std::size_t>, std::size_t> index;
  grid.cells.resize(grid.methods.size());
  for (std::size_t run = 0; run < runs; ++run) {
    std::vector<std::size_t> at;
    for (const Levels& setting : others) at.push_back(setting.of_run[run]);
    const auto [point, is_new] = index.try_emplace(at, grid.points.size());
    if (is_new) {
      std::vector<AxisValue>& values = grid.points.emplace_back();
      for (const Levels& setting : others) values.push_back(setting.values[setting.of_run[run]]);
      for (auto& row : grid.cells) row.emplace_back();
    }
    Score one = score(results, run, metric);
    const std::size_t blocks = std::max<std::size_t>(1, folds.values.size());
    one.replicate = static_cast<std::uint32_t>(one.replicate * blocks + folds.of_run[run]);
    grid.cells[method.of_run[run]][point->second].push_back(one);
  }
  for (auto& row : grid.cells) {
    for (std::vector<Score>& cell : row) {
      std::sort(cell.begin(), cell.end(), [](const Score& a, const Score& b) {
        return std::tie(a.replicate, a.value, a.run) < std::tie(b.replicate, b.value, b.run);
      });
    }
  }
  return grid;
}

}  // namespace unroll
