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
        } else {
          return fmt::format("{}", values[run]);
        }
      },
      column.values);
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
    if (!record.blocks.empty()) row["block"] = record.blocks;
    if (!record.classes.empty()) row["class"] = record.classes;
    for (const MetricInfo& metric : metrics()) {
      const std::vector<double>& values = record[metric.id];
      if (values.empty()) continue;
      // Row-major over the metric's axes; JSON has no NaN, which becomes null.
      row[std::string(metric.name)] = metric.dims.empty() ? Json(values[0]) : Json(values);
    }
    json["runs"].push_back(std::move(row));
  }
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace unroll
