#include "data/split.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"

namespace unroll {
namespace {

TaskConfig config_of(const char* split, std::size_t folds = 0, std::size_t fold = 0) {
  TaskConfig config;
  config.split = split;
  config.folds = folds;
  config.fold = fold;
  config.valid_share = 0.2;
  config.test_share = 0.1;
  return config;
}

TEST(Split, SharesAreInOrder) {
  const Cut parts = cut(config_of("time"), 100);
  EXPECT_EQ(parts.train_size(), 70U);
  EXPECT_EQ(parts.valid.first, 70U);
  EXPECT_EQ(parts.valid.end, 90U);
  EXPECT_EQ(parts.test.first, 90U);
  EXPECT_EQ(parts.test.end, 100U);
  TaskConfig with_file = config_of("shuffled");
  with_file.test_file = "x";
  EXPECT_EQ(cut(with_file, 100).train_size(), 80U);
  EXPECT_EQ(cut(with_file, 100).test.size(), 0U);
}

TEST(Split, FoldsInTimeOrderTrainOnWhatCameBefore) {
  std::size_t end_before = 0;
  for (std::size_t fold = 0; fold < 4; ++fold) {
    const Cut parts = cut(config_of("time", 4, fold), 100);
    EXPECT_EQ(parts.test.first, 90U);
    EXPECT_EQ(parts.train_size(), parts.valid.first);
    EXPECT_EQ(parts.valid.size(), 18U);
    EXPECT_EQ(parts.valid.first, 18 * (fold + 1));
    if (fold > 0) {
      EXPECT_EQ(parts.valid.first, end_before);
    }
    end_before = parts.valid.end;
  }
  EXPECT_EQ(end_before, 90U);
}

TEST(Split, ShuffledFoldsValidateEveryItemOnce) {
  std::multiset<std::size_t> validated;
  for (std::size_t fold = 0; fold < 7; ++fold) {
    const Cut parts = cut(config_of("shuffled", 7, fold), 100, 5);
    std::vector<std::size_t> train = parts.train();
    EXPECT_EQ(train.size() + parts.valid.size(), 90U);
    for (std::size_t p = parts.valid.first; p < parts.valid.end; ++p) {
      validated.insert(p);
      EXPECT_EQ(std::count(train.begin(), train.end(), p), 0);
    }
  }
  EXPECT_EQ(validated.size(), 85U);  // the first 5 are spare, the last 10 are the test part
  EXPECT_EQ(std::set<std::size_t>(validated.begin(), validated.end()).size(), 85U);
  EXPECT_EQ(*validated.begin(), 5U);
  EXPECT_EQ(*validated.rbegin(), 89U);
}

TEST(Split, OrderDependsOnTheSeedAndSpreadsGroups) {
  const TaskConfig shuffled = config_of("shuffled");
  std::vector<std::int32_t> groups(200);
  for (std::size_t i = 0; i < groups.size(); ++i) groups[i] = i < 100 ? 0 : i < 160 ? 1 : 2;
  const auto order = item_order(shuffled, {1, 0}, 200, groups);
  EXPECT_EQ(order, item_order(shuffled, {1, 0}, 200, groups));
  EXPECT_NE(order, item_order(shuffled, {1, 1}, 200, groups));
  EXPECT_EQ(std::set<std::uint32_t>(order.begin(), order.end()).size(), 200U);
  for (std::size_t first = 0; first < 200; first += 20) {
    std::array<int, 3> count{};
    for (std::size_t i = first; i < first + 20; ++i) ++count[static_cast<std::size_t>(groups[order[i]])];
    EXPECT_NEAR(count[0], 10, 1);
    EXPECT_NEAR(count[1], 6, 1);
    EXPECT_NEAR(count[2], 4, 1);
  }
  const auto in_time = item_order(config_of("time"), {1, 0}, 200, groups);
  EXPECT_TRUE(std::is_sorted(in_time.begin(), in_time.end()));
}

TEST(Split, RefusesWhatMakesNoSense) {
  const auto where = [](TaskConfig config, std::size_t items) -> std::string {
    try {
      check_split_keys(config);
      check_cut(config, items, "rows");
    } catch (const UsageError& error) {
      return error.where();
    }
    return "accepted";
  };
  EXPECT_EQ(where(config_of("time"), 100), "accepted");
  EXPECT_EQ(where(config_of("time", 1), 100), "task.folds");
  EXPECT_EQ(where(config_of("time", 3, 3), 100), "task.fold");
  EXPECT_EQ(where(config_of("time", 200, 0), 100), "task.folds");
  EXPECT_EQ(where(config_of("time"), 3), "task.valid_share");
  TaskConfig config = config_of("time");
  config.test_share = 1.0;
  EXPECT_EQ(where(config, 100), "task.test_share");
  config.test_share = 0.9;
  config.valid_share = 0.9;
  EXPECT_EQ(where(config, 100), "task.valid_share");
}

}  // namespace
}  // namespace unroll
