// Windows over the columns of a CSV file. Written for row r of the file, with T = seq_len and h = horizon:
// the net reads the inputs of rows r - h - T + 1 .. r - h and predicts the targets of row r.
// With `difference` an input is the change from the row before, and a target is the change from row r - h,
// the last one known, to row r. The rows are cut into three parts in time order. Each target row belongs to
// one part; the windows of valid and test may begin in rows of the part before, which are known by then. So
// the targets of valid and test, and the chance levels, are the same for every seq_len. Offsets and scales
// come from the rows of the training part alone.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <utility>

#include "base/error.h"
#include "data/csv.h"
#include "data/generators.h"

namespace unroll {
namespace {

using Column = std::vector<double>;

// First row of valid, first row of test, and one past the last row.
struct Split {
  std::size_t valid;
  std::size_t test;
  std::size_t end;
};

Split split(const TaskConfig& config) {
  const auto rows = [&](double share) {
    return static_cast<std::size_t>(std::floor(share * static_cast<double>(config.file_rows) + 0.5));
  };
  const std::size_t test = std::min(rows(config.test_share), config.file_rows);
  const std::size_t valid = std::min(rows(config.valid_share), config.file_rows - test);
  return {config.file_rows - test - valid, config.file_rows - test, config.file_rows};
}

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

// value -> (value - offset) / scale
struct Scaler {
  double offset = 0.0;
  double scale = 1.0;
};

using Raw = double (*)(const TaskConfig&, const Column&, std::size_t);

// Of the values of one column over rows [first, end).
Scaler fit(const TaskConfig& config, const Column& x, const std::string& name, const char* key, Raw raw,
           std::size_t first, std::size_t end) {
  if (config.normalize == "none") return {};
  const auto n = static_cast<double>(end - first);
  double sum = 0.0;
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (std::size_t r = first; r < end; ++r) {
    const double v = raw(config, x, r);
    sum += v;
    low = std::min(low, v);
    high = std::max(high, v);
  }
  if (!(high > low)) {
    throw UsageError(key, fmt::format("column '{}' does not vary in the training part", name),
                     "leave it out, or set task.normalize to none");
  }
  if (config.normalize == "minmax") return {low, high - low};
  const double mean = sum / n;
  double squares = 0.0;
  for (std::size_t r = first; r < end; ++r) {
    const double d = raw(config, x, r) - mean;
    squares += d * d;
  }
  return {mean, std::sqrt(squares / n)};
}

struct Scaled {
  std::vector<Column> columns;  // in the order of the settings
  std::vector<Scaler> scalers;
};

Scaled scaled(const TaskConfig& config, const CsvTable& table, const std::vector<std::string>& names,
              const char* key, Raw raw, std::size_t first) {
  Scaled out{table.numbers(names, key), {}};
  for (std::size_t i = 0; i < names.size(); ++i) {
    out.scalers.push_back(fit(config, out.columns[i], names[i], key, raw, first, split(config).valid));
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
      out[k++] = static_cast<float>((raw(config, data.columns[c], r) - data.scalers[c].offset) /
                                    data.scalers[c].scale);
    }
  }
  return out;
}

// The part whose targets are rows [first, end).
Part make_part(const TaskConfig& config, const Scaled& inputs, const Scaled& targets, std::size_t first,
               std::size_t end) {
  Part part;
  const std::size_t back = config.horizon + config.seq_len - 1;
  part.inputs = rows_of(config, inputs, raw_input, first - back, end - config.horizon);
  part.targets = rows_of(config, targets, raw_target, first, end);
  part.start.resize(end - first);
  for (std::size_t n = 0; n < part.start.size(); ++n) part.start[n] = static_cast<std::uint32_t>(n);
  part.target_start = part.start;
  return part;
}

// Mean squared error of "no change since the last known row", in the unit of the normalised targets.
double persistence(const TaskConfig& config, const Scaled& targets, std::size_t first, std::size_t end) {
  double sum = 0.0;
  for (std::size_t c = 0; c < targets.columns.size(); ++c) {
    const Column& x = targets.columns[c];
    for (std::size_t r = first; r < end; ++r) {
      const double error = (x[r] - x[r - config.horizon]) / targets.scalers[c].scale;
      sum += error * error;
    }
  }
  return sum / static_cast<double>((end - first) * targets.columns.size());
}

void check_settings(const TaskConfig& config) {
  if (config.file.empty()) throw UsageError("task.file", "the task series needs a file");
  if (config.seq_len < 1) throw UsageError("task.seq_len", "must be at least 1");
  if (config.horizon < 1) throw UsageError("task.horizon", "must be at least 1");
  if (config.normalize != "zscore" && config.normalize != "minmax" && config.normalize != "none") {
    throw UsageError("task.normalize", fmt::format("there is no normalisation '{}'", config.normalize),
                     "choose one of: zscore, minmax, none");
  }
  const auto share = [](double s) { return s > 0.0 && s < 1.0; };
  if (!share(config.valid_share)) throw UsageError("task.valid_share", "must be between 0 and 1");
  if (!share(config.test_share)) throw UsageError("task.test_share", "must be between 0 and 1");
}

void check_split(const TaskConfig& config) {
  const Split rows = split(config);
  const std::string sizes =
      fmt::format("the file has {} rows: {} for training, {} for valid, {} for test", config.file_rows,
                  rows.valid, rows.test - rows.valid, rows.end - rows.test);
  if (rows.valid == rows.test || rows.test == rows.end || rows.valid == 0) {
    throw UsageError("task.valid_share", "a part is empty; " + sizes,
                     "change the shares or use a longer series");
  }
  // Written so that settings of any size cannot overflow.
  const std::size_t spare = rows.valid - 1;
  if (config.horizon > spare || config.seq_len > spare || first_target(config) > spare) {
    throw UsageError(
        "task.seq_len",
        fmt::format("a window of {} rows with the target {} steps ahead does not fit the training part; {}",
                    config.seq_len, config.horizon, sizes),
        "use shorter windows, smaller shares, or a longer series");
  }
}

}  // namespace

void resolve_series(TaskConfig& config) {
  check_settings(config);
  config.file = std::filesystem::absolute(config.file).lexically_normal().string();
  const CsvTable table = CsvTable::read(config.file);
  config.file_hash = table.hash();
  config.file_rows = table.rows();
  config.file_bytes = table.bytes();
  if (config.columns.empty()) config.columns = {table.last_numeric()};
  if (config.targets.empty()) config.targets = config.columns;
  check_split(config);
  // Reads and scales every column once, so that what is wrong with them is said now.
  inputs_of(config, table);
  targets_of(config, table);
}

TaskShape series_shape(const TaskConfig& config) {
  const Split rows = split(config);
  TaskShape shape;
  shape.seq_len = config.seq_len;
  shape.input_size = config.columns.size();
  shape.output_size = config.targets.size();
  shape.train_size = rows.valid - first_target(config);
  shape.valid_size = rows.test - rows.valid;
  shape.test_size = rows.end - rows.test;
  for (const std::size_t size : {shape.train_size, shape.valid_size, shape.test_size}) {
    shape.bytes += part_bytes(shape, size + config.seq_len - 1, size, size);
  }
  shape.make_bytes =
      config.file_bytes + (shape.input_size + shape.output_size) * config.file_rows * sizeof(double);
  return shape;
}

Dataset make_series(const TaskConfig& config, Seed) {
  const CsvTable table = CsvTable::read(config.file);
  if (table.hash() != config.file_hash) {
    throw FileError(config.file, "the file changed after the sweep was planned", "start the sweep again");
  }
  const Scaled inputs = inputs_of(config, table);
  const Scaled targets = targets_of(config, table);
  const Split rows = split(config);
  Dataset data = empty_dataset(series_shape(config));
  data.train = make_part(config, inputs, targets, first_target(config), rows.valid);
  data.valid = make_part(config, inputs, targets, rows.valid, rows.test);
  data.test = make_part(config, inputs, targets, rows.test, rows.end);
  data.chance = {persistence(config, targets, rows.valid, rows.test),
                 persistence(config, targets, rows.test, rows.end),
                 {}};
  return data;
}

}  // namespace unroll
