#include "train/practice_step.h"

#include <gtest/gtest.h>

#include <cmath>

#include "nn/cells.h"

namespace unroll {
namespace {

// A benchmark must do the same work in every step: the net stays where it is, far from tiny numbers.
TEST(PracticeStep, KeepsItsLoss) {
  for (const CellInfo& cell : cells()) {
    for (const HeadLoss loss : {HeadLoss::kMse, HeadLoss::kSoftmax, HeadLoss::kSigmoid}) {
      for (const bool every_step : {false, true}) {
        SCOPED_TRACE(std::string(cell.name) + " loss " + std::to_string(static_cast<int>(loss)));
        ModelConfig config;
        config.cell = cell.name;
        config.hidden = 5;
        PracticeStep step(config, OptimizerConfig{}, {2, 3, 4, 8, loss, every_step}, 7);
        step.run();
        const double first = step.loss();
        EXPECT_TRUE(std::isfinite(first));
        EXPECT_GT(first, 0.0);
        for (int i = 0; i < 100; ++i) step.run();
        EXPECT_NEAR(step.loss(), first, 0.01 * first);
        EXPECT_LT(step.loss(), first);
      }
    }
  }
}

}  // namespace
}  // namespace unroll
