// Arrays of anything: X holds the inputs of N sequences, [N, T, D] or [N, T] for D = 1, and y what is
// predicted:
//   integers  [N] or [N, T]                         a class after the last step, or at each; from 0
//   reals     [N], [N, O], [N, 1, O] or [N, T, O]   values after the last step, or at each; squared error
//   bool      [N], [N, O], [N, 1, O] or [N, T, O]   bits; sigmoid cross-entropy, summed over the outputs
// Reals or bool [N, T] may mean either, and are refused.
// A sequence that is shorter than T ends with steps that are NaN in all inputs. Both arrays come from one
// HDF5 file (datasets X and y), or from two .npy files (task.file and task.target_file). Inputs, and targets
// that are reals, are scaled by the training part alone, in the precision of the file. An input may be one
// value only, as padding is, and becomes zero; a target may not.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "base/hash.h"
#include "data/array.h"
#include "data/chance.h"
#include "data/generators.h"
#include "data/scaler.h"
#include "data/split.h"
#include "data/text_file.h"

namespace unroll {
namespace {

constexpr std::size_t kMostClasses = 65536;

struct Arrays {
  Array x;  // made [N, T, D]
  Array y;  // made [N, S, O]; of classes [N, S, 1]
  std::string x_where;
  std::string y_where;
  std::string hash;       // of the files
  std::size_t bytes = 0;  // of the files
  bool every_step = false;
  std::size_t outputs = 0;            // O
  std::vector<std::uint32_t> length;  // [N]

  std::size_t sequences() const { return x.shape[0]; }
  std::size_t steps() const { return x.shape[1]; }
  std::size_t inputs() const { return x.shape[2]; }
  bool unequal() const {
    return std::any_of(length.begin(), length.end(), [&](std::uint32_t l) { return l != steps(); });
  }
};

void read(const TaskConfig& config, Arrays& out) {
  if (config.file.ends_with(".npy")) {
    if (config.target_file.empty()) {
      throw UsageError("task.target_file", "an array X in a .npy file needs the array y in another one");
    }
    const std::string x = read_file(config.file);
    const std::string y = read_file(config.target_file);
    out.x_where = config.file;
    out.y_where = config.target_file;
    out.x = read_npy(x, out.x_where);
    out.y = read_npy(y, out.y_where);
    out.bytes = x.size() + y.size();
    out.hash = hash_hex(hash_hex(x) + hash_hex(y));
    return;
  }
  if (!config.target_file.empty()) {
    throw UsageError("task.target_file", "an HDF5 file holds X and y both", "remove the key");
  }
  const std::string bytes = read_file(config.file);
  out.bytes = bytes.size();
  out.hash = hash_hex(bytes);
  out.x_where = config.file + ":/X";
  out.y_where = config.file + ":/y";
  out.x = read_hdf5(config.file, "X");
  out.y = read_hdf5(config.file, "y");
}

// Gives X and y their full number of axes.
void check_shapes(Arrays& a) {
  const auto refuse = [](const std::string& where, const std::string& what, const std::string& hint) {
    throw FileError(where, what, hint);
  };
  const std::string x_text = a.x.shape_text();
  if (a.x.shape.size() == 2) a.x.shape.push_back(1);
  if (a.x.shape.size() != 3 || a.x.values.empty()) {
    refuse(a.x_where, fmt::format("X has the shape {}", x_text),
           "sequences x steps x inputs, or sequences x steps; none of them zero");
  }
  std::vector<std::size_t>& y = a.y.shape;
  const std::string y_text = a.y.shape_text();
  const bool classes = a.y.kind == Array::Kind::kInteger;
  bool good = !y.empty() && y[0] == a.sequences() && !a.y.values.empty();
  if (good && y.size() == 2 && !classes && y[1] > 1 && y[1] == a.steps()) {
    refuse(a.y_where,
           fmt::format("y has the shape {}: one value for each of the {} steps, or {} values at the end?",
                       y_text, y[1], y[1]),
           fmt::format("reshape y to ({}, {}, 1) for each step, or to ({}, 1, {}) at the end", y[0], y[1],
                       y[0], y[1]));
  }
  if (good && y.size() == 1) {
    y.insert(y.end(), {1, 1});
  } else if (good && y.size() == 2) {
    y.insert(classes ? y.end() : y.begin() + 1, 1);
  }
  good = good && y.size() == 3 && (!classes || y[2] == 1) && (y[1] == 1 || y[1] == a.steps());
  if (!good) {
    refuse(a.y_where,
           fmt::format("y has the shape {}, which does not go with the shape {} of X", y_text, x_text),
           classes ? "classes: (sequences,) or (sequences, steps)"
                   : "values: (sequences, outputs) or (sequences, steps, outputs)");
  }
  a.every_step = y[1] > 1;
}

std::string at(const char* name, const Array& array, std::size_t i) {
  const std::size_t width = array.shape[2];
  return fmt::format("{}[{}, {}, {}]", name, i / width / array.shape[1], i / width % array.shape[1],
                     i % width);
}

// Refuses what no net can read or learn.
void check_number(const std::string& where, const char* name, const Array& array, std::size_t i,
                  const std::string& hint) {
  const double value = array.values[i];
  if (!std::isfinite(value)) {
    throw FileError(where, fmt::format("{} is not a finite number", at(name, array, i)), hint);
  }
  if (std::abs(value) > std::numeric_limits<float>::max()) {
    throw FileError(where, fmt::format("{} does not fit single precision", at(name, array, i)),
                    "use a smaller unit");
  }
}

// Counts the valid steps of each sequence and blanks the others.
void find_lengths(Arrays& a) {
  const std::size_t width = a.inputs();
  for (std::size_t n = 0; n < a.sequences(); ++n) {
    const std::size_t first = n * a.steps() * width;
    const auto missing = [&](std::size_t t) {
      std::size_t d = 0;
      while (d < width && std::isnan(a.x.values[first + t * width + d])) ++d;
      return d == width;
    };
    std::size_t length = a.steps();
    while (length > 0 && missing(length - 1)) --length;
    if (length == 0) throw FileError(a.x_where, fmt::format("sequence {} holds nothing but NaN", n));
    for (std::size_t i = length * width; i < a.steps() * width; ++i) a.x.values.clear(first + i);
    for (std::size_t i = first; i < first + length * width; ++i) {
      check_number(a.x_where, "X", a.x, i, "NaN may only fill whole steps at the end of a sequence");
    }
    a.length.push_back(static_cast<std::uint32_t>(length));
  }
}

// Checks what is scored, and blanks what is not.
void check_targets(Arrays& a) {
  const std::size_t width = a.y.shape[2];
  const bool classes = a.y.kind == Array::Kind::kInteger;
  double most = 0.0;
  for (std::size_t i = 0; i < a.y.values.size(); ++i) {
    const std::size_t row = i / width;
    if (a.every_step && row % a.steps() >= a.length[row / a.steps()]) {
      a.y.values.clear(i);
      continue;
    }
    check_number(a.y_where, "y", a.y, i, "every value that is predicted must be known");
    if (classes && a.y.values[i] < 0.0) {
      throw FileError(a.y_where, fmt::format("{} is negative", at("y", a.y, i)), "number the classes from 0");
    }
    most = std::max(most, a.y.values[i]);
  }
  a.outputs = classes ? static_cast<std::size_t>(most) + 1 : width;
  if (classes && (a.outputs < 2 || a.outputs > kMostClasses)) {
    throw FileError(a.y_where, fmt::format("the highest class is {}", a.outputs - 1),
                    fmt::format("there are 2 to {} classes, numbered from 0", kMostClasses));
  }
}

Arrays load(const TaskConfig& config) {
  Arrays a;
  read(config, a);
  check_shapes(a);
  find_lengths(a);
  check_targets(a);
  return a;
}

using Items = std::vector<std::uint32_t>;

// Scalers of the columns of an array, over the steps of `items` that are used.
std::vector<Scaler> fit(const TaskConfig& config, const Arrays& a, const Array& array, const Items& items) {
  const std::size_t steps = array.shape[1];
  const std::size_t width = array.shape[2];
  std::vector<Scaler> scalers;
  for (std::size_t c = 0; c < width; ++c) {
    scalers.push_back(fit_scaler(config.normalize, [&](const auto& visit) {
      for (const std::uint32_t n : items) {
        const std::size_t used = std::min<std::size_t>(steps, a.length[n]);
        for (std::size_t t = 0; t < used; ++t) visit(array.values[(n * steps + t) * width + c]);
      }
    }));
  }
  return scalers;
}

// Those of y, each of which has something to tell.
std::vector<Scaler> fit_targets(const TaskConfig& config, const Arrays& a, const Items& items) {
  if (a.y.kind != Array::Kind::kReal) return std::vector<Scaler>(a.y.shape[2]);
  std::vector<Scaler> scalers = fit(config, a, a.y, items);
  for (std::size_t c = 0; c < scalers.size(); ++c) {
    if (scalers[c].varies) continue;
    throw FileError(
        a.y_where,
        fmt::format("y[:, {}, {}] does not vary in the training part", a.every_step ? ":" : "0", c),
        "leave it out, or set task.normalize to none");
  }
  return scalers;
}

// The training part where the seed has no say in it, else all.
Items known_items(const TaskConfig& config, const Arrays& a) {
  if (config.split == "time") {
    return items_at(item_order(config, {}, a.sequences()), cut(config, a.sequences()).train());
  }
  Items items(a.sequences());
  std::iota(items.begin(), items.end(), 0U);
  return items;
}

// The rows of some sequences, scaled where they are valid.
template <typename T>
std::vector<T> gather(const Arrays& a, const Array& array, const std::vector<Scaler>& scalers,
                      const Items& items) {
  const std::size_t steps = array.shape[1];
  const std::size_t width = array.shape[2];
  std::vector<T> out(items.size() * steps * width);
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::size_t used = std::min<std::size_t>(steps, a.length[items[i]]) * width;
    const std::size_t from = items[i] * steps * width;
    for (std::size_t k = 0; k < used; ++k) {
      out[i * steps * width + k] = static_cast<T>(scalers[k % width](array.values[from + k]));
    }
  }
  return out;
}

struct Scalers {
  std::vector<Scaler> x;
  std::vector<Scaler> y;
};

Part make_part(const TaskConfig& config, const Arrays& a, const Scalers& scalers, const Items& items) {
  Part part;
  part.inputs = gather<float>(a, a.x, scalers.x, items);
  if (a.y.kind == Array::Kind::kInteger) {
    part.classes = gather<std::int32_t>(a, a.y, scalers.y, items);
  } else {
    part.targets = gather<float>(a, a.y, scalers.y, items);
  }
  part.start.resize(items.size());
  part.target_start.resize(items.size());
  if (config.facts.unequal) part.length.resize(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    part.start[i] = static_cast<std::uint32_t>(i * a.steps());
    part.target_start[i] = static_cast<std::uint32_t>(i * a.y.shape[1]);
    if (config.facts.unequal) part.length[i] = a.length[items[i]];
  }
  return part;
}

// Classes after the last step are spread evenly over shuffled parts.
std::vector<std::int32_t> groups(const Arrays& a) {
  if (a.y.kind != Array::Kind::kInteger || a.every_step) return {};
  std::vector<std::int32_t> out(a.sequences());
  for (std::size_t n = 0; n < out.size(); ++n) out[n] = static_cast<std::int32_t>(a.y.values[n]);
  return out;
}

}  // namespace

void resolve_arrays(TaskConfig& config) {
  if (config.file.empty()) throw UsageError("task.file", "the task arrays needs a file");
  check_normalize(config);
  check_split_keys(config);
  config.file = normal_path(config.file);
  if (!config.target_file.empty()) config.target_file = normal_path(config.target_file);
  const Arrays a = load(config);
  config.file_hash = a.hash;
  config.facts = {};
  config.facts.rows = a.sequences();
  config.facts.bytes = a.bytes + a.x.values.bytes() + a.y.values.bytes();
  config.facts.steps = a.steps();
  config.facts.inputs = a.inputs();
  config.facts.outputs = a.outputs;
  config.facts.unequal = a.unequal();
  config.facts.all_steps = std::accumulate(a.length.begin(), a.length.end(), std::size_t{0});
  config.facts.every_step = a.every_step;
  config.facts.loss = a.y.kind == Array::Kind::kInteger ? Loss::kSoftmax
                      : a.y.kind == Array::Kind::kBool  ? Loss::kSigmoid
                                                        : Loss::kMse;
  check_cut(config, a.sequences(), "sequences");
  fit_targets(config, a, known_items(config, a));
  if (static_cast<double>(a.sequences()) * static_cast<double>(a.steps()) >
      std::numeric_limits<std::uint32_t>::max()) {
    throw UsageError("task.file", "the sequences are more than 2^32 steps");
  }
}

TaskShape arrays_shape(const TaskConfig& config) {
  const Cut parts = cut(config, config.facts.rows);
  TaskShape shape;
  shape.seq_len = config.facts.steps;
  shape.input_size = config.facts.inputs;
  shape.output_size = config.facts.outputs;
  shape.loss = config.facts.loss;
  shape.every_step = config.facts.every_step;
  shape.unequal = config.facts.unequal;
  shape.train_size = parts.train_size();
  shape.valid_size = parts.valid.size();
  shape.test_size = parts.test.size();
  for (const std::size_t size : {shape.train_size, shape.valid_size, shape.test_size}) {
    shape.bytes +=
        part_bytes(shape, size * shape.seq_len, size, size * (shape.every_step ? shape.seq_len : 1));
  }
  shape.make_bytes = config.facts.bytes;
  return shape;
}

Dataset make_arrays(const TaskConfig& config, Seed seed) {
  const Arrays a = load(config);
  if (a.hash != config.file_hash) fail_changed(config.file);
  const Cut parts = cut(config, a.sequences());
  const Items order = item_order(config, seed, a.sequences(), groups(a));
  const Items train = items_at(order, parts.train());
  const Scalers scalers{fit(config, a, a.x, train), fit_targets(config, a, train)};
  Dataset data = empty_dataset(arrays_shape(config));
  data.train = make_part(config, a, scalers, train);
  data.valid = make_part(config, a, scalers, items_at(order, parts.valid));
  data.test = make_part(config, a, scalers, items_at(order, parts.test));
  if (data.loss == Loss::kSoftmax) {
    for (std::size_t c = 0; c < data.output_size; ++c) data.class_names.push_back(std::to_string(c));
  }
  data.chance = constant_chance(data);
  return data;
}

}  // namespace unroll
