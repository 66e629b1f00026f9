// Conformance of the key table: what every row must do.
#include "sweep/keys.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "base/error.h"
#include "nn/optimizers.h"
#include "sweep/diagnostics.h"
#include "sweep/plan.h"
#include "train/metrics.h"

namespace unroll {
namespace {

using testing::HasSubstr;

// A value that is not the default.
std::string other_value(const KeyInfo& key) {
  static const Experiment defaults;
  if (key.key == "model.params") return "1000";  // 1 is too few
  switch (key.type) {
    case KeyType::kBool:
      return std::get<bool>(key.get(defaults)) ? "false" : "true";
    case KeyType::kInteger:
      return fmt::format("{}", std::get<std::int64_t>(key.get(defaults)) + 1);
    case KeyType::kNumber:
      return key.range.max <= 1.0 ? "0.25" : "0.125";
    case KeyType::kWord:
      for (const std::string& word : key.choices()) {
        if (SettingValue(word) != key.get(defaults)) return word;
      }
      return "";
    case KeyType::kTexts:
      return key.choices == nullptr ? "[a, b]" : "[" + key.choices().back() + "]";
    default:
      return "other";
  }
}

TEST(Keys, AreUniqueInBothNames) {
  std::set<std::string_view> long_names;
  std::set<std::string_view> names;
  for (const KeyInfo& key : keys()) {
    EXPECT_TRUE(long_names.insert(key.key).second) << key.key;
    EXPECT_EQ(find_key(key.key), &key);
    EXPECT_FALSE(key.help.empty()) << key.key;
    if (key.is_setting()) {
      EXPECT_TRUE(names.insert(key.name).second) << key.name;
    }
  }
  EXPECT_EQ(find_key("model"), nullptr);
  EXPECT_EQ(find_key(""), nullptr);
}

// Settings, metrics and axes of metrics lie side by side in a results file.
TEST(Keys, ShortNamesDoNotClashWithMetrics) {
  std::set<std::string_view> taken = {"run", "run_id", "state", "replicate"};
  for (const MetricInfo& metric : metrics()) taken.insert(metric.name);
  for (const DimInfo& dim : dims()) taken.insert(dim.name);
  for (const KeyInfo& key : keys()) {
    if (key.is_setting()) {
      EXPECT_FALSE(taken.contains(key.name)) << key.name;
    }
  }
}

TEST(Keys, SetAndGetTheSameValue) {
  for (const KeyInfo& key : keys()) {
    if (key.type == KeyType::kBlock) {
      EXPECT_EQ(key.get, nullptr) << key.key;
      continue;
    }
    Experiment from;
    Experiment to;
    key.set(from, key.get(from));
    for (const KeyInfo& other : keys()) {
      if (other.get == nullptr) continue;
      if (to_yaml(other.get(from)) != to_yaml(other.get(to)))
        ADD_FAILURE() << key.key << " changed " << other.key;
    }
  }
}

// Each key, given alone in a file, changes that setting and no other.
TEST(Keys, EachIsReadIntoItsOwnPlace) {
  for (const KeyInfo& key : keys()) {
    if (!key.is_setting() || key.section() == "task") continue;
    if (key.key == "model.embedding") continue;  // refused by a task of numbers
    std::vector<std::string> overrides = {fmt::format("{}={}", key.key, other_value(key))};
    const std::string used_by = key.user_text();
    if (used_by.find("rmsprop") != std::string::npos) overrides.emplace_back("train.optimizer=rmsprop");
    if (key.key == "train.nesterov")
      overrides = {"train.optimizer=sgd", "train.momentum=0.5", "train.nesterov=true"};
    if (used_by.find("schedule step") != std::string::npos) overrides.emplace_back("train.schedule=step");
    if (used_by.find("plateau") != std::string::npos) overrides.emplace_back("train.schedule=plateau");
    if (used_by.find("cosine") != std::string::npos) overrides.emplace_back("train.schedule=cosine");
    if (key.key == "train.decoupled_weight_decay") overrides.emplace_back("train.weight_decay=0.1");
    if (key.key == "train.min_delta") overrides.emplace_back("train.patience=2");
    if (key.key == "model.activation") overrides.emplace_back("model.cell=rnn");
    const Plan plan = parse_plan("name: x", "t.yaml", overrides);
    Experiment experiment;
    experiment.run = plan.runs[0].config;
    EXPECT_EQ(to_text(key.get(experiment)), other_value(key)) << key.key;
  }
}

TEST(Keys, DefaultsAreAllowedValues) {
  const Experiment defaults;
  for (const KeyInfo& key : keys()) {
    if (key.type == KeyType::kInteger && key.key != "sweep.runs") {
      EXPECT_TRUE(key.range.contains(static_cast<double>(std::get<std::int64_t>(key.get(defaults)))))
          << key.key;
    }
    if (key.type == KeyType::kNumber && !key.optional) {
      EXPECT_TRUE(key.range.contains(std::get<double>(key.get(defaults)))) << key.key;
    }
    if (key.type == KeyType::kWord) {
      const std::vector<std::string> words = key.choices();
      EXPECT_GE(words.size(), 2U) << key.key;
      const auto value = std::get<std::string>(key.get(defaults));
      if (!value.empty()) {
        EXPECT_THAT(words, testing::Contains(value)) << key.key;
      }
    }
  }
}

TEST(Keys, WhoReadsAKeyIsSaidExactlyWhereItIsConditional) {
  for (const KeyInfo& key : keys()) {
    EXPECT_EQ(key.applies == nullptr, key.used_by.empty()) << key.key;
  }
  // Words of used_by are names of the table of optimizers.
  for (const KeyInfo& key : keys()) {
    if (key.used_by.find("optimizer") == std::string::npos) continue;
    for (const OptimizerInfo& optimizer : optimizers()) {
      Experiment experiment;
      experiment.run.train.optimizer.optimizer = optimizer.name;
      experiment.run.train.optimizer.momentum = 0.5;
      const std::regex word("\\b" + std::string(optimizer.name) + "\\b");
      EXPECT_EQ(key.used_in(experiment), std::regex_search(key.used_by, word))
          << key.key << " " << optimizer.name;
    }
  }
}

TEST(Keys, UnusedSettingsAreResetToTheirDefaults) {
  Experiment experiment;
  experiment.run.model.cell = "gru";
  experiment.run.model.activation = "relu";
  experiment.run.model.forget_bias = 2.0;
  experiment.run.train.optimizer.momentum = 0.9;  // adam
  experiment.run.train.optimizer.nesterov = true;
  experiment.run.task.file = "x.csv";  // adding
  experiment.run.task.horizon = 7;
  reset_unused(experiment);
  EXPECT_EQ(experiment.run.model.activation, "tanh");
  EXPECT_FALSE(experiment.run.model.forget_bias.has_value());
  EXPECT_EQ(experiment.run.train.optimizer.momentum, 0.0);
  EXPECT_FALSE(experiment.run.train.optimizer.nesterov);
  EXPECT_EQ(experiment.run.task.file, "");
  EXPECT_EQ(experiment.run.task.horizon, 1U);
  EXPECT_EQ(experiment.run.model.cell, "gru");
}

TEST(Keys, HelpTellsTypeDefaultAndUser) {
  EXPECT_EQ(
      key_help("model.hidden"),
      "model.hidden: H: units of each layer, and direction\n  is       an integer of at least 1, in units\n"
      "  default  64\n  only for model.params: 0\n");
  EXPECT_THAT(key_help("train.nesterov"),
              HasSubstr("only for the optimizer sgd with train.momentum above 0"));
  EXPECT_THAT(key_help("task.file"), HasSubstr("only for the tasks series, text"));
  for (const KeyInfo& key : keys()) EXPECT_THAT(key_help(key.key), HasSubstr(std::string(key.help)));
  try {
    key_help("model.hiden");
    FAIL();
  } catch (const UsageError& e) {
    EXPECT_EQ(e.hint(), "did you mean 'model.hidden'?");
  }
}

}  // namespace
}  // namespace unroll
