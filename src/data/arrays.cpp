// Arrays of anything: X holds the inputs of N sequences, [N, T, D] or [N, T] for D = 1, and y what is
// predicted:
//   integers  [N] or [N, T]                         a class after the last step, or at each; from 0
//   reals     [N], [N, O], [N, 1, O] or [N, T, O]   values after the last step, or at each; squared error
//   bool      [N], [N, O], [N, 1, O] or [N, T, O]   bits; sigmoid cross-entropy, summed over the outputs
// Reals or bool [N, T] may mean either, and are refused.
// A sequence that is shorter than T ends with steps that are NaN in all inputs. Both arrays come from one
// HDF5 file (datasets X and y), or from two .npy files (task.file and task.target_file). Inputs, and targets
// that are reals, are scaled by the training part alone, in the precision of the file. An input may be one
// value only, as padding is, and becomes zero; a target may not, but in the training part that a seed draws.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "base/error.h"
#include "data/arrays_file.h"
#include "data/chance.h"
#include "data/generators.h"
#include "data/scaler.h"
#include "data/split.h"
#include "data/text_file.h"

namespace unroll {
namespace {

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

// Those of y; bits and classes are not scaled.
std::vector<Scaler> fit_targets(const TaskConfig& config, const Arrays& a, const Items& items) {
  return a.y.kind == Array::Kind::kReal ? fit(config, a, a.y, items) : std::vector<Scaler>(a.y.shape[2]);
}

// What never varies is nothing to learn.
void check_targets_vary(const Arrays& a, const std::vector<Scaler>& scalers) {
  for (std::size_t c = 0; c < scalers.size(); ++c) {
    if (scalers[c].varies) continue;
    throw FileError(
        a.y_where,
        fmt::format("y[:, {}, {}] does not vary in the training part", a.every_step ? ":" : "0", c),
        "leave it out, or set task.normalize to none");
  }
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
  const Arrays a = read_arrays(config);
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
  check_targets_vary(a, fit_targets(config, a, known_items(config, a)));
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
  const Arrays a = read_arrays(config);
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
