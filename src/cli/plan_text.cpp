#include "cli/plan_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <variant>
#include <vector>

#include "cli/console.h"
#include "cli/forecast.h"
#include "cli/quantity.h"
#include "cli/sweep_text.h"
#include "report/text_table.h"

namespace unroll {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kFirstRows = 20;
constexpr std::size_t kLastRows = 5;

Forecast whole_forecast(const Plan& plan, std::size_t workers) {
  std::vector<std::size_t> runs(plan.runs.size());
  std::iota(runs.begin(), runs.end(), std::size_t{0});
  return forecast(plan, runs, workers);
}

Json optional_json(const std::optional<double>& value) {
  return value ? Json(*value) : Json();
}

Json setting_json(const SettingValue& value) {
  return std::visit([](const auto& v) { return Json(v); }, value);
}

// Of the axes, or of what all runs have: a plan may have a million of them.
bool keeps_weights(const Plan& plan) {
  const auto axis = std::find_if(plan.axes.begin(), plan.axes.end(),
                                 [](const PlanAxis& a) { return a.key == "record.weights"; });
  if (axis == plan.axes.end()) return !plan.runs.empty() && plan.runs[0].config.record.weights != "none";
  return std::any_of(axis->values.begin(), axis->values.end(),
                     [](const SettingValue& value) { return to_text(value) != "none"; });
}

}  // namespace

std::string plan_text(const Plan& plan, std::size_t workers, bool all) {
  std::vector<TextColumn> columns = {{"run"}};
  for (const PlanAxis& axis : plan.axes) {
    const bool words = !axis.values.empty() && !std::holds_alternative<std::int64_t>(axis.values[0]) &&
                       !std::holds_alternative<double>(axis.values[0]);
    columns.push_back({axis.name, words});
  }
  // Where the file gives a number of parameters, the units that it comes to.
  const bool solved = std::any_of(plan.axes.begin(), plan.axes.end(),
                                  [](const PlanAxis& axis) { return axis.key == "model.params"; }) ||
                      (!plan.runs.empty() && plan.runs[0].config.model.params > 0);
  if (solved) columns.push_back({"hidden"});
  for (const char* heading : {"seed", "params", "operations", "memory"}) columns.push_back({heading});
  TextTable table(columns);
  const std::size_t runs = plan.runs.size();
  const std::size_t hidden = all || runs <= kFirstRows + kLastRows + 1 ? 0 : runs - kFirstRows - kLastRows;
  for (std::size_t i = 0; i < runs; ++i) {
    if (hidden > 0 && i == kFirstRows) {
      table.title(fmt::format("... {} more, all with --all ...", hidden));
      i += hidden;
    }
    const PlannedRun run = plan.runs[i];
    std::vector<std::string> cells = {fmt::format("{}", i)};
    for (const SettingValue& value : run.settings) cells.push_back(setting_text(value));
    if (solved) cells.push_back(fmt::format("{}", run.config.model.hidden));
    cells.push_back(fmt::format("{}", run.config.seed.replicate));
    cells.push_back(fmt::format("{}", run.estimate.params));
    cells.push_back(quantity_text(run.estimate.flops));
    cells.push_back(bytes_text(static_cast<double>(run.estimate.bytes)));
    table.add(std::move(cells));
  }
  const Forecast sum = whole_forecast(plan, workers);
  std::string out = fmt::format("{}: {}\n\n{}\n", plan.name, size_text(plan), table.text(Console::kWide));
  if (const std::string early = early_terminate_text(plan); !early.empty()) {
    out += fmt::format("{}: about {} % of the work of all runs is left\n", early, percent_text(sum.share));
  }
  const std::string cores = count(workers, "core");
  out += fmt::format("{} operations, up to {} of memory for {} at once\n", quantity_text(sum.flops),
                     bytes_text(sum.bytes), count(std::min(workers, runs), "run"));
  out +=
      fmt::format("about {} of records: losses, gradient statistics{}; in results.h5 they are compressed\n",
                  bytes_text(sum.record_bytes), keeps_weights(plan) ? " and weights" : "");
  if (sum.rate) {
    out += fmt::format("about {} on {}: {:.3g} core-hours at {} operations per second, as measured now\n",
                       duration_text(*sum.seconds), cores, *sum.core_hours, quantity_text(*sum.rate));
  }
  if (sum.too_large > 0) out += too_large_text(sum.too_large) + "\n";
  return out;
}

std::string plan_json(const Plan& plan, std::size_t workers) {
  const Forecast sum = whole_forecast(plan, workers);
  Json json;
  json["experiment"] = plan.name;
  json["plan_hash"] = plan.hash;
  json["planned"] = plan.runs.size();
  json["operations"] = sum.flops;
  json["operations_per_second"] = optional_json(sum.rate);
  json["core_hours"] = optional_json(sum.core_hours);
  json["workers"] = workers;
  json["seconds"] = optional_json(sum.seconds);
  json["peak_bytes"] = sum.bytes;
  json["record_bytes"] = sum.record_bytes;
  json["too_large"] = sum.too_large;
  if (plan.early_terminate.active()) json["early_terminate"] = plan.early_terminate.type;
  json["runs"] = Json::array();
  for (const PlannedRun& run : plan.runs) {
    Json row;
    row["run_id"] = run.id;
    Json& settings = row["settings"] = Json::object();
    for (std::size_t a = 0; a < plan.axes.size(); ++a)
      settings[plan.axes[a].key] = setting_json(run.settings[a]);
    row["seed"] = run.config.seed.replicate;
    row["hidden"] = run.config.model.hidden;
    row["params"] = run.estimate.params;
    row["operations"] = run.estimate.flops;
    row["bytes"] = run.estimate.bytes;
    row["record_bytes"] = run.estimate.record_bytes;
    json["runs"].push_back(std::move(row));
  }
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace unroll
