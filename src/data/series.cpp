// Windows over the columns of a CSV file. Written for row r of the file, with T = seq_len and h = horizon:
// the net reads the inputs of rows r - h - T + 1 .. r - h and predicts the targets of row r.
// With `difference` an input is the change from the row before, and a target is the change from row r - h,
// the last one known, to row r. The rows are cut into three parts in time order (split.h). Each target row
// belongs to one part; the windows of valid and test may begin in rows of the part before, which are known by
// then. So the targets of valid and test, and the chance levels, are the same for every seq_len. Offsets and
// scales come from the rows of the training part alone. With `split: shuffled` the windows before the test
// part are divided at random instead: they share rows with those of the other part, so the validation loss
// flatters; offsets and scales come from all of these rows.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "data/csv.h"
#include "data/generators.h"
#include "data/scaler.h"
#include "data/split.h"
#include "data/text_file.h"

namespace unroll {
namespace {

using Column = std::vector<double>;

// The first row that can be a target.
std::size_t first_target(const TaskConfig& config) {
  return (config.difference ? 1 : 0) + config.seq_len - 1 + config.horizon;
}

double raw_input(const TaskConfig& config, const Column& x, std::size_t row) {
  return config.difference ? x[row] - x[row - 1] : x[row];
}

double raw_target(const TaskConfig& config, const Column& x, std::size_t row) {
  return config.difference ? x[row] - x[row - config.horizon] : x[row];
}

using Raw = double (*)(const TaskConfig&, const Column&, std::size_t);

// The rows that the training part knows: all before the validation part, or before the test part if windows
// are shuffled, which share their rows.
std::size_t known_rows(const TaskConfig& config) {
  const Cut parts = cut(config, config.facts.rows);
  return config.split == "shuffled" ? parts.test.first : parts.valid.first;
}

// Of the values of one column over rows [first, known_rows).
Scaler fit(const TaskConfig& config, const Column& x, const std::string& name, const char* key, Raw raw,
           std::size_t first) {
  const std::size_t end = known_rows(config);
  const Scaler scaler = fit_scaler(config.normalize, [&](const auto& visit) {
    for (std::size_t row = first; row < end; ++row) visit(raw(config, x, row));
  });
  if (scaler.varies) return scaler;
  throw UsageError(key, fmt::format("column '{}' does not vary in the training part", name),
                   "leave it out, or set task.normalize to none");
}

struct Scaled {
  std::vector<Column> columns;  // in the order of the settings
  std::vector<Scaler> scalers;
};

Scaled scaled(const TaskConfig& config, const CsvTable& table, const std::vector<std::string>& names,
              const char* key, Raw raw, std::size_t first) {
  Scaled out{table.numbers(names, key), {}};
  for (std::size_t i = 0; i < names.size(); ++i) {
    out.scalers.push_back(fit(config, out.columns[i], names[i], key, raw, first));
  }
  return out;
}

Scaled inputs_of(const TaskConfig& config, const CsvTable& table) {
  return scaled(config, table, config.columns, "task.columns", raw_input, config.difference ? 1 : 0);
}

Scaled targets_of(const TaskConfig& config, const CsvTable& table) {
  return scaled(config, table, config.targets, "task.targets", raw_target,
                config.difference ? config.horizon : 0);
}

// The normalised values of rows [first, end), row by row.
std::vector<float> rows_of(const TaskConfig& config, const Scaled& data, Raw raw, std::size_t first,
                           std::size_t end) {
  std::vector<float> out((end - first) * data.columns.size());
  std::size_t k = 0;
  for (std::size_t r = first; r < end; ++r) {
    for (std::size_t c = 0; c < data.columns.size(); ++c) {
      out[k++] = data.scalers[c](raw(config, data.columns[c], r));
    }
  }
  return out;
}

// The part whose targets are some of the rows of a range.
Part make_part(const TaskConfig& config, const Scaled& inputs, const Scaled& targets, IndexRange range,
               const std::vector<std::size_t>& rows) {
  Part part;
  const std::size_t back = config.horizon + config.seq_len - 1;
  part.inputs = rows_of(config, inputs, raw_input, range.first - back, range.end - config.horizon);
  part.targets = rows_of(config, targets, raw_target, range.first, range.end);
  part.start.resize(rows.size());
  std::transform(rows.begin(), rows.end(), part.start.begin(),
                 [&](std::size_t row) { return static_cast<std::uint32_t>(row - range.first); });
  part.target_start = part.start;
  return part;
}

std::vector<std::size_t> all_of(IndexRange range) {
  std::vector<std::size_t> rows(range.size());
  std::iota(rows.begin(), rows.end(), range.first);
  return rows;
}

// The target rows of each part, and the range that they lie in.
struct Rows {
  IndexRange train_range;
  std::vector<std::size_t> train;
  IndexRange valid_range;
  std::vector<std::size_t> valid;
  IndexRange test;
};

Rows divide(const TaskConfig& config, Seed seed) {
  const std::size_t first = first_target(config);
  const Cut parts = cut(config, config.facts.rows, first);
  if (config.split != "shuffled") {
    const IndexRange train{first, parts.valid.first};
    return {train, all_of(train), parts.valid, all_of(parts.valid), parts.test};
  }
  // Positions [first, test) hold the windows in a drawn order.
  const IndexRange known{first, parts.test.first};
  const std::vector<std::uint32_t> order = item_order(config, seed, known.size());
  const auto row = [&](std::size_t position) { return first + order[position - first]; };
  Rows out{known, {}, known, all_of(parts.valid), parts.test};
  for (const std::size_t position : parts.train()) {
    if (position >= first) out.train.push_back(row(position));
  }
  out.train.shrink_to_fit();
  for (std::size_t& position : out.valid) position = row(position);
  return out;
}

// Mean squared error of "no change since the last known row", in the unit of the normalised targets.
double persistence(const TaskConfig& config, const Scaled& targets, const std::vector<std::size_t>& rows) {
  double sum = 0.0;
  for (std::size_t c = 0; c < targets.columns.size(); ++c) {
    const Column& x = targets.columns[c];
    for (const std::size_t r : rows) {
      const double error = (x[r] - x[r - config.horizon]) / targets.scalers[c].scale;
      sum += error * error;
    }
  }
  return sum / static_cast<double>(rows.size() * targets.columns.size());
}

void check_settings(const TaskConfig& config) {
  if (config.file.empty()) throw UsageError("task.file", "the task series needs a file");
  if (config.seq_len < 1) throw UsageError("task.seq_len", "must be at least 1");
  if (config.horizon < 1) throw UsageError("task.horizon", "must be at least 1");
  check_normalize(config);
  check_split_keys(config);
}

void check_window(const TaskConfig& config) {
  check_cut(config, config.facts.rows, "rows");
  // Written so that settings of any size cannot overflow.
  const std::size_t rows = known_rows(config);
  const std::size_t spare = rows - 1;
  const bool fits = config.horizon <= spare && config.seq_len <= spare && first_target(config) <= spare;
  const std::size_t first = fits ? first_target(config) : 0;
  const Cut parts = cut(config, config.facts.rows, first);
  const std::size_t lost = config.split == "shuffled" ? std::min(first, parts.valid.first) : first;
  if (fits && parts.valid.size() > 0 && parts.train_size() > lost) return;
  throw UsageError(
      "task.seq_len",
      fmt::format(
          "a window of {} rows with the target {} steps ahead does not fit the training part; the file has "
          "{} rows: {} for training, {} for valid, {} for test",
          config.seq_len, config.horizon, config.facts.rows, parts.train_size(), parts.valid.size(),
          parts.test.size()),
      "use shorter windows, smaller shares, or a longer series");
}

}  // namespace

void resolve_series(TaskConfig& config) {
  check_settings(config);
  config.file = normal_path(config.file);
  const CsvTable table = CsvTable::read(config.file);
  config.file_hash = table.hash();
  config.facts = {};
  config.facts.rows = table.rows();
  config.facts.bytes = table.bytes();
  if (config.columns.empty()) config.columns = {table.last_numeric()};
  if (config.targets.empty()) config.targets = config.columns;
  check_window(config);
  // Reads and scales every column once, so that what is wrong with them is said now.
  inputs_of(config, table);
  targets_of(config, table);
}

TaskShape series_shape(const TaskConfig& config) {
  const std::size_t first = first_target(config);
  const Cut parts = cut(config, config.facts.rows, first);
  const bool shuffled = config.split == "shuffled";
  TaskShape shape;
  shape.seq_len = config.seq_len;
  shape.input_size = config.columns.size();
  shape.output_size = config.targets.size();
  shape.train_size = parts.train_size() - first;
  shape.valid_size = parts.valid.size();
  shape.test_size = parts.test.size();
  // Shuffled windows lie anywhere before the test part.
  const auto rows = [&](std::size_t own) { return shuffled ? parts.test.first - first : own; };
  const auto add = [&](std::size_t windows, std::size_t span) {
    shape.bytes += part_bytes(shape, span + config.seq_len - 1, windows, span);
  };
  add(shape.train_size, rows(shape.train_size));
  add(shape.valid_size, rows(shape.valid_size));
  add(shape.test_size, shape.test_size);
  shape.make_bytes = config.facts.bytes +
                     (shape.input_size + shape.output_size) * config.facts.rows * sizeof(double) +
                     (shape.train_size + shape.valid_size) * sizeof(std::size_t);
  return shape;
}

Dataset make_series(const TaskConfig& config, Seed seed) {
  const CsvTable table(read_unchanged_file(config.file, config.file_hash), config.file);
  const Scaled inputs = inputs_of(config, table);
  const Scaled targets = targets_of(config, table);
  const Rows rows = divide(config, seed);
  Dataset data = empty_dataset(series_shape(config));
  data.train = make_part(config, inputs, targets, rows.train_range, rows.train);
  data.valid = make_part(config, inputs, targets, rows.valid_range, rows.valid);
  data.test = make_part(config, inputs, targets, rows.test, all_of(rows.test));
  data.chance = {
      persistence(config, targets, rows.valid), persistence(config, targets, all_of(rows.test)), {}};
  return data;
}

}  // namespace unroll
