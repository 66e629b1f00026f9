#include "data/cases.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/error.h"
#include "data/csv_scanner.h"
#include "data/text_file.h"

namespace unroll {
namespace {

// By number if all are numbers, else by name.
void sort_labels(std::vector<std::string>& labels) {
  std::vector<std::pair<double, std::string>> keyed;
  bool numbers = true;
  for (const std::string& label : labels) {
    double value = 0.0;
    numbers = numbers && classify(label, value) == CsvKind::kNumber;
    keyed.emplace_back(value, label);
  }
  if (!numbers) return std::sort(labels.begin(), labels.end());
  std::sort(keyed.begin(), keyed.end());
  std::transform(keyed.begin(), keyed.end(), labels.begin(), [](const auto& k) { return k.second; });
}

CaseColumns columns_of(const CsvTable& table, const TaskConfig& config) {
  CaseColumns out;
  out.id = config.id_column.empty() ? table.names().front() : config.id_column;
  out.label = config.targets.empty() ? table.names().back() : config.targets.front();
  out.inputs = config.columns;
  if (!out.inputs.empty()) return out;
  for (const std::string& name : table.names()) {
    if (name != out.id && name != out.label && !name.empty()) out.inputs.push_back(name);
  }
  return out;
}

}  // namespace

std::size_t Cases::longest() const {
  std::size_t most = 0;
  for (std::size_t n = 0; n < size(); ++n) most = std::max(most, steps(n));
  return most;
}

Cases read_cases(const CsvTable& table, const TaskConfig& config) {
  Cases cases;
  cases.columns = columns_of(table, config);
  const auto& [id, label, inputs] = cases.columns;
  if (inputs.empty()) {
    throw UsageError("task.columns", "there is no column of inputs between the sequence and its label",
                     "a row for each step: the sequence, its values, its label");
  }
  const std::vector<std::string> ids = table.texts(id, "task.id_column");
  const std::vector<std::string> names = table.texts(label, "task.targets");
  const std::vector<std::vector<double>> values = table.numbers(inputs, "task.columns");

  cases.inputs = inputs.size();
  cases.labels = names;
  std::sort(cases.labels.begin(), cases.labels.end());
  cases.labels.erase(std::unique(cases.labels.begin(), cases.labels.end()), cases.labels.end());
  sort_labels(cases.labels);
  std::set<std::string> seen;
  cases.values.reserve(table.rows() * inputs.size());
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (row == 0 || ids[row] != ids[row - 1]) {
      if (!seen.insert(ids[row]).second) {
        table.fail(row, id, fmt::format("the sequence '{}' was complete before", shown(ids[row])),
                   "keep the rows of a sequence together");
      }
      cases.first.push_back(row);
      const auto found = std::find(cases.labels.begin(), cases.labels.end(), names[row]);
      cases.label.push_back(static_cast<std::int32_t>(found - cases.labels.begin()));
    } else if (names[row] != names[row - 1]) {
      table.fail(row, label,
                 fmt::format("the label changes from '{}' to '{}' within the sequence '{}'",
                             shown(names[row - 1]), shown(names[row]), shown(ids[row])),
                 "a sequence has one label, the same in all its rows");
    }
    for (const auto& column : values) cases.values.push_back(column[row]);
  }
  cases.first.push_back(table.rows());
  return cases;
}

Cases read_cases(const std::string& text, const std::string& path, const TaskConfig& config) {
  return path.ends_with(".ts") ? read_ts(text, path) : read_cases(CsvTable(text, path), config);
}

}  // namespace unroll
