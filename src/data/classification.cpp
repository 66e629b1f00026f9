// Classification of whole sequences: the net reads a sequence and says after its last step which class it
// belongs to. Sequences may have unequal lengths; T is that of the longest one in the files. With a test file
// that is the test part, and the other parts are divided from `task.file`; else all three are (split.h;
// shuffled divisions give each part its share of every class). Offsets and scales of the inputs come from the
// sequences of the training part alone.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "base/error.h"
#include "base/hash.h"
#include "data/cases.h"
#include "data/chance.h"
#include "data/generators.h"
#include "data/scaler.h"
#include "data/split.h"
#include "data/text_file.h"
#include "data/utf8.h"

namespace unroll {
namespace {

struct Files {
  std::string train;
  std::string test;
};

Files read_files(const TaskConfig& config) {
  return {read_file(config.file), config.test_file.empty() ? std::string() : read_file(config.test_file)};
}

// Of one file its own hash, so that a run does not change when the key of the other one is added and removed.
std::string hash_of(const TaskConfig& config, const Files& files) {
  return config.test_file.empty() ? hash_hex(files.train)
                                  : hash_hex(hash_hex(files.train) + hash_hex(files.test));
}

// The columns of a test table are those of the training table, found by their names.
Cases read_test(const TaskConfig& config, std::string text, const CaseColumns& columns) {
  if (columns.inputs.empty()) return read_cases(std::move(text), config.test_file, config);
  TaskConfig named = config;
  named.id_column = columns.id;
  named.targets = {columns.label};
  named.columns = columns.inputs;
  try {
    return read_cases(std::move(text), config.test_file, named);
  } catch (const UsageError& e) {
    throw UsageError("task.test_file", e.message(),
                     fmt::format("columns have the same names as in task.file; {}", e.hint()));
  }
}

Cases test_cases(const TaskConfig& config, std::string text, const Cases& train) {
  if (config.test_file.empty()) return {};
  Cases test = read_test(config, std::move(text), train.columns);
  if (test.inputs != train.inputs) {
    throw UsageError("task.test_file",
                     fmt::format("{} inputs at each step, but {} in task.file", test.inputs, train.inputs));
  }
  // The classes are those of the training file, in its order.
  for (std::int32_t& label : test.label) {
    const std::string& name = test.labels[static_cast<std::size_t>(label)];
    const auto found = std::find(train.labels.begin(), train.labels.end(), name);
    if (found == train.labels.end()) {
      throw UsageError("task.test_file", fmt::format("the class '{}' is not in task.file", shown(name)));
    }
    label = static_cast<std::int32_t>(found - train.labels.begin());
  }
  test.labels = train.labels;
  return test;
}

// Scaler of each input, from the steps of the sequences `which`.
std::vector<Scaler> fit_inputs(const TaskConfig& config, const Cases& cases,
                               const std::vector<std::uint32_t>& which) {
  std::vector<Scaler> scalers;
  for (std::size_t d = 0; d < cases.inputs; ++d) {
    scalers.push_back(fit_scaler(config.normalize, [&](const auto& visit) {
      for (const std::uint32_t n : which) {
        for (std::size_t row = cases.first[n]; row < cases.first[n + 1]; ++row) {
          visit(cases.values[row * cases.inputs + d]);
        }
      }
    }));
  }
  return scalers;
}

Part make_part(const TaskConfig& config, const Cases& cases, const std::vector<Scaler>& scalers,
               const std::vector<std::uint32_t>& which) {
  const std::size_t longest = config.facts.steps;
  Part part;
  part.inputs.resize(which.size() * longest * cases.inputs);
  part.start.reserve(which.size());
  part.target_start.reserve(which.size());
  part.classes.reserve(which.size());
  if (config.facts.unequal) part.length.reserve(which.size());
  for (std::size_t i = 0; i < which.size(); ++i) {
    const std::uint32_t n = which[i];
    float* out = part.inputs.data() + i * longest * cases.inputs;
    const double* in = cases.values.data() + cases.first[n] * cases.inputs;
    for (std::size_t k = 0; k < cases.steps(n) * cases.inputs; ++k) {
      out[k] = scalers[k % cases.inputs](in[k]);
    }
    part.start.push_back(static_cast<std::uint32_t>(i * longest));
    part.target_start.push_back(static_cast<std::uint32_t>(i));
    part.classes.push_back(cases.label[n]);
    if (config.facts.unequal) part.length.push_back(static_cast<std::uint32_t>(cases.steps(n)));
  }
  return part;
}

// A label as a name that any file can hold: UTF-8 on one line, what is not escaped.
std::string class_name(const std::string& label) {
  bool plain = !label.empty();
  for (const char c : label) plain = plain && static_cast<unsigned char>(c) >= 0x20;
  try {
    if (plain && !decode_utf8(label, {}).empty()) return label;
  } catch (const FileError&) {
  }
  std::string name;
  for (const char c : label) {
    const auto byte = static_cast<unsigned char>(c);
    name += byte < 0x20 || byte >= 0x7F ? fmt::format("\\x{:02x}", byte) : std::string(1, c);
  }
  return name.empty() ? "(empty)" : name;
}

bool unequal(const Cases& cases, std::size_t longest) {
  for (std::size_t n = 0; n < cases.size(); ++n) {
    if (cases.steps(n) != longest) return true;
  }
  return false;
}

// Refuses columns that no file has: swept, their runs would all be the same.
void check_columns(const TaskConfig& config) {
  if (config.targets.size() > 1) {
    throw UsageError("task.targets", "a sequence has one label", "name the one column that holds it");
  }
  if (!is_ts(config.file) || !(config.test_file.empty() || is_ts(config.test_file))) return;
  const char* key = !config.columns.empty()     ? "task.columns"
                    : !config.targets.empty()   ? "task.targets"
                    : !config.id_column.empty() ? "task.id_column"
                                                : nullptr;
  if (key != nullptr) throw UsageError(key, "a .ts file has no columns", "remove the key");
}

}  // namespace

void resolve_classification(TaskConfig& config) {
  if (config.file.empty()) throw UsageError("task.file", "the task classification needs a file");
  check_normalize(config);
  check_split_keys(config);
  config.file = normal_path(config.file);
  if (!config.test_file.empty()) config.test_file = normal_path(config.test_file);
  check_columns(config);
  Files files = read_files(config);
  config.file_hash = hash_of(config, files);
  const std::size_t file_bytes = files.train.size() + files.test.size();
  const Cases cases = read_cases(std::move(files.train), config.file, config);
  const Cases test = test_cases(config, std::move(files.test), cases);
  if (cases.labels.size() < 2) {
    throw UsageError("task.file", "there is one class only", "a net needs two or more to tell apart");
  }
  check_cut(config, cases.size(), "sequences");
  config.facts = {};
  config.facts.rows = cases.size();
  config.facts.test_rows = test.size();
  config.facts.bytes = file_bytes + cases.bytes() + test.bytes();
  config.facts.steps = std::max(cases.longest(), test.longest());
  config.facts.inputs = cases.inputs;
  config.facts.outputs = cases.labels.size();
  config.facts.unequal = unequal(cases, config.facts.steps) || unequal(test, config.facts.steps);
  for (const Cases* part : {&cases, &test}) {
    for (std::size_t n = 0; n < part->size(); ++n) config.facts.all_steps += part->steps(n);
  }
  if (static_cast<double>(config.facts.steps) * static_cast<double>(std::max(cases.size(), test.size())) >
      std::numeric_limits<std::uint32_t>::max()) {
    throw UsageError("task.file", "the padded sequences are more than 2^32 steps",
                     "cut or remove the longest ones");
  }
}

TaskShape classification_shape(const TaskConfig& config) {
  const Cut parts = cut(config, config.facts.rows);
  TaskShape shape;
  shape.seq_len = config.facts.steps;
  shape.input_size = config.facts.inputs;
  shape.output_size = config.facts.outputs;
  shape.loss = Loss::kSoftmax;
  shape.unequal = config.facts.unequal;
  shape.train_size = parts.train_size();
  shape.valid_size = parts.valid.size();
  shape.test_size = config.test_file.empty() ? parts.test.size() : config.facts.test_rows;
  for (const std::size_t size : {shape.train_size, shape.valid_size, shape.test_size}) {
    shape.bytes += part_bytes(shape, size * shape.seq_len, size, size);
  }
  shape.make_bytes = config.facts.bytes;
  return shape;
}

Dataset make_classification(const TaskConfig& config, Seed seed) {
  Files files = read_files(config);
  if (hash_of(config, files) != config.file_hash) fail_changed(config.file);
  const Cases cases = read_cases(std::move(files.train), config.file, config);
  const Cut parts = cut(config, cases.size());
  const std::vector<std::uint32_t> order = item_order(config, seed, cases.size(), cases.label);
  const std::vector<std::uint32_t> train = items_at(order, parts.train());
  const std::vector<Scaler> scalers = fit_inputs(config, cases, train);
  Dataset data = empty_dataset(classification_shape(config));
  data.train = make_part(config, cases, scalers, train);
  data.valid = make_part(config, cases, scalers, items_at(order, parts.valid));
  if (config.test_file.empty()) {
    data.test = make_part(config, cases, scalers, items_at(order, parts.test));
  } else {
    const Cases test = test_cases(config, std::move(files.test), cases);
    std::vector<std::uint32_t> all(test.size());
    for (std::size_t n = 0; n < all.size(); ++n) all[n] = static_cast<std::uint32_t>(n);
    data.test = make_part(config, test, scalers, all);
  }
  for (const std::string& label : cases.labels) data.class_names.push_back(class_name(label));
  data.chance = constant_chance(data);
  return data;
}

}  // namespace unroll
