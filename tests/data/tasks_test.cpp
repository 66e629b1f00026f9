// What every task must keep, checked for each row and form of the task table.
#include "data/task.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "tests/data/task_files.h"

namespace unroll {
namespace {

bool has_key(const TaskInfo& task, std::string_view key) {
  return std::count(task.keys.begin(), task.keys.end(), key) != 0;
}

// One small resolved configuration for each form of each task.
std::vector<TaskConfig> examples(std::size_t size) {
  std::vector<TaskConfig> out;
  for (const TaskInfo& task : tasks()) {
    std::vector<std::string_view> forms = task.forms;
    if (forms.empty()) forms.emplace_back("");
    for (const std::string_view form : forms) {
      TaskConfig config;
      config.type = task.name;
      config.form = form;
      config.seq_len = 24;
      config.train_size = size;
      config.valid_size = size / 2;
      config.test_size = size / 4;
      if (has_key(task, "noise")) config.noise = 0.1;
      set_task_files(config);
      out.push_back(resolve_task(config));
    }
  }
  return out;
}

std::string name_of(const TaskConfig& config) {
  return config.type + " " + config.form;
}

std::array<const Part*, 3> parts(const Dataset& data) {
  return {&data.train, &data.valid, &data.test};
}

bool same_bits(const Part& a, const Part& b) {
  return a.inputs == b.inputs && a.start == b.start && a.targets == b.targets && a.classes == b.classes &&
         a.target_start == b.target_start && a.codes == b.codes && a.length == b.length;
}

TEST(Tasks, HaveAWholeRow) {
  std::set<std::string_view> names;
  for (const TaskInfo& task : tasks()) {
    EXPECT_TRUE(names.insert(task.name).second) << task.name;
    EXPECT_EQ(find_task(task.name), &task);
    EXPECT_FALSE(task.description.empty()) << task.name;
    EXPECT_FALSE(task.chance.empty()) << task.name;
    EXPECT_TRUE(has_key(task, "seq_len") || has_key(task, "file")) << task.name;
    EXPECT_EQ(has_key(task, "split"), task.splits.size() > 1) << task.name;
    EXPECT_EQ(has_key(task, "folds"), !task.splits.empty()) << task.name;
    EXPECT_EQ(has_key(task, "fold"), has_key(task, "folds")) << task.name;
    EXPECT_EQ(has_key(task, "form"), !task.forms.empty()) << task.name;
    EXPECT_FALSE(has_key(task, "type")) << task.name;
  }
  EXPECT_EQ(find_task("addin"), nullptr);
}

TEST(Tasks, ShapeIsThatOfTheData) {
  for (const TaskConfig& config : examples(40)) {
    SCOPED_TRACE(name_of(config));
    const TaskShape shape = task_shape(config);
    const Dataset data = make_dataset(config, {1, 0});
    EXPECT_EQ(data.seq_len, shape.seq_len);
    EXPECT_EQ(data.input_size, shape.input_size);
    EXPECT_EQ(data.output_size, shape.output_size);
    EXPECT_EQ(data.loss, shape.loss);
    EXPECT_EQ(data.every_step, shape.every_step);
    EXPECT_EQ(data.symbols, shape.symbols);
    EXPECT_EQ(data.carried, shape.carried);
    EXPECT_EQ(data.train.size(), shape.train_size);
    EXPECT_EQ(data.valid.size(), shape.valid_size);
    EXPECT_EQ(data.test.size(), shape.test_size);
    std::size_t bytes = 0;
    for (const Part* part : parts(data)) {
      bytes += 4 * (part->inputs.capacity() + part->start.capacity() + part->targets.capacity() +
                    part->classes.capacity() + part->target_start.capacity() + part->codes.capacity() +
                    part->length.capacity());
      EXPECT_EQ(part->length.size(), shape.unequal ? part->size() : 0U);
    }
    EXPECT_EQ(bytes, shape.bytes);
  }
}

TEST(Tasks, SequencesLieInsideTheirPart) {
  for (const TaskConfig& config : examples(40)) {
    SCOPED_TRACE(name_of(config));
    const Dataset data = make_dataset(config, {1, 0});
    const std::size_t scored = data.every_step ? data.seq_len : 1;
    for (const Part* part : parts(data)) {
      ASSERT_GT(part->size(), 0U);
      ASSERT_EQ(part->target_start.size(), part->size());
      ASSERT_EQ(part->inputs.size() % data.input_size, 0U);
      ASSERT_EQ(part->inputs.empty(), data.symbols > 0);
      ASSERT_EQ(part->codes.empty(), data.symbols == 0);
      const bool classes = data.loss == Loss::kSoftmax;
      ASSERT_EQ(part->targets.empty(), classes);
      ASSERT_EQ(part->classes.empty(), !classes);
      const std::size_t rows = data.symbols > 0 ? part->codes.size() : part->inputs.size() / data.input_size;
      const std::size_t target_rows =
          classes ? part->classes.size() : part->targets.size() / data.output_size;
      for (std::size_t n = 0; n < part->size(); ++n) {
        ASSERT_LE(part->start[n] + data.seq_len, rows);
        ASSERT_LE(part->target_start[n] + scored, target_rows);
      }
      for (const float x : part->inputs) ASSERT_TRUE(std::isfinite(x));
      for (const float y : part->targets) ASSERT_TRUE(std::isfinite(y));
      for (const int c : part->codes) ASSERT_TRUE(c >= 0 && static_cast<std::size_t>(c) < data.symbols);
      for (const std::uint32_t l : part->length) ASSERT_TRUE(l >= 1 && l <= data.seq_len);
      for (const int c : part->classes) ASSERT_TRUE(c >= 0 && static_cast<std::size_t>(c) < data.output_size);
    }
  }
}

TEST(Tasks, SameSeedSameBits) {
  for (const TaskConfig& config : examples(40)) {
    SCOPED_TRACE(name_of(config));
    const Dataset a = make_dataset(config, {5, 2});
    const Dataset b = make_dataset(config, {5, 2});
    const Dataset other = make_dataset(config, {5, 3});
    const bool random = has_key(*find_task(config.type), "train_size") || config.split == "shuffled";
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_TRUE(same_bits(*parts(a)[i], *parts(b)[i]));
      EXPECT_EQ(same_bits(*parts(a)[i], *parts(other)[i]), !random);
    }
    EXPECT_EQ(a.chance.valid, b.chance.valid);
    EXPECT_EQ(a.chance.test, b.chance.test);
  }
}

TEST(Tasks, NoSequenceIsInTwoParts) {
  for (const TaskConfig& config : examples(400)) {
    SCOPED_TRACE(name_of(config));
    const Dataset data = make_dataset(config, {1, 0});
    if (data.symbols > 0) continue;  // a text may repeat itself
    const std::size_t length = data.seq_len * data.input_size;
    std::set<std::vector<float>> seen;
    std::size_t count = 0;
    for (const Part* part : parts(data)) {
      count += part->size();
      for (const std::uint32_t row : part->start) {
        const auto from = part->inputs.begin() + static_cast<std::ptrdiff_t>(row * data.input_size);
        seen.emplace(from, from + static_cast<std::ptrdiff_t>(length));
      }
    }
    EXPECT_EQ(seen.size(), count);
  }
}

TEST(Tasks, ALargerPartStartsWithTheSmaller) {
  const std::vector<TaskConfig> small = examples(40);
  const std::vector<TaskConfig> large = examples(80);
  for (std::size_t i = 0; i < small.size(); ++i) {
    SCOPED_TRACE(name_of(small[i]));
    if (small[i].split == "shuffled") continue;  // the parts of a file are as large as they are
    const Part a = make_dataset(small[i], {1, 0}).train;
    const Part b = make_dataset(large[i], {1, 0}).train;
    EXPECT_TRUE(std::equal(a.inputs.begin(), a.inputs.end(), b.inputs.begin()));
  }
}

// Loss of the best prediction that ignores the inputs: for each scored step the mean, or the class
// frequencies.
double constant_loss(const Dataset& data, const Part& part) {
  const std::size_t steps = data.every_step ? data.seq_len : 1;
  const auto n = static_cast<double>(part.size());
  double total = 0.0;
  for (std::size_t t = 0; t < steps; ++t) {
    if (data.loss == Loss::kSoftmax) {
      std::vector<double> count(data.output_size);
      for (const std::uint32_t row : part.target_start)
        ++count[static_cast<std::size_t>(part.classes[row + t])];
      for (const double c : count) total -= c == 0.0 ? 0.0 : c / n * std::log(c / n);
      continue;
    }
    double sum = 0.0;
    double squares = 0.0;
    for (const std::uint32_t row : part.target_start) {
      const double y = part.targets[row + t];
      sum += y;
      squares += y * y;
    }
    total += squares / n - sum / n * sum / n;
  }
  return total / static_cast<double>(steps);
}

// Every fold of every task that has folds is a dataset, and the test part is the same in all.
TEST(Tasks, FoldsShareTheirTestPart) {
  for (TaskConfig config : examples(40)) {
    const TaskInfo& task = *find_task(config.type);
    for (const std::string_view split : task.splits) {
      SCOPED_TRACE(name_of(config) + std::string(split));
      config.split = split;
      config.folds = 3;
      std::vector<Dataset> folds;
      for (config.fold = 0; config.fold < 3; ++config.fold) {
        const TaskConfig resolved = resolve_task(config);
        folds.push_back(make_dataset(resolved, {1, 0}));
        const TaskShape shape = task_shape(resolved);
        EXPECT_EQ(folds.back().train.size(), shape.train_size);
        EXPECT_EQ(folds.back().valid.size(), shape.valid_size);
        EXPECT_EQ(folds.back().test.start.size(), folds.front().test.start.size());
        if (shape.symbols > 0) continue;  // each fold has the alphabet of its training part
        EXPECT_EQ(folds.back().test.classes, folds.front().test.classes);
      }
      EXPECT_FALSE(same_bits(folds[0].valid, folds[1].valid));
      EXPECT_FALSE(same_bits(folds[0].train, folds[2].train));
    }
  }
}

// Loss of "the target is the last input"; one input, one output.
double persistence_loss(const Dataset& data, const Part& part) {
  const std::size_t steps = data.every_step ? data.seq_len : 1;
  double total = 0.0;
  for (std::size_t n = 0; n < part.size(); ++n) {
    for (std::size_t t = 0; t < steps; ++t) {
      const double x = part.inputs[part.start[n] + data.seq_len - steps + t];
      const double y = part.targets[part.target_start[n] + t];
      total += (y - x) * (y - x);
    }
  }
  return total / static_cast<double>(part.size() * steps);
}

TEST(Tasks, ChanceIsTheLossOfTheStatedRule) {
  for (const TaskConfig& config : examples(40000)) {
    SCOPED_TRACE(name_of(config));
    const Dataset data = make_dataset(config, {1, 0});
    if (data.carried) continue;  // of a text: text_test.cpp
    const auto loss = data.chance.rule.starts_with("persistence") ? persistence_loss : constant_loss;
    EXPECT_FALSE(data.chance.rule.empty());
    EXPECT_NEAR(loss(data, data.valid) / data.chance.valid, 1.0, 0.03);
    EXPECT_NEAR(loss(data, data.test) / data.chance.test, 1.0, 0.03);
  }
}

TEST(Tasks, RefuseWhatMakesNoSense) {
  const auto where = [](const TaskConfig& config) -> std::string {
    try {
      resolve_task(config);
    } catch (const UsageError& error) {
      EXPECT_FALSE(error.message().empty());
      return error.where();
    }
    return "accepted";
  };
  TaskConfig config;
  EXPECT_EQ(where(config), "accepted");
  config.type = "ading";
  EXPECT_EQ(where(config), "task.type");
  config.type = "sine";
  config.form = "bai";
  EXPECT_EQ(where(config), "task.form");
  config.form.clear();
  config.noise = -1.0;
  EXPECT_EQ(where(config), "task.noise");
  for (const TaskInfo& task : tasks()) {
    TaskConfig none;
    none.type = task.name;
    set_task_files(none);
    if (has_key(task, "file")) {
      TaskConfig no_file = none;
      no_file.file.clear();
      EXPECT_EQ(where(no_file), "task.file") << task.name;
      none.split = "backwards";
      EXPECT_EQ(where(none), "task.split") << task.name;
      none.split.clear();
      none.folds = 3;
      none.fold = 3;
      EXPECT_EQ(where(none), "task.fold") << task.name;
      none.folds = 0;
    }
    if (has_key(task, "seq_len")) {
      none.seq_len = 0;
      EXPECT_EQ(where(none), "task.seq_len") << task.name;
      none.seq_len = ~std::size_t{0} - 5;
      EXPECT_NE(where(none), "accepted") << task.name;
    }
    if (!has_key(task, "train_size")) continue;
    none.seq_len = 50;
    none.test_size = 0;
    EXPECT_EQ(where(none), "task.test_size") << task.name;
  }
}

}  // namespace
}  // namespace unroll
