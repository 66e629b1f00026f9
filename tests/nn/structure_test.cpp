// Structure against the reference, in all combinations: both directions, lengths, carried state, symbols, a
// learned start, dropout.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "nn/cells.h"
#include "nn/dropout.h"
#include "tests/nn/cases.h"
#include "tests/support/every_target.h"

namespace unroll {
namespace {

// Of the few numbers of a small net some nearly cancel; a wrong term is off by far more.
constexpr double kRelative = 1e-4;
constexpr Seed kSeed{11, 2};

void expect_same(Model& model, const ModelBatch& batch, const reference::Result& want) {
  const BatchLoss loss = model.gradient(batch);
  EXPECT_EQ(loss.correct, want.correct);
  EXPECT_NEAR(loss.loss / static_cast<double>(loss.count), want.loss, kRelative * std::abs(want.loss));
  for (const auto& [name, values] : want.gradients) {
    EXPECT_LT(relative_error(model.parameter_gradient(name), values), kRelative) << name;
  }
}

// want[layer]: [T, B, H]
void expect_norms(const Case& test, const reference::Batch& batch, const std::vector<double>& norms,
                  const std::vector<reference::Numbers>& want) {
  const std::size_t hidden = test.config.hidden;
  ASSERT_EQ(norms.size(), test.config.layers * batch.steps);
  for (std::size_t l = 0; l < test.config.layers; ++l) {
    const reference::Numbers& dh = want[l * (test.config.bidirectional ? 2 : 1)];
    for (std::size_t lag = 0; lag < batch.steps; ++lag) {
      double squares = 0.0;
      std::size_t reach = 0;
      for (std::size_t b = 0; b < batch.batch; ++b) {
        if (batch.length(b) <= lag) continue;
        ++reach;
        const double* at = dh.data() + ((batch.length(b) - 1 - lag) * batch.batch + b) * hidden;
        for (std::size_t u = 0; u < hidden; ++u) squares += at[u] * at[u];
      }
      const double got = norms[l * batch.steps + lag];
      if (reach == 0) {
        EXPECT_TRUE(std::isnan(got));
      } else {
        const double norm = std::sqrt(squares / static_cast<double>(reach));
        EXPECT_NEAR(got, norm, 1e-5 * norm + 1e-9) << "layer " << l << " lag " << lag;
      }
    }
  }
}

void expect_norms(Model& model, const Case& test, const Data& data, const reference::Net& net) {
  const reference::Result last = reference::differentiate(net, data.exact(), true);
  const StateNorms norms = model.state_gradient_norms(data.batch());
  expect_norms(test, data.exact(), norms.hidden, last.dh);
  if (test.config.cell == "lstm") {
    expect_norms(test, data.exact(), norms.cell, last.dc);
  } else {
    EXPECT_TRUE(norms.cell.empty());
  }
}

// Initial states away from zero, which is where they start.
void move_start(Model& model) {
  for (const std::string& name : model.parameter_names()) {
    if (!name.starts_with("initial")) continue;
    std::vector<float> values = model.parameter(name);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = 0.1F * static_cast<float>(i % 5) - 0.2F;
    model.set_parameter(name, values);
  }
}

void compare(const Case& test, std::size_t batch, std::size_t steps) {
  SCOPED_TRACE(test.name());
  Model model(test.config, {}, test.shape, kSeed);
  move_start(model);
  const reference::Net net = reference_of(test, model);
  const Data data(test.shape, batch, steps, 7);
  reference::Batch exact = data.exact();
  expect_norms(model, test, data, net);
  const reference::Result plain = reference::evaluate(net, exact);
  ModelBatch view = data.batch();
  view.step = 5;
  exact.factors = dropout_factors(test, data, kSeed, 5);
  const reference::Result first = reference::differentiate(net, exact);
  expect_same(model, view, first);

  if (test.shape.carried) {
    const Data more(test.shape, batch - 1, steps, 8);  // the last row has ended
    reference::Batch next = more.exact();
    next.start_h = first.last_h;
    next.start_c = first.last_c;
    next.factors = dropout_factors(test, more, kSeed, 6);
    view = more.batch();
    view.step = 6;
    view.continues = true;
    expect_same(model, view, reference::differentiate(net, next));
    // The same forward alone.
    next.factors.clear();
    next.start_h = plain.last_h;
    next.start_c = plain.last_c;
    model.evaluate(data.batch());  // of all rows, as the reference
    const double want = reference::evaluate(net, next).loss;
    const BatchLoss got = model.evaluate(view);
    EXPECT_NEAR(got.loss / static_cast<double>(got.count), want, kRelative * std::abs(want));
  }
  EXPECT_LT(relative_error(model.predict(data.batch()), plain.outputs), kRelative);
}

TEST(Structure, AgreesWithTheReferenceInEveryCombination) {
  for (const Case& test : structured_cases(5, 2, 6, 4)) compare(test, 4, 6);
}

// Ragged widths, three layers, on every instruction set; every fifth combination.
TEST(Structure, AgreesOnEveryTarget) {
  on_every_target([] {
    std::size_t number = 0;
    for (const Case& test : structured_cases(19, 3, 9, 7)) {
      if (number++ % 7 == 0) compare(test, 7, 9);
    }
  });
}

// A batch of unequal lengths gives what its sequences give alone.
TEST(Structure, LengthsAreThoseOfSequencesAlone) {
  for (const Case& test : structured_cases(8, 2, 6, 5)) {
    if (!test.shape.lengths || test.config.dropout > 0.0 || test.shape.every_step) continue;
    SCOPED_TRACE(test.name());
    Model model(test.config, {}, test.shape, kSeed);
    const Data data(test.shape, 5, 6, 3);
    const ModelBatch all = data.batch();
    const std::vector<float> together = model.predict(all);
    for (std::size_t b = 0; b < 5; ++b) {
      std::vector<float> x;
      std::vector<std::int32_t> codes;
      const std::size_t width = test.shape.input_size;
      for (std::size_t t = 0; t < all.lengths[b]; ++t) {
        if (all.codes != nullptr) {
          codes.push_back(all.codes[t * 5 + b]);
        } else {
          x.insert(x.end(), all.inputs + (t * 5 + b) * width, all.inputs + (t * 5 + b + 1) * width);
        }
      }
      ModelBatch alone;
      alone.batch = 1;
      alone.seq_len = all.lengths[b];
      alone.inputs = x.empty() ? nullptr : x.data();
      alone.codes = codes.empty() ? nullptr : codes.data();
      const std::vector<float> y = model.predict(alone);
      for (std::size_t o = 0; o < y.size(); ++o) EXPECT_NEAR(y[o], together[b * y.size() + o], 1e-6);
    }
  }
}

TEST(Structure, NothingPastTheEndMatters) {
  for (const Case& test : structured_cases(8, 2, 6, 5)) {
    if (!test.shape.lengths || test.shape.symbols > 0) continue;
    SCOPED_TRACE(test.name());
    const Data data(test.shape, 5, 6, 3);
    const ModelBatch batch = data.batch();
    std::vector<float> zeroed(batch.inputs, batch.inputs + 6 * 5 * 3);
    for (std::size_t t = 0; t < 6; ++t) {
      for (std::size_t b = 0; b < 5; ++b) {
        if (t >= batch.lengths[b]) std::fill_n(zeroed.data() + (t * 5 + b) * 3, 3, 0.0F);
      }
    }
    ModelBatch other = batch;
    other.inputs = zeroed.data();
    Model a(test.config, {}, test.shape, kSeed);
    Model b(test.config, {}, test.shape, kSeed);
    EXPECT_EQ(a.gradient(batch).loss, b.gradient(other).loss);
    for (const std::string& name : a.parameter_names())
      EXPECT_EQ(a.parameter_gradient(name), b.parameter_gradient(name)) << name;
  }
}

TEST(Structure, DropoutKeepsTheMeanAndDependsOnItsPlaceAlone) {
  std::vector<float> factors(100001);
  const auto draw = [](std::uint32_t step, std::size_t level, std::size_t sequence, std::vector<float>& to) {
    Dropout(0.3, kSeed, step, 2).draw(level, sequence, 1, to.size(), to.size(), to.data());
  };
  draw(4, 1, 7, factors);
  double sum = 0.0;
  double zeros = 0.0;
  for (const float f : factors) {
    sum += static_cast<double>(f);
    zeros += f == 0.0F ? 1.0 : 0.0;
    EXPECT_TRUE(f == 0.0F || std::abs(f - 1.0F / 0.7F) < 1e-4F);
  }
  EXPECT_NEAR(sum / 100001.0, 1.0, 0.01);
  EXPECT_NEAR(zeros / 100001.0, 0.3, 0.01);
  std::vector<float> again(factors.size());
  draw(4, 1, 7, again);
  EXPECT_EQ(again, factors);
  draw(5, 1, 7, again);
  EXPECT_NE(again, factors);
  draw(4, 0, 7, again);
  EXPECT_NE(again, factors);
  draw(4, 1, 8, again);
  EXPECT_NE(again, factors);
}

TEST(Structure, ParametersAreCountedOnce) {
  for (const Case& test : structured_cases(9, 2, 3, 2)) {
    SCOPED_TRACE(test.name());
    const Model model(test.config, {}, test.shape, kSeed);
    std::size_t count = 0;
    for (const std::string& name : model.parameter_names()) count += model.parameter(name).size();
    for (const ParameterShape& p : model.parameter_shapes()) {
      EXPECT_EQ(p.columns == 0, p.name.find("weight") == p.name.npos) << p.name;
    }
    std::size_t in_blocks = 0;
    for (const ParameterBlock& block : model.blocks()) in_blocks += block.size;
    EXPECT_EQ(model.parameters(), count);
    EXPECT_EQ(in_blocks, count);
    EXPECT_EQ(Model::parameters(test.config, test.shape), count);
    EXPECT_EQ(Model::block_count(test.config, test.shape), model.blocks().size());
    // Two layers of G (D + H + 2) H for each direction, the head, the table, the starts.
    const std::size_t dirs = test.config.bidirectional ? 2 : 1;
    const CellInfo& cell = *find_cell(test.config.cell);
    const std::size_t gates = cell.gates.size();
    const std::size_t start = test.config.learn_initial_state ? 9 * (cell.has_state ? 2 : 1) : 0;
    const std::size_t table = test.config.embedding > 0 ? 7 * test.config.embedding : 0;
    const std::size_t outputs = test.shape.output_size;
    EXPECT_EQ(count, dirs * gates * 9 * ((test.shape.input_size + 11) + (dirs * 9 + 11)) +
                         outputs * (dirs * 9 + 1) + table + 2 * dirs * start);
  }
}

}  // namespace
}  // namespace unroll
