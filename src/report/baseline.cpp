#include "report/baseline.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "base/error.h"

namespace unroll {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kSeed = "seed";
constexpr const char* kState = "state";

// JSON has no NaN and no infinity.
Json number_json(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0.0 ? "inf" : "-inf";
  if (value == std::floor(value) && std::abs(value) < 1e15) return static_cast<std::int64_t>(value);
  return value;
}

double number_of(const Json& json) {
  if (!json.is_string()) return json.get<double>();
  const auto& text = json.get_ref<const std::string&>();
  const double inf = std::numeric_limits<double>::infinity();
  return text == "inf" ? inf : text == "-inf" ? -inf : std::numeric_limits<double>::quiet_NaN();
}

Json values_json(const MetricInfo& info, const std::vector<double>& values) {
  if (info.dims.empty()) return number_json(values.at(0));
  Json list = Json::array();
  for (const double value : values) list.push_back(number_json(value));
  return list;
}

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// A text says what decides the bits, and on which machine only if it holds what was measured there.
bool belongs_in_a_text(const std::string& name, const Policy& policy) {
  if (name == "version" || name == "commit" || name == "compiler" || name == "isa" || name == kDataProvenance)
    return true;
  const bool measured = std::any_of(policy.rules.begin(), policy.rules.end(), [](const PolicyRule& rule) {
    return rule.metric->group == Group::kMeasured;
  });
  return measured && (name == "host" || name == "processor");
}

// One line for each element.
std::string lines(const std::vector<Json>& items) {
  std::string out = "[";
  for (std::size_t i = 0; i < items.size(); ++i) out += (i == 0 ? "\n    " : ",\n    ") + dump(items[i]);
  return out + "\n  ]";
}

RunState state_of(const std::string& name) {
  for (const RunState state : {RunState::kDone, RunState::kDiverged, RunState::kFailed, RunState::kPruned}) {
    if (state_name(state) == name) return state;
  }
  return RunState::kMissing;
}

void add_setting(SettingColumn& column, std::size_t run, const Json& value) {
  const auto push = [&](auto number) {
    using Column = std::vector<decltype(number)>;
    if (run == 0) column.values = Column();
    std::get<Column>(column.values).push_back(std::move(number));
  };
  if (value.is_string()) return push(value.get<std::string>());
  if (value.is_number_integer()) return push(value.get<std::int64_t>());
  if (value.is_null()) return push(std::numeric_limits<double>::quiet_NaN());  // not set
  push(value.get<double>());
}

Results from_json(const Json& json) {
  if (json.at("unroll_baseline").get<int>() > kBaselineSchema) {
    throw std::runtime_error("it was written by a newer version of unroll");
  }
  Results results;
  Manifest& manifest = results.manifest;
  manifest.experiment = json.at("experiment").get<std::string>();
  manifest.metric = json.at("metric").get<std::string>();
  manifest.minimize = json.at("goal").get<std::string>() == "minimize";
  for (const auto& [name, value] : json.at("provenance").items()) {
    manifest.provenance.emplace_back(name, value.get<std::string>());
  }
  for (const Json& line : json.at("resolved")) manifest.resolved_yaml += line.get<std::string>() + "\n";
  for (const Json& setting : json.at("settings")) {
    SettingColumn column;
    column.key = setting.get<std::string>();
    column.name = column.key.substr(column.key.rfind('.') + 1);
    manifest.settings.push_back(std::move(column));
  }
  for (const Json& line : json.at("runs")) {
    RunRecord record;
    record.state = state_of(line.at(kState).get<std::string>());
    manifest.replicate.push_back(line.at(kSeed).get<std::uint32_t>());
    manifest.run_ids.emplace_back();
    for (SettingColumn& column : manifest.settings) {
      add_setting(column, results.runs.size(), line.at(column.key));
    }
    for (const MetricInfo& info : metrics()) {
      const auto found = line.find(info.name);
      if (found == line.end()) continue;
      if (info.dims.empty()) {
        record[info.id] = {number_of(*found)};
      } else {
        for (const Json& value : *found) record[info.id].push_back(number_of(value));
      }
    }
    results.runs.push_back(std::move(record));
  }
  return results;
}

}  // namespace

std::string baseline_text(const Results& results, const Policy& policy) {
  const Manifest& manifest = results.manifest;
  std::set<Metric> kept;
  for (const PolicyRule& rule : policy.rules) kept.insert(rule.metric->id);
  std::vector<Json> resolved;
  std::istringstream yaml(manifest.resolved_yaml);
  for (std::string line; std::getline(yaml, line);) resolved.emplace_back(line);
  Json settings = Json::array();
  for (const SettingColumn& column : manifest.settings) settings.push_back(column.key);
  std::vector<Json> runs;
  for (std::size_t run = 0; run < results.runs.size(); ++run) {
    const RunRecord& record = results.runs[run];
    Json line;
    for (const SettingColumn& column : manifest.settings) {
      std::visit([&](const auto& values) { line[column.key] = values.at(run); }, column.values);
    }
    line[kSeed] = manifest.replicate.at(run);
    line[kState] = state_name(record.state);
    for (const Metric metric : kept) {
      if (record[metric].empty()) continue;
      const MetricInfo& info = metric_info(metric);
      line[std::string(info.name)] = values_json(info, record[metric]);
    }
    runs.push_back(std::move(line));
  }
  std::string out = fmt::format("{{\n  \"unroll_baseline\": {},\n", kBaselineSchema);
  out += fmt::format("  \"experiment\": {},\n  \"metric\": {},\n  \"goal\": \"{}\",\n",
                     dump(manifest.experiment), dump(manifest.metric),
                     manifest.minimize ? "minimize" : "maximize");
  Json provenance = Json::object();
  for (const auto& [name, value] : manifest.provenance) {
    if (belongs_in_a_text(name, policy)) provenance[name] = value;
  }
  out += fmt::format("  \"provenance\": {},\n", dump(provenance));
  out += fmt::format("  \"resolved\": {},\n", lines(resolved));
  out += fmt::format("  \"settings\": {},\n", dump(settings));
  return out + fmt::format("  \"runs\": {}\n}}\n", lines(runs));
}

Results parse_baseline(const std::string& name, const std::string& text) {
  try {
    return from_json(Json::parse(text));
  } catch (const std::exception& e) {
    throw FileError(name, fmt::format("this is no baseline: {}", e.what()),
                    "make it again with 'unroll check RESULTS.h5 --baseline FILE.json --update-baseline'");
  }
}

Results read_baseline(const std::filesystem::path& path) {
  if (path.extension() != ".json") return read_results(path);
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    throw FileError(path.string(), "there is no such baseline",
                    "make it with --update-baseline from results that are good");
  }
  return parse_baseline(path.string(), std::string(std::istreambuf_iterator<char>(in), {}));
}

}  // namespace unroll
