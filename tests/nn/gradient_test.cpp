// The float kernels against the double-precision reference: every row of the tables, on every instruction
// set.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/nn/cases.h"
#include "tests/support/every_target.h"

namespace unroll {
namespace {

// Rounding of sums of a few hundred float products, and of the functions in between.
constexpr double kRelative = 3e-6;

// want[layer]: [T, B, H]
void compare_norms(const Case& test, std::size_t batch, std::size_t steps, const std::vector<double>& norms,
                   const std::vector<reference::Numbers>& want) {
  ASSERT_EQ(norms.size(), test.config.layers * steps);
  for (std::size_t l = 0; l < test.config.layers; ++l) {
    for (std::size_t lag = 0; lag < steps; ++lag) {
      double squares = 0.0;
      const std::size_t size = batch * test.config.hidden;
      for (std::size_t i = 0; i < size; ++i) {
        const double d = want[l][(steps - 1 - lag) * size + i];
        squares += d * d;
      }
      const double norm = std::sqrt(squares / static_cast<double>(batch));
      EXPECT_NEAR(norms[l * steps + lag], norm, 1e-5 * norm + 1e-9) << "layer " << l << " lag " << lag;
    }
  }
}

void compare(const Case& test, std::size_t batch, std::size_t steps) {
  SCOPED_TRACE(test.name() + " B" + std::to_string(batch) + " T" + std::to_string(steps));
  Model model(test.config, {}, test.shape, {11, 2});
  const Data data(test.shape, batch, steps, 7);
  const reference::Net net = reference_of(test, model);
  const reference::Result want = reference::differentiate(net, data.exact());

  const BatchLoss loss = model.gradient(data.batch());
  EXPECT_EQ(loss.count, want.outputs.size() / test.shape.output_size);
  EXPECT_NEAR(loss.loss / static_cast<double>(loss.count), want.loss, kRelative * std::abs(want.loss));
  EXPECT_EQ(loss.correct, want.correct);
  for (const auto& [name, values] : want.gradients) {
    EXPECT_LT(relative_error(model.parameter_gradient(name), values), kRelative) << name;
  }

  const BatchLoss again = model.evaluate(data.batch());
  EXPECT_EQ(again.loss, loss.loss);
  EXPECT_EQ(again.correct, loss.correct);
  EXPECT_LT(relative_error(model.predict(data.batch()), want.outputs), kRelative);

  const reference::Result last = reference::differentiate(net, data.exact(), true);
  const StateNorms norms = model.state_gradient_norms(data.batch());
  compare_norms(test, batch, steps, norms.hidden, last.dh);
  if (test.config.cell == "lstm") {
    compare_norms(test, batch, steps, norms.cell, last.dc);
  } else {
    EXPECT_TRUE(norms.cell.empty());
  }
}

TEST(Gradient, AgreesWithTheReference) {
  on_every_target([] {
    for (const Case& test : cases_of(7, 2, 3, 5, 13)) compare(test, 13, 5);
  });
}

TEST(Gradient, AgreesForOneBias) {
  on_every_target([] {
    for (const Case& test : cases_of(5, 1, 2, 4, 3, "keras")) compare(test, 3, 4);
  });
}

// Widths around every border: panels, blocks of four panels, tiles of one to sixteen rows.
TEST(Gradient, AgreesForRaggedShapes) {
  struct Size {
    std::size_t hidden, layers, input, steps, batch;
  };
  constexpr Size kSizes[] = {{1, 1, 1, 1, 1},   {16, 1, 1, 3, 33},  {17, 3, 2, 3, 6},  {33, 2, 17, 2, 5},
                             {50, 1, 1, 4, 20}, {67, 2, 5, 2, 11},  {64, 2, 1, 3, 16}, {90, 1, 70, 2, 9},
                             {130, 1, 3, 2, 7}, {48, 1, 2, 40, 15}, {32, 2, 4, 3, 24}, {20, 1, 1, 300, 2}};
  on_every_target([&] {
    for (const Size& s : kSizes) {
      for (const Case& test : cases_of(s.hidden, s.layers, s.input, s.steps, s.batch)) {
        // Losses and heads are covered above: here one of each is enough.
        if (test.shape.loss == HeadLoss::kSigmoid ||
            test.shape.every_step != (test.shape.loss == HeadLoss::kSoftmax)) {
          continue;
        }
        compare(test, s.batch, s.steps);
      }
    }
  });
}

}  // namespace
}  // namespace unroll
