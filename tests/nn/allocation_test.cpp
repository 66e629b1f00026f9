// Nothing is allocated inside a step.
#include <gtest/gtest.h>

#include "nn/model.h"
#include "tests/nn/cases.h"
#include "tests/support/allocations.h"
#include "tests/support/every_target.h"

namespace unroll {
namespace {

TEST(Allocation, NoneInsideAStep) {
  on_every_target([] {
    for (const Case& test : cases_of(19, 2, 3, 6, 5)) {
      OptimizerConfig optimizer;
      optimizer.clip_norm = 0.1;
      Model model(test.config, optimizer, test.shape, {1, 2});
      const Data data(test.shape, 5, 6, 1);
      const ModelBatch batch = data.batch();
      const std::size_t before = allocations().count;
      for (int i = 0; i < 3; ++i) {
        model.gradient(batch);
        model.step(0.01);
        model.evaluate(batch);
      }
      EXPECT_EQ(allocations().count, before) << test.name();
    }
  });
  EXPECT_GT(allocations().count, 0);
}

TEST(Allocation, NoneInsideAStepOfAnyStructure) {
  for (const Case& test : structured_cases(19, 2, 6, 5)) {
    Model model(test.config, {}, test.shape, {1, 2});
    const Data data(test.shape, 5, 6, 1);
    const ModelBatch batch = data.batch();
    const std::size_t before = allocations().count;
    model.gradient(batch);
    model.step(0.01);
    model.evaluate(batch);
    EXPECT_EQ(allocations().count, before) << test.name();
  }
}

TEST(Allocation, BytesOfAModelAreKnownBefore) {
  on_every_target([] {
    std::vector<Case> cases = cases_of(40, 2, 3, 30, 16);
    for (const Case& test : structured_cases(40, 2, 30, 16)) cases.push_back(test);
    for (const Case& test : cases) {
      const std::size_t before = allocations().live;
      forget_peak();
      const Model model(test.config, {}, test.shape, {1, 2});
      const auto taken = static_cast<double>(allocations().peak - before);
      const auto planned = static_cast<double>(Model::bytes(test.config, {}, test.shape));
      // Names, tables and the buffers of the initialiser come on top.
      EXPECT_GE(taken, 0.999 * planned) << test.name();
      EXPECT_LE(taken, 1.25 * planned + 65536.0) << test.name();
    }
  });
}

}  // namespace
}  // namespace unroll
