#include "cli/sweep_text.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <set>
#include <utility>
#include <vector>

#include "base/error.h"
#include "cli/build_info.h"
#include "data/task.h"
#include "report/text_table.h"
#include "simd/targets.h"

namespace unroll {
namespace {

std::string_view loss_unit(Loss loss) {
  switch (loss) {
    case Loss::kMse:
      return "squared error";
    case Loss::kSoftmax:
    case Loss::kSigmoid:
      return "nat";
  }
  return "1";
}

// Texts, each once, in the order of first use.
class Distinct {
 public:
  void add(std::string_view text) {
    if (std::find(texts_.begin(), texts_.end(), text) == texts_.end()) texts_.emplace_back(text);
  }
  std::string joined(std::string_view between = "; ") const {
    return fmt::format("{}", fmt::join(texts_, between));
  }

 private:
  std::vector<std::string> texts_;
};

// An axis has values of one type, that of its key.
SettingColumn empty_column(const PlanAxis& axis) {
  SettingColumn column{axis.name, axis.key, axis.unit, axis.description, {}};
  const SettingValue& sample = axis.values.at(0);
  if (std::holds_alternative<bool>(sample) || std::holds_alternative<std::int64_t>(sample)) {
    column.values = std::vector<std::int64_t>();
  } else if (std::holds_alternative<double>(sample)) {
    column.values = std::vector<double>();
  } else {
    column.values = std::vector<std::string>();
  }
  return column;
}

void add_value(SettingColumn& column, const SettingValue& value) {
  if (auto* whole = std::get_if<std::vector<std::int64_t>>(&column.values)) {
    const auto* flag = std::get_if<bool>(&value);
    whole->push_back(flag != nullptr ? std::int64_t{*flag} : std::get<std::int64_t>(value));
  } else if (auto* numbers = std::get_if<std::vector<double>>(&column.values)) {
    numbers->push_back(std::get<double>(value));
  } else {
    std::get<std::vector<std::string>>(column.values).push_back(to_text(value));
  }
}

}  // namespace

std::string setting_text(const SettingValue& value) {
  const double* number = std::get_if<double>(&value);
  return number == nullptr || std::isnan(*number) ? to_text(value) : fmt::format("{:.5g}", *number);
}

std::string run_text(const Plan& plan, const PlannedRun& run) {
  std::vector<std::string> parts;
  for (std::size_t a = 0; a < plan.axes.size(); ++a) {
    parts.push_back(fmt::format("{}={}", plan.axes[a].name, setting_text(run.settings[a])));
  }
  if (plan.seeds > 1 || parts.empty()) parts.push_back(fmt::format("seed={}", run.config.seed.replicate));
  return fmt::format("{}", fmt::join(parts, " "));
}

std::string size_text(const Plan& plan) {
  std::vector<std::string> factors;
  std::set<std::string> zips;
  std::size_t product = plan.seeds;
  for (const PlanAxis& axis : plan.axes) {
    if (!axis.zip.empty() && !zips.insert(axis.zip).second) continue;
    const std::size_t values = axis.values.size();
    const bool nouns = axis.zip.empty() && values > 1 && std::holds_alternative<std::string>(axis.values[0]);
    factors.push_back(
        fmt::format("{} {}{}", values, axis.zip.empty() ? axis.name : axis.zip, nouns ? "s" : ""));
    product *= values;
  }
  if (plan.seeds > 1 || factors.empty()) factors.push_back(count(plan.seeds, "seed"));
  const std::string runs = count(plan.runs.size(), "run");
  if (product == plan.runs.size()) return fmt::format("{} = {}", runs, fmt::join(factors, " x "));
  return fmt::format("{} over {}", runs, fmt::join(factors, ", "));
}

std::string early_terminate_text(const Plan& plan) {
  std::size_t longest = 0;
  if (!plan.early_terminate.active()) return {};
  for (const PlannedRun& run : plan.runs) longest = std::max(longest, run.config.train.epochs);
  const std::vector<std::size_t> at = rungs(plan.early_terminate, longest);
  return fmt::format("early termination by {} after epoch {}", plan.early_terminate.type,
                     fmt::join(at, ", "));
}

Manifest make_manifest(const Plan& plan) {
  Manifest manifest;
  manifest.experiment = plan.name;
  manifest.description = plan.description;
  manifest.plan_hash = plan.hash;
  manifest.metric = plan.metric.name;
  manifest.minimize = plan.metric.minimize;
  Distinct losses;
  Distinct rules;
  Distinct data;
  std::set<std::string> tasks;  // those seen
  for (const PlanAxis& axis : plan.axes) manifest.settings.push_back(empty_column(axis));
  for (const PlannedRun& run : plan.runs) {
    manifest.run_ids.push_back(run.id);
    manifest.replicate.push_back(run.config.seed.replicate);
    for (std::size_t a = 0; a < plan.axes.size(); ++a) add_value(manifest.settings[a], run.settings[a]);
    const TaskConfig& config = run.config.task;
    if (!config.file_hash.empty()) data.add(config.file_hash);
    if (!tasks.insert(config.type + "/" + config.form).second) continue;
    const TaskInfo* task = find_task(config.type);
    UNROLL_CHECK(task != nullptr, "a planned run has a task of the table");
    rules.add(task->chance);
    losses.add(loss_unit(task->shape(config).loss));
  }
  manifest.loss = losses.joined();
  manifest.chance_rule = rules.joined();
  manifest.resolved_yaml = plan.resolved;
  manifest.provenance = {{"version", std::string(version())},
                         {"commit", std::string(commit())},
                         {"compiler", std::string(compiler())},
                         {"isa", simd::target_name()},
                         {"host", host_name()},
                         {"processor", processor_name()}};
  if (std::string sums = data.joined(", "); !sums.empty()) {
    manifest.provenance.emplace_back(kDataProvenance, std::move(sums));
  }
  for (const auto& [name, number] : libraries()) manifest.provenance.emplace_back(name, number);
  return manifest;
}

std::string program_identity() {
  return fmt::format("{} {} {} {}", version(), commit(), compiler(), simd::target_name());
}

std::string conflict_text(const Plan& plan, const RunConflict& conflict) {
  const std::string where = conflict.first == conflict.second
                                ? fmt::format("its two records in {}", conflict.first.string())
                                : fmt::format("{} and {}", conflict.first.string(), conflict.second.string());
  return fmt::format("run {} ({}) is not the same in {}: {}", conflict.run, plan.runs.id(conflict.run), where,
                     conflict.what);
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
