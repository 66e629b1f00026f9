#include "cli/sweep_text.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <set>
#include <vector>

#include "cli/build_info.h"
#include "data/task.h"
#include "report/text_table.h"
#include "simd/targets.h"

namespace unroll {
namespace {

template <typename... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <typename... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

std::string_view loss_unit(Loss loss) {
  switch (loss) {
    case Loss::kMse: return "squared error";
    case Loss::kSoftmax: return "nat";
    case Loss::kSigmoid: return "nat";
  }
  return "1";
}

// The texts of all runs, each once, joined.
template <typename Text>
std::string distinct(const Plan& plan, Text text) {
  std::vector<std::string> seen;
  for (const PlannedRun& run : plan.runs) {
    std::string next(text(run));
    if (std::find(seen.begin(), seen.end(), next) == seen.end()) seen.push_back(std::move(next));
  }
  return fmt::format("{}", fmt::join(seen, "; "));
}

SettingColumn column(const Plan& plan, std::size_t axis) {
  const PlanAxis& info = plan.axes[axis];
  SettingColumn out{info.name, info.key, info.unit, info.description, {}};
  bool whole = true;
  bool numeric = true;
  for (const PlannedRun& run : plan.runs) {
    const SettingValue& value = run.settings[axis];
    const bool is_whole = std::holds_alternative<bool>(value) || std::holds_alternative<std::int64_t>(value);
    whole = whole && is_whole;
    numeric = numeric && (is_whole || std::holds_alternative<double>(value));
  }
  const auto number = [](const SettingValue& value) {
    return std::visit(Overloaded{[](bool v) { return v ? 1.0 : 0.0; },
                                 [](std::int64_t v) { return static_cast<double>(v); }, [](double v) { return v; },
                                 [](const auto&) { return 0.0; }},
                      value);
  };
  if (whole) {
    std::vector<std::int64_t> values;
    for (const PlannedRun& run : plan.runs) {
      const SettingValue& value = run.settings[axis];
      const auto* flag = std::get_if<bool>(&value);
      values.push_back(flag != nullptr ? std::int64_t{*flag} : std::get<std::int64_t>(value));
    }
    out.values = std::move(values);
  } else if (numeric) {
    std::vector<double> values;
    for (const PlannedRun& run : plan.runs) values.push_back(number(run.settings[axis]));
    out.values = std::move(values);
  } else {
    std::vector<std::string> values;
    for (const PlannedRun& run : plan.runs) values.push_back(setting_text(run.settings[axis]));
    out.values = std::move(values);
  }
  return out;
}

}  // namespace

std::string setting_text(const SettingValue& value) {
  return std::visit(Overloaded{[](bool v) { return std::string(v ? "true" : "false"); },
                               [](std::int64_t v) { return fmt::format("{}", v); },
                               [](double v) { return fmt::format("{}", v); }, [](const std::string& v) { return v; },
                               [](const std::vector<std::string>& v) { return fmt::format("{}", fmt::join(v, ",")); }},
                    value);
}

std::string run_text(const Plan& plan, std::size_t run) {
  std::vector<std::string> parts;
  for (std::size_t a = 0; a < plan.axes.size(); ++a) {
    parts.push_back(fmt::format("{}={}", plan.axes[a].name, setting_text(plan.runs[run].settings[a])));
  }
  if (plan.seeds > 1 || parts.empty()) {
    parts.push_back(fmt::format("seed={}", plan.runs[run].config.seed.replicate));
  }
  return fmt::format("{}", fmt::join(parts, " "));
}

std::string size_text(const Plan& plan) {
  std::vector<std::string> factors;
  std::size_t product = plan.seeds;
  for (std::size_t a = 0; a < plan.axes.size(); ++a) {
    std::set<std::string> values;
    for (const PlannedRun& run : plan.runs) values.insert(setting_text(run.settings[a]));
    const bool words = !plan.runs.empty() && std::holds_alternative<std::string>(plan.runs[0].settings[a]);
    factors.push_back(
        fmt::format("{} {}{}", values.size(), plan.axes[a].name, words && values.size() != 1 ? "s" : ""));
    product *= values.size();
  }
  if (plan.seeds > 1 || factors.empty()) factors.push_back(count(plan.seeds, "seed"));
  const std::string runs = count(plan.runs.size(), "run");
  if (product == plan.runs.size()) return fmt::format("{} = {}", runs, fmt::join(factors, " x "));
  return fmt::format("{} over {}", runs, fmt::join(factors, ", "));
}

Manifest make_manifest(const Plan& plan) {
  Manifest manifest;
  manifest.experiment = plan.name;
  manifest.description = plan.description;
  manifest.plan_hash = plan.hash;
  manifest.metric = plan.metric.name;
  manifest.minimize = plan.metric.minimize;
  manifest.loss = distinct(plan, [](const PlannedRun& run) { return loss_unit(task_shape(run.config.task).loss); });
  manifest.chance_rule = distinct(plan, [](const PlannedRun& run) {
    const TaskInfo* task = find_task(run.config.task.type);
    return task != nullptr ? task->chance : std::string_view();
  });
  for (const PlannedRun& run : plan.runs) {
    manifest.run_ids.push_back(run.id);
    manifest.replicate.push_back(run.config.seed.replicate);
  }
  for (std::size_t a = 0; a < plan.axes.size(); ++a) manifest.settings.push_back(column(plan, a));
  manifest.resolved_yaml = plan.resolved;
  manifest.provenance = {{"version", std::string(version())}, {"commit", std::string(commit())},
                         {"compiler", std::string(compiler())}, {"isa", simd::target_name()},
                         {"host", host_name()}, {"processor", processor_name()}};
  for (const auto& [name, number] : libraries()) manifest.provenance.emplace_back(name, number);
  return manifest;
}

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : "unknown";
}

std::string processor_name() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    const std::size_t colon = line.find(": ");
    if (line.rfind("model name", 0) == 0 && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

}  // namespace unroll
