#include "cli/changed_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sweep/plan.h"

namespace unroll {
namespace {

constexpr const char* kBase = R"(name: a
task:  {type: adding, seq_len: 8}
model: {hidden: 4}
train: {epochs: 2, lr: 1e-3}
sweep:
  seeds: 2
  parameters:
    model.cell: [rnn, lstm]
)";

std::string changes(const std::vector<std::string>& overrides) {
  const std::string before = parse_plan(kBase, "a.yaml").resolved;
  return changes_text(changed_settings(before, parse_plan(kBase, "a.yaml", overrides).resolved));
}

TEST(ChangedSettings, NamesKeysWithBothValues) {
  EXPECT_EQ(changes({}), "");
  EXPECT_EQ(changes({"train.lr=0.01", "task.seq_len=9"}),
            "task.seq_len (8, now 9), train.lr (0.001, now 0.01)");
  EXPECT_EQ(changes({"sweep.seed=7"}), "sweep.seed (1, now 7)");
  EXPECT_THAT(changes({"train.optimizer=sgd"}), testing::HasSubstr("train.momentum (not used, now 0"));
}

TEST(ChangedSettings, AxesMayGrowAndShrink) {
  EXPECT_EQ(changes({"sweep.parameters.model.cell=[rnn]"}), "");
  EXPECT_EQ(changes({"sweep.parameters.train.lr=[1e-3, 1e-2]"}), "");
  EXPECT_EQ(changes({"sweep.seeds=9", "name=b", "sweep.max_fails=3"}), "");
}

}  // namespace
}  // namespace unroll
