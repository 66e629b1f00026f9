#include "report/run_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/confusion.h"
#include "report/grid.h"
#include "report/text_table.h"

namespace unroll {

namespace {

constexpr std::size_t kMistakes = 5;

std::string settings_text(const Manifest& manifest, std::size_t run) {
  std::string out;
  for (const SettingColumn& column : manifest.settings)
    out += fmt::format("{} {}, ", column.name, to_string(setting_value(column, run)));
  return out + fmt::format("seed {}", manifest.replicate.at(run));
}

std::string metrics_text(const Results& results, const RunRecord& record, std::size_t width) {
  TextTable table({{"metric", true}, {"value"}, {"unit", true}, {"", true, 1}});
  for (const MetricInfo& info : metrics()) {
    const std::vector<double>& values = record[info.id];
    if (values.empty() || !one_value_per_run(info) || info.id == Metric::kStartTime) continue;
    const std::string unit(info.unit == "loss" ? results.manifest.loss : info.unit);
    const double value = values.back();
    const bool whole_number = value == std::round(value) && std::abs(value) < 1e7;
    const std::string shown = std::isinf(value) ? "infinite" : whole_number ? whole(value) : number(value);
    table.add({std::string(info.name), shown, unit == "1" ? "" : unit,
               info.dims.empty() ? "" : "after the last epoch"});
  }
  return table.text(width);
}

std::string confusion_text(const Results& results, std::size_t run, std::size_t width) {
  const Confusion confusion = sum_confusion(results, {run});
  if (confusion.empty()) return "";
  std::vector<TextColumn> columns = {{"", true}};
  for (const std::string& name : confusion.classes) columns.push_back({name});
  columns.push_back({"right"});
  TextTable table(columns);
  for (std::size_t truth = 0; truth < confusion.classes.size(); ++truth) {
    std::vector<std::string> cells = {confusion.classes[truth]};
    for (std::size_t predicted = 0; predicted < confusion.classes.size(); ++predicted) {
      const double n = confusion.count(truth, predicted);
      cells.push_back(n == 0.0 ? "." : fmt::format("{:.0f}", n));
    }
    cells.push_back(fmt::format("{:.0f} %", 100.0 * confusion.share(truth, truth)));
    table.add(std::move(cells));
  }
  std::string out = "\nTest sequences of a class (down) by the class that was predicted (across)\n";
  const std::string text = table.text(10'000);
  // A matrix that is wider than the terminal says less than its worst mistakes.
  if (text.find('\n') <= width) out += text;
  const std::string words = mistakes(confusion, kMistakes);
  return out + paragraph("  ", words.empty() ? "No mistakes." : words, width);
}

std::string sample_text(const RunRecord& record) {
  if (record.sample.empty()) return "";
  std::string out = "\nWhat the net writes\n  ";
  for (const char c : record.sample) out += c == '\n' ? std::string("\n  ") : std::string(1, c);
  return out + "\n";
}

}  // namespace

std::string run_text(const Results& results, std::size_t run, std::size_t width) {
  const Manifest& manifest = results.manifest;
  const RunRecord& record = results.runs.at(run);
  std::string out = fmt::format("{}: run {} ({}), {}\n", manifest.experiment, run, manifest.run_ids.at(run),
                                state_name(record.state));
  out += paragraph("  ", settings_text(manifest, run), width);
  if (!record.message.empty()) out += paragraph("  ", record.message, width);
  const std::string numbers = metrics_text(results, record, width);
  if (record.state != RunState::kMissing) out += "\n" + numbers;
  return out + confusion_text(results, run, width) + sample_text(record);
}

std::size_t best_run(const Results& results) {
  const JudgedMetric metric = judged_metric(results, "");
  std::size_t best = 0;
  double lowest = std::numeric_limits<double>::infinity();
  for (std::size_t run = 0; run < results.runs.size(); ++run) {
    const Score one = score(results, run, metric);
    if (one.state != RunState::kDone) continue;
    const double loss = metric.minimize ? one.value : -one.value;
    if (loss < lowest) {
      lowest = loss;
      best = run;
    }
  }
  return best;
}

}  // namespace unroll
