#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/suggest.h"
#include "data/generators.h"
#include "data/task.h"

namespace unroll {
namespace {

const std::array<TaskInfo, 8> kTasks = {{
    {"adding",
     "add the two marked numbers of a long sequence",
     {"arjovsky", "bai", "hs97"},
     {},
     {"form", "seq_len", "train_size", "valid_size", "test_size"},
     "always predict the mean of the target; the loss is its variance",
     "Hochreiter and Schmidhuber 1997, experiment 4; Arjovsky et al. 2016; Bai et al. 2018",
     resolve_adding,
     adding_shape,
     make_adding},
    {"copy",
     "repeat ten symbols after a delay of seq_len steps",
     {"arjovsky", "bai"},
     {},
     {"form", "seq_len", "train_size", "valid_size", "test_size"},
     "predict the blanks, then guess among the eight symbols: 10 ln 8 / (seq_len + 20)",
     "Arjovsky et al. 2016; Bai et al. 2018",
     resolve_copy,
     copy_shape,
     make_copy},
    {"sine",
     "predict a noisy sine of unknown frequency one step ahead",
     {},
     {},
     {"seq_len", "train_size", "valid_size", "test_size", "noise"},
     "persistence: always predict the last value seen",
     "",
     resolve_sine,
     sine_shape,
     make_sine},
    {"random",
     "predict the next of independent random numbers: there is nothing to learn",
     {},
     {},
     {"seq_len", "train_size", "valid_size", "test_size"},
     "always predict the mean 1/2; the loss is the variance 1/12",
     "",
     resolve_random,
     random_shape,
     make_random},
    {"series",
     "predict columns of a CSV file some steps ahead",
     {},
     {"time", "shuffled"},
     {"file", "seq_len", "columns", "targets", "horizon", "difference", "normalize", "split", "valid_share",
      "test_share", "folds", "fold"},
     "persistence: always predict the last known value",
     "",
     resolve_series,
     series_shape,
     make_series},
    {"text",
     "predict the next character of a text",
     {},
     {"time"},
     {"file", "seq_len", "stateful", "sample_length", "temperature", "prompt", "valid_share", "test_share",
      "folds", "fold"},
     "always predict the character frequencies of the training part",
     "",
     resolve_text,
     text_shape,
     make_text},
    {"classification",
     "say which class a sequence belongs to",
     {},
     {"shuffled", "time"},
     {"file", "test_file", "columns", "targets", "id_column", "normalize", "split", "valid_share",
      "test_share", "folds", "fold"},
     "always predict the class frequencies of the training part",
     "",
     resolve_classification,
     classification_shape,
     make_classification},
    {"arrays",
     "predict the array y from the array X",
     {},
     {"shuffled", "time"},
     {"file", "target_file", "normalize", "split", "valid_share", "test_share", "folds", "fold"},
     "always predict the mean, or the class frequencies, of the training part",
     "",
     resolve_arrays,
     arrays_shape,
     make_arrays},
}};

std::vector<std::string> strings(const std::vector<std::string_view>& views) {
  return {views.begin(), views.end()};
}

std::vector<std::string> task_names() {
  std::vector<std::string> names;
  names.reserve(kTasks.size());
  for (const TaskInfo& task : kTasks) names.emplace_back(task.name);
  return names;
}

const TaskInfo& known_task(const std::string& type) {
  const TaskInfo* task = find_task(type);
  UNROLL_CHECK(task != nullptr, "task " + type + " did not go through resolve_task");
  return *task;
}

[[noreturn]] void unknown(const char* key, const std::string& what, const std::string& name,
                          const std::vector<std::string>& choices) {
  const std::string near = nearest_name(name, choices);
  throw UsageError(key, fmt::format("{} '{}'", what, name),
                   near.empty() ? fmt::format("choose one of: {}", fmt::join(choices, ", "))
                                : fmt::format("did you mean '{}'?", near));
}

}  // namespace

std::span<const TaskInfo> tasks() {
  return kTasks;
}

const TaskInfo* find_task(std::string_view name) {
  const auto found =
      std::find_if(kTasks.begin(), kTasks.end(), [&](const TaskInfo& t) { return t.name == name; });
  return found == kTasks.end() ? nullptr : &*found;
}

TaskConfig resolve_task(TaskConfig config) {
  const TaskInfo* task = find_task(config.type);
  if (task == nullptr) unknown("task.type", "there is no task", config.type, task_names());
  if (config.form.empty() && !task->forms.empty()) config.form = task->forms.front();
  if (!config.form.empty() && std::count(task->forms.begin(), task->forms.end(), config.form) == 0) {
    if (task->forms.empty()) {
      throw UsageError("task.form", fmt::format("the task {} has no forms", task->name), "remove the key");
    }
    unknown("task.form", fmt::format("the task {} has no form", task->name), config.form,
            strings(task->forms));
  }
  if (config.split.empty() && !task->splits.empty()) config.split = task->splits.front();
  if (!config.split.empty() && std::count(task->splits.begin(), task->splits.end(), config.split) == 0) {
    unknown("task.split", fmt::format("the task {} has no split", task->name), config.split,
            strings(task->splits));
  }
  task->resolve(config);
  return config;
}

TaskShape task_shape(const TaskConfig& config) {
  TaskShape shape = known_task(config.type).shape(config);
  const FileFacts& facts = config.facts;
  shape.mean_steps =
      shape.unequal ? static_cast<double>(facts.all_steps) / static_cast<double>(facts.rows + facts.test_rows)
                    : static_cast<double>(shape.seq_len);
  return shape;
}

Dataset make_dataset(const TaskConfig& config, Seed seed) {
  const TaskInfo& task = known_task(config.type);
  Dataset data = task.make(config, seed);
  data.chance.rule = task.chance;
  return data;
}

}  // namespace unroll
