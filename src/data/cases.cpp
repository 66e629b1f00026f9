#include "data/cases.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

#include "base/error.h"
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

// The first row of a sequence.
struct Opening {
  std::string id;
  std::size_t row;
  std::int32_t label;  // its number among the labels, in the order of the file
};

// Refuses rows of a sequence that others stand between. Changes the order.
void check_together(const CsvTable& table, std::size_t id, std::deque<Opening>& openings) {
  std::sort(openings.begin(), openings.end(),
            [](const Opening& a, const Opening& b) { return std::tie(a.id, a.row) < std::tie(b.id, b.row); });
  const auto again = std::adjacent_find(openings.begin(), openings.end(),
                                        [](const Opening& a, const Opening& b) { return a.id == b.id; });
  if (again == openings.end()) return;
  CsvRows rows(table);
  for (std::size_t row = 0; row <= std::next(again)->row; ++row) rows.next();
  rows.fail(id, fmt::format("the sequence '{}' was complete before", shown(again->id)),
            "keep the rows of a sequence together");
}

// The labels in their final order, and that of each opening among them.
void number_labels(const std::map<std::string, std::int32_t>& found, const std::deque<Opening>& openings,
                   Cases& cases) {
  for (const auto& [name, number] : found) cases.labels.push_back(name);
  sort_labels(cases.labels);
  std::vector<std::int32_t> final_number(found.size());
  for (std::size_t i = 0; i < cases.labels.size(); ++i) {
    final_number[static_cast<std::size_t>(found.at(cases.labels[i]))] = static_cast<std::int32_t>(i);
  }
  cases.label.reserve(openings.size());
  for (const Opening& o : openings) cases.label.push_back(final_number[static_cast<std::size_t>(o.label)]);
}

}  // namespace

std::size_t Cases::longest() const {
  std::size_t most = 0;
  for (std::size_t n = 0; n < size(); ++n) most = std::max(most, steps(n));
  return most;
}

std::size_t Cases::bytes() const {
  return values.size() * sizeof(values[0]) + first.size() * sizeof(first[0]) +
         label.size() * sizeof(label[0]) + reading_bytes;
}

Cases read_cases(const CsvTable& table, const TaskConfig& config) {
  Cases cases;
  cases.columns = columns_of(table, config);
  const auto& [id, label, inputs] = cases.columns;
  if (inputs.empty()) {
    throw UsageError("task.columns", "there is no column of inputs between the sequence and its label",
                     "a row for each step: the sequence, its values, its label");
  }
  const std::size_t id_column = table.index_of(id, "task.id_column");
  const std::size_t label_column = table.index_of(label, "task.targets");
  std::vector<std::size_t> input_columns;
  for (const std::string& name : inputs) input_columns.push_back(table.index_of(name, "task.columns"));

  cases.inputs = inputs.size();
  cases.values.reserve(table.rows() * inputs.size());
  // A deque, for it never holds itself twice.
  std::deque<Opening> openings;
  std::map<std::string, std::int32_t> labels;
  std::string last_label;
  CsvRows rows(table);
  for (std::size_t row = 0; rows.next(); ++row) {
    std::string name = rows.text(id_column);
    std::string of = rows.text(label_column);
    if (openings.empty() || name != openings.back().id) {
      const auto number = static_cast<std::int32_t>(labels.size());
      openings.push_back({std::move(name), row, labels.emplace(of, number).first->second});
      last_label = std::move(of);
    } else if (of != last_label) {
      rows.fail(label_column,
                fmt::format("the label changes from '{}' to '{}' within the sequence '{}'", shown(last_label),
                            shown(of), shown(name)),
                "a sequence has one label, the same in all its rows");
    }
    for (const std::size_t column : input_columns) cases.values.push_back(rows.number(column));
  }
  number_labels(labels, openings, cases);
  cases.first.reserve(openings.size() + 1);
  for (const Opening& o : openings) cases.first.push_back(o.row);
  cases.first.push_back(table.rows());
  cases.reading_bytes = openings.size() * sizeof(Opening);
  check_together(table, id_column, openings);
  return cases;
}

bool is_ts(const std::string& path) {
  return path.ends_with(".ts");
}

Cases read_cases(std::string text, const std::string& path, const TaskConfig& config) {
  return is_ts(path) ? read_ts(text, path) : read_cases(CsvTable(std::move(text), path), config);
}

}  // namespace unroll
