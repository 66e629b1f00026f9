#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "base/error.h"
#include "data/task.h"
#include "tests/data/temporary_file.h"

namespace unroll {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Row r holds the time r and a value that no line fits; `last` replaces the value of the last row.
std::string table(std::size_t rows, const char* last = nullptr) {
  std::string text = "time,value\n";
  for (std::size_t r = 0; r < rows; ++r) {
    const bool replaced = last != nullptr && r + 1 == rows;
    text += std::to_string(r) + "," + (replaced ? last : std::to_string((r * r * 7) % 31)) + "\n";
  }
  return text;
}

double value(std::size_t row) {
  return static_cast<double>((row * row * 7) % 31);
}

TaskConfig config_for(const TemporaryFile& file) {
  TaskConfig config;
  config.type = "series";
  config.file = file.path();
  config.seq_len = 5;
  config.valid_share = 0.2;
  config.test_share = 0.1;
  return config;
}

// Rows of a 100-row file: train [0, 70), valid [70, 90), test [90, 100).
TEST(Series, WindowsEndHorizonRowsBeforeTheTarget) {
  const TemporaryFile file(table(100));
  TaskConfig config = config_for(file);
  config.columns = {"time", "value"};
  config.targets = {"time"};
  config.horizon = 3;
  config.normalize = "none";
  const Dataset data = make_dataset(resolve_task(config), {});
  EXPECT_EQ(data.input_size, 2U);
  EXPECT_EQ(data.output_size, 1U);
  EXPECT_FALSE(data.every_step);
  const auto check = [&](const Part& part, std::size_t first, std::size_t end) {
    ASSERT_EQ(part.size(), end - first);
    for (std::size_t n = 0; n < part.size(); ++n) {
      EXPECT_EQ(part.targets[part.target_start[n]], static_cast<float>(first + n));
      for (std::size_t t = 0; t < 5; ++t) {
        const std::size_t row = first + n - 3 - 4 + t;
        EXPECT_EQ(part.inputs[2 * (part.start[n] + t)], static_cast<float>(row));
        EXPECT_EQ(part.inputs[2 * (part.start[n] + t) + 1], static_cast<float>(value(row)));
      }
    }
  };
  check(data.train, 7, 70);
  check(data.valid, 70, 90);
  check(data.test, 90, 100);
}

TEST(Series, DifferenceIsTheChangeSinceTheLastKnownRow) {
  const TemporaryFile file(table(100));
  TaskConfig config = config_for(file);
  config.difference = true;
  config.horizon = 2;
  config.normalize = "none";
  const Dataset data = make_dataset(resolve_task(config), {});
  EXPECT_EQ(data.train.size(), 70U - 7U);
  EXPECT_EQ(data.valid.size(), 20U);
  for (std::size_t n = 0; n < 20; ++n) {
    const std::size_t row = 70 + n;
    EXPECT_EQ(data.valid.targets[n], value(row) - value(row - 2));
    for (std::size_t t = 0; t < 5; ++t) {
      const std::size_t input = row - 2 - 4 + t;
      EXPECT_EQ(data.valid.inputs[n + t], value(input) - value(input - 1));
    }
  }
}

TEST(Series, NormalisesWithTheTrainingRows) {
  const TemporaryFile file(table(100));
  TaskConfig config = config_for(file);
  double mean = 0.0;
  double squares = 0.0;
  for (std::size_t r = 0; r < 70; ++r) mean += value(r) / 70;
  for (std::size_t r = 0; r < 70; ++r) squares += (value(r) - mean) * (value(r) - mean) / 70;
  const Dataset zscore = make_dataset(resolve_task(config), {});
  for (std::size_t n = 0; n < 10; ++n) {
    EXPECT_NEAR(zscore.test.targets[n], (value(90 + n) - mean) / std::sqrt(squares), 1e-6);
  }
  config.normalize = "minmax";
  const Dataset minmax = make_dataset(resolve_task(config), {});
  EXPECT_EQ(*std::min_element(minmax.train.inputs.begin(), minmax.train.inputs.end()), 0.0F);
  EXPECT_EQ(*std::max_element(minmax.train.inputs.begin(), minmax.train.inputs.end()), 1.0F);
}

TEST(Series, WhatComesLaterDoesNotLeakBack) {
  const TemporaryFile file(table(100));
  const Dataset before = make_dataset(resolve_task(config_for(file)), {});
  file.write(table(100, "5000"));
  const Dataset after = make_dataset(resolve_task(config_for(file)), {});
  EXPECT_EQ(before.train.inputs, after.train.inputs);
  EXPECT_EQ(before.train.targets, after.train.targets);
  EXPECT_EQ(before.valid.inputs, after.valid.inputs);
  EXPECT_EQ(before.valid.targets, after.valid.targets);
  EXPECT_NE(before.test.targets, after.test.targets);
  EXPECT_EQ(before.chance.valid, after.chance.valid);
}

TEST(Series, TargetsOfValidAndTestDoNotDependOnTheWindow) {
  const TemporaryFile file(table(100));
  TaskConfig config = config_for(file);
  const Dataset narrow = make_dataset(resolve_task(config), {});
  config.seq_len = 40;
  const Dataset wide = make_dataset(resolve_task(config), {});
  EXPECT_EQ(narrow.valid.targets, wide.valid.targets);
  EXPECT_EQ(narrow.test.targets, wide.test.targets);
  EXPECT_EQ(narrow.chance.valid, wide.chance.valid);
  EXPECT_EQ(narrow.chance.test, wide.chance.test);
}

TEST(Series, ChanceIsNoChangeInTheNormalisedUnit) {
  const TemporaryFile file(table(100));
  for (const bool difference : {false, true}) {
    TaskConfig config = config_for(file);
    config.difference = difference;
    config.horizon = 2;
    config.normalize = "none";
    const double raw = make_dataset(resolve_task(config), {}).chance.test;
    double sum = 0.0;
    for (std::size_t r = 90; r < 100; ++r) sum += std::pow(value(r) - value(r - 2), 2) / 10;
    EXPECT_NEAR(raw, sum, 1e-9);
    // The same error, in units of the spread of the targets.
    config.normalize = "zscore";
    const Dataset data = make_dataset(resolve_task(config), {});
    const double scale = (value(91) - value(90) - (difference ? value(89) - value(88) : 0.0)) /
                         (data.test.targets[1] - data.test.targets[0]);
    EXPECT_NEAR(data.chance.test, sum / (scale * scale), 1e-4);
  }
}

TEST(Series, ResolveFillsWhatFollowsFromTheFile) {
  const TemporaryFile file(table(100));
  const TaskConfig config = resolve_task(config_for(file));
  EXPECT_THAT(config.columns, ElementsAre("value"));
  EXPECT_THAT(config.targets, ElementsAre("value"));
  EXPECT_EQ(config.file_hash.size(), 32U);
  EXPECT_EQ(config.facts.rows, 100U);
}

TEST(Series, RefusesAFileThatChanged) {
  const TemporaryFile file(table(100));
  const TaskConfig config = resolve_task(config_for(file));
  file.write(table(101));
  EXPECT_THROW(make_dataset(config, {}), FileError);
}

TEST(Series, RefusesWhatCannotWork) {
  const TemporaryFile file(
      "time,value,flat,gap\n0,1,7,1\n1,3,7,\n2,2,7,1\n3,5,7,1\n4,4,7,1\n5,6,7,1\n6,1,8,1\n");
  TaskConfig good = config_for(file);
  good.seq_len = 2;
  good.columns = {"value"};
  const auto where = [&](auto change) -> std::string {
    TaskConfig config = good;
    change(config);
    try {
      resolve_task(config);
    } catch (const Error& error) {
      return error.where();
    }
    return "accepted";
  };
  EXPECT_EQ(where([](TaskConfig&) {}), "accepted");
  EXPECT_EQ(where([](TaskConfig& c) { c.file.clear(); }), "task.file");
  EXPECT_THAT(where([](TaskConfig& c) { c.file += "x"; }), HasSubstr("csvx"));
  EXPECT_EQ(where([](TaskConfig& c) { c.columns = {"values"}; }), "task.columns");
  EXPECT_EQ(where([](TaskConfig& c) { c.targets = {"values"}; }), "task.targets");
  EXPECT_EQ(where([](TaskConfig& c) { c.columns = {"flat"}; }), "task.columns");
  EXPECT_EQ(where([](TaskConfig& c) { c.columns = {}; }), file.path() + ":3:7");
  EXPECT_EQ(where([](TaskConfig& c) { c.seq_len = 5; }), "task.seq_len");
  EXPECT_EQ(where([](TaskConfig& c) { c.horizon = 0; }), "task.horizon");
  EXPECT_EQ(where([](TaskConfig& c) { c.horizon = ~std::size_t{0}; }), "task.seq_len");
  EXPECT_EQ(where([](TaskConfig& c) { c.normalize = "robust"; }), "task.normalize");
  EXPECT_EQ(where([](TaskConfig& c) { c.valid_share = 0.0; }), "task.valid_share");
  EXPECT_EQ(where([](TaskConfig& c) { c.valid_share = 0.01; }), "task.valid_share");
  EXPECT_EQ(where([](TaskConfig& c) { c.test_share = 1.5; }), "task.test_share");
  EXPECT_EQ(where([](TaskConfig& c) { c.valid_share = c.test_share = 0.5; }), "task.valid_share");
  EXPECT_EQ(where([](TaskConfig& c) { c.test_share = NAN; }), "task.test_share");
}

}  // namespace
}  // namespace unroll
