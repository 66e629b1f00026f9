// The oracle itself: its gradients against central differences in double.
#include "tests/support/reference.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/nn/cases.h"

namespace unroll {
namespace {

constexpr double kDelta = 1e-5;

void expect_close(double got, double want, const std::string& what) {
  EXPECT_NEAR(got, want, 1e-8 + 1e-6 * std::abs(want)) << what;
}

TEST(Reference, GradientsAgreeWithCentralDifferences) {
  for (const Case& test : cases_of(3, 2, 2, 4, 2)) {
    SCOPED_TRACE(test.name());
    const Model model(test.config, {}, test.shape, {3, 0});
    reference::Net net = reference_of(test, model);
    const Data data(test.shape, 2, 4, 5);
    const reference::Result result = reference::differentiate(net, data.exact());
    for (auto& [name, values] : net.parameters) {
      for (std::size_t i = 0; i < values.size(); ++i) {
        const double kept = values[i];
        values[i] = kept + kDelta;
        const double more = reference::evaluate(net, data.exact()).loss;
        values[i] = kept - kDelta;
        const double less = reference::evaluate(net, data.exact()).loss;
        values[i] = kept;
        expect_close(result.gradients.at(name)[i], (more - less) / (2 * kDelta), name);
      }
    }
  }
}

TEST(Reference, GradientsAgreeInEveryCombinationOfStructure) {
  for (const Case& test : structured_cases(2, 2, 3, 2)) {
    SCOPED_TRACE(test.name());
    const Model model(test.config, {}, test.shape, {3, 0});
    reference::Net net = reference_of(test, model);
    const Data data(test.shape, 2, 3, 5);
    reference::Batch batch = data.exact();
    batch.factors = dropout_factors(test, data, {3, 0}, 1);
    for (auto& [name, values] : net.parameters) {
      for (std::size_t i = 0; name.starts_with("initial") && i < values.size(); ++i)
        values[i] = 0.1 * static_cast<double>(i) - 0.2;
    }
    const reference::Result result = reference::differentiate(net, batch);
    for (auto& [name, values] : net.parameters) {
      for (std::size_t i = 0; i < values.size(); ++i) {
        const double kept = values[i];
        values[i] = kept + kDelta;
        const double more = reference::evaluate(net, batch).loss;
        values[i] = kept - kDelta;
        const double less = reference::evaluate(net, batch).loss;
        values[i] = kept;
        expect_close(result.gradients.at(name)[i], (more - less) / (2 * kDelta), name);
      }
    }
  }
}

TEST(Reference, HiddenGradientsAgreeWithCentralDifferences) {
  for (const Case& test : cases_of(3, 2, 1, 3, 2)) {
    SCOPED_TRACE(test.name());
    const Model model(test.config, {}, test.shape, {4, 0});
    const reference::Net net = reference_of(test, model);
    const Data data(test.shape, 2, 3, 6);
    const reference::Result result = reference::differentiate(net, data.exact());
    for (std::size_t layer = 0; layer < 2; ++layer) {
      for (std::size_t i = 0; i < 3 * 2 * 3; ++i) {
        reference::Nudge nudge{layer, i / 6, i / 3 % 2, i % 3, kDelta};
        const double more = reference::evaluate(net, data.exact(), nudge).loss;
        nudge.delta = -kDelta;
        const double less = reference::evaluate(net, data.exact(), nudge).loss;
        expect_close(result.dh[layer][i], (more - less) / (2 * kDelta), "dh");
      }
    }
  }
}

}  // namespace
}  // namespace unroll
