#include "cli/plan_text.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
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

struct Totals {
  double flops = 0.0;
  double rate = 0.0;  // operations per second and core
  double core_seconds = 0.0;
  double seconds = 0.0;
  double bytes = 0.0;  // of the runs at once that need most
};

Totals totals(const Plan& plan, std::size_t workers) {
  Totals out;
  std::vector<double> costs;
  for (std::size_t i = 0; i < plan.runs.size(); ++i) {
    costs.push_back(plan.runs.estimate(i).flops);
    out.flops += costs.back();
  }
  out.rate = measured_rate(plan);
  out.core_seconds = out.flops / out.rate;
  out.seconds = makespan(std::move(costs), workers, out.rate);
  out.bytes = peak_bytes(plan, workers);
  return out;
}

Json setting_json(const SettingValue& value) {
  return std::visit([](const auto& v) { return Json(v); }, value);
}

}  // namespace

std::string plan_text(const Plan& plan, std::size_t workers, bool all) {
  std::vector<TextColumn> columns = {{"run"}};
  for (const PlanAxis& axis : plan.axes) {
    const bool words = !axis.values.empty() && !std::holds_alternative<std::int64_t>(axis.values[0]) &&
                       !std::holds_alternative<double>(axis.values[0]);
    columns.push_back({axis.name, words});
  }
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
    for (const SettingValue& value : run.settings) cells.push_back(to_text(value));
    cells.push_back(fmt::format("{}", run.config.seed.replicate));
    cells.push_back(fmt::format("{}", run.estimate.params));
    cells.push_back(quantity_text(run.estimate.flops));
    cells.push_back(bytes_text(static_cast<double>(run.estimate.bytes)));
    table.add(std::move(cells));
  }
  const Totals sum = totals(plan, workers);
  std::string out = fmt::format("{}: {}\n\n{}\n", plan.name, size_text(plan), table.text(Console::kWide));
  out += fmt::format("{}operations at {}FLOP/s and core (measured now) = {:.3g} core-hours\n",
                     quantity_text(sum.flops) + " ", quantity_text(sum.rate), sum.core_seconds / 3600.0);
  out += fmt::format("about {} on {}, up to {} of memory for {} at once\n", duration_text(sum.seconds),
                     count(workers, "core"), bytes_text(sum.bytes), count(std::min(workers, runs), "run"));
  return out;
}

std::string plan_json(const Plan& plan, std::size_t workers) {
  const Totals sum = totals(plan, workers);
  Json json;
  json["experiment"] = plan.name;
  json["plan_hash"] = plan.hash;
  json["planned"] = plan.runs.size();
  json["operations"] = sum.flops;
  json["flops_per_second"] = sum.rate;
  json["core_hours"] = sum.core_seconds / 3600.0;
  json["workers"] = workers;
  json["seconds"] = sum.seconds;
  json["peak_bytes"] = sum.bytes;
  json["runs"] = Json::array();
  for (const PlannedRun& run : plan.runs) {
    Json row;
    row["run_id"] = run.id;
    Json& settings = row["settings"] = Json::object();
    for (std::size_t a = 0; a < plan.axes.size(); ++a)
      settings[plan.axes[a].key] = setting_json(run.settings[a]);
    row["seed"] = run.config.seed.replicate;
    row["params"] = run.estimate.params;
    row["operations"] = run.estimate.flops;
    row["bytes"] = run.estimate.bytes;
    json["runs"].push_back(std::move(row));
  }
  return json.dump(2) + "\n";
}

}  // namespace unroll
