// CSV and JSON.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <variant>

#include "base/error.h"
#include "store/export.h"
#include "store/new_file.h"

namespace unroll {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::size_t kFlushBytes = std::size_t{1} << 20;

std::string number_field(double value) {
  return std::isnan(value) ? std::string() : fmt::format("{}", value);
}

std::string setting_field(const SettingColumn& column, std::size_t run) {
  return std::visit(
      [&](const auto& values) {
        if constexpr (std::is_same_v<std::decay_t<decltype(values[0])>, std::string>) {
          return csv_field(values[run]);
        } else if constexpr (std::is_same_v<std::decay_t<decltype(values[0])>, double>) {
          return number_field(values[run]);
        } else {
          return fmt::format("{}", values[run]);
        }
      },
      column.values);
}

// JSON has no NaN, which becomes null, and no infinity, which is a text as in CSV.
Json json_number(double value) {
  return std::isinf(value) ? Json(value > 0.0 ? "inf" : "-inf") : Json(value);
}

// Of a metric that some run recorded: the names of its axes, outermost first.
Json axes_json(const Results& results) {
  Json axes = Json::object();
  for (const MetricInfo& metric : metrics()) {
    const bool recorded = std::any_of(results.runs.begin(), results.runs.end(),
                                      [&](const RunRecord& run) { return !run[metric.id].empty(); });
    if (metric.dims.empty() || !recorded) continue;
    Json& names = axes[std::string(metric.name)] = Json::array();
    for (const Dim dim : metric.dims) names.push_back(dim_name(dim));
  }
  return axes;
}

// What the places along the axes of a run's arrays are called, or their numbers.
Json places_json(const RunRecord& record) {
  Json axes = Json::object();
  for (const DimInfo& dim : dims()) {
    const std::size_t length = record.length(dim.id);
    if (length == 0) continue;
    Json& places = axes[std::string(dim.name)] = Json::array();
    for (std::size_t i = 0; i < length; ++i) {
      if (dim.own_names) {
        places.push_back(record.names(*dim.own_names)[i]);
      } else if (!dim.labels.empty()) {
        places.push_back(dim.labels[i]);
      } else {
        places.push_back(dim.start + static_cast<std::int64_t>(i));
      }
    }
  }
  return axes;
}

// A text file that takes its name when it is whole.
class TextFile {
 public:
  explicit TextFile(const fs::path& path) : file_(path) {}
  void add(const std::string& text) {
    text_ += text;
    if (text_.size() > kFlushBytes) flush();
  }
  void finish() {
    flush();
    file_.publish();
  }

 private:
  void flush() {
    file_.file().write(size_, text_);
    size_ += text_.size();
    text_.clear();
  }

  NewFile file_;
  std::uint64_t size_ = 0;
  std::string text_;
};

std::vector<const MetricInfo*> metrics_over(const Results& results, const std::vector<Dim>& dims) {
  std::vector<const MetricInfo*> list;
  for (const MetricInfo& metric : metrics()) {
    if (metric.dims != dims) continue;
    for (const RunRecord& record : results.runs) {
      if (record[metric.id].empty()) continue;
      list.push_back(&metric);
      break;
    }
  }
  return list;
}

}  // namespace

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

void export_csv(const fs::path& folder, const Results& results) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw FileError(folder.string(), "cannot make this folder: " + error.message());
  const Manifest& manifest = results.manifest;
  const auto scalars = metrics_over(results, {});
  const auto curves = metrics_over(results, {Dim::kEpoch});
  TextFile runs(folder / "runs.csv");
  TextFile epochs(folder / "epochs.csv");
  std::string head = "run,run_id,replicate";
  for (const SettingColumn& column : manifest.settings) head += "," + csv_field(column.name);
  head += ",state,message";
  const bool samples = std::any_of(results.runs.begin(), results.runs.end(),
                                   [](const RunRecord& record) { return !record.sample.empty(); });
  if (samples) head += ",sample";
  for (const MetricInfo* metric : scalars) head += fmt::format(",{}", metric->name);
  runs.add(head + "\n");
  head = "run,run_id,epoch";
  for (const MetricInfo* metric : curves) head += fmt::format(",{}", metric->name);
  epochs.add(head + "\n");
  for (std::size_t run = 0; run < results.runs.size(); ++run) {
    const RunRecord& record = results.runs[run];
    std::string row = fmt::format("{},{},{}", run, manifest.run_ids[run], manifest.replicate[run]);
    for (const SettingColumn& column : manifest.settings) row += "," + setting_field(column, run);
    row += fmt::format(",{},{}", state_name(record.state), csv_field(record.message));
    if (samples) row += "," + csv_field(record.sample);
    for (const MetricInfo* metric : scalars) {
      const std::vector<double>& values = record[metric->id];
      row += "," + (values.empty() ? std::string() : number_field(values[0]));
    }
    runs.add(row + "\n");
    for (std::size_t epoch = 0; epoch < record.epochs; ++epoch) {
      row = fmt::format("{},{},{}", run, manifest.run_ids[run], epoch + 1);
      for (const MetricInfo* metric : curves) {
        const std::vector<double>& values = record[metric->id];
        row += "," + (values.empty() ? std::string() : number_field(values[epoch]));
      }
      epochs.add(row + "\n");
    }
  }
  runs.finish();
  epochs.finish();
}

std::string results_json(const Results& results) {
  const Manifest& manifest = results.manifest;
  Json json;
  json["experiment"] = manifest.experiment;
  json["plan_hash"] = manifest.plan_hash;
  json["metric"] = manifest.metric;
  json["goal"] = manifest.minimize ? "minimize" : "maximize";
  json["loss"] = manifest.loss;
  json["axes"] = axes_json(results);
  json["runs"] = Json::array();
  for (std::size_t run = 0; run < results.runs.size(); ++run) {
    const RunRecord& record = results.runs[run];
    Json row;
    row["run"] = run;
    row["run_id"] = manifest.run_ids[run];
    row["replicate"] = manifest.replicate[run];
    Json& settings = row["settings"] = Json::object();
    for (const SettingColumn& column : manifest.settings) {
      std::visit([&](const auto& values) { settings[column.key] = values[run]; }, column.values);
    }
    row["state"] = state_name(record.state);
    if (!record.message.empty()) row["message"] = record.message;
    if (!record.sample.empty()) row["sample"] = record.sample;
    row["axes"] = places_json(record);
    for (const MetricInfo& metric : metrics()) {
      const std::vector<double>& values = record[metric.id];
      if (values.empty()) continue;
      Json& numbers = row[std::string(metric.name)];
      if (metric.dims.empty()) {
        numbers = json_number(values[0]);
        continue;
      }
      numbers = Json::array();
      for (const double value : values) numbers.push_back(json_number(value));
    }
    json["runs"].push_back(std::move(row));
  }
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace unroll
