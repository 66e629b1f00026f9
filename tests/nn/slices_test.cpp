// A batch that is cut into slices gives what its parts give one by one.
#include "nn/slices.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "tests/nn/cases.h"

namespace unroll {
namespace {

constexpr std::size_t kUnits = 43;
constexpr std::size_t kLayers = 2;
constexpr std::size_t kSteps = 75;
constexpr std::size_t kBatch = 31;
constexpr std::size_t kPart = 10;

// Sequences of a batch, in memory of their own.
struct Part {
  Part(const ModelShape& shape, const ModelBatch& all, std::size_t first, std::size_t width) : batch(all) {
    const auto cut = [&](const auto* from, std::size_t steps, std::size_t values, auto& to) {
      if (from == nullptr) return;
      for (std::size_t t = 0; t < steps; ++t) {
        for (std::size_t i = 0; i < width * values; ++i)
          to.push_back(from[(t * all.batch + first) * values + i]);
      }
    };
    const std::size_t scored = shape.every_step ? all.seq_len : 1;
    cut(all.inputs, all.seq_len, shape.input_size, inputs);
    cut(all.codes, all.seq_len, 1, codes);
    cut(all.targets, scored, shape.output_size, targets);
    cut(all.classes, scored, 1, classes);
    batch.batch = width;
    if (all.inputs != nullptr) batch.inputs = inputs.data();
    if (all.codes != nullptr) batch.codes = codes.data();
    if (all.targets != nullptr) batch.targets = targets.data();
    if (all.classes != nullptr) batch.classes = classes.data();
    if (all.lengths != nullptr) batch.lengths = all.lengths + first;
  }
  Part(const Part&) = delete;
  Part& operator=(const Part&) = delete;

  std::vector<float> inputs;
  std::vector<float> targets;
  std::vector<std::int32_t> codes;
  std::vector<std::int32_t> classes;
  ModelBatch batch;
};

// Every structure of an LSTM and a GRU whose batches are cut, without dropout.
std::vector<Case> sliced_cases() {
  std::vector<Case> list;
  for (Case& test : structured_cases(kUnits, kLayers, kSteps, kBatch)) {
    const bool wanted = test.config.cell == "lstm" || test.config.cell == "gru_reset_before";
    if (wanted && test.config.dropout == 0.0) list.push_back(test);
  }
  return list;
}

TEST(Slices, CoverEveryBatchOnce) {
  ModelConfig config;
  config.hidden = 64;
  ModelShape shape;
  shape.input_size = shape.output_size = 1;
  for (const std::size_t steps : {1, 50, 200, 1000}) {
    for (const std::size_t widest : {1, 5, 12, 13, 31, 32, 33, 100, 128, 1000}) {
      shape.seq_len = steps;
      shape.max_batch = widest;
      const ModelShape slice = slice_shape(config, shape);
      const Slices slices(shape, slice);
      for (std::size_t size = 1; size <= widest; ++size) {
        ModelBatch batch;
        batch.batch = size;
        std::size_t end = 0;
        for (std::size_t i = 0; i < slices.count(batch); ++i) {
          ASSERT_EQ(slices.first(batch, i), end);
          end = slices.first(batch, i + 1);
          ASSERT_GT(end, slices.first(batch, i));
          ASSERT_LE(end - slices.first(batch, i), slice.max_batch);
        }
        ASSERT_EQ(end, size);
      }
    }
  }
}

// Where the state is carried on, for a batch that goes on from a wider one.
TEST(Slices, AddUpToTheirBatch) {
  for (const Case& test : sliced_cases()) {
    SCOPED_TRACE(test.name());
    ASSERT_LT(slice_shape(test.config, test.shape).max_batch, kBatch);
    Case narrow = test;
    narrow.shape.max_batch = kPart;
    ASSERT_EQ(slice_shape(narrow.config, narrow.shape).max_batch, kPart);
    Model whole(test.config, {}, test.shape, {1, 2});
    Model parts(narrow.config, {}, narrow.shape, {1, 2});
    const bool continues = test.shape.carried;
    const std::size_t size = continues ? kBatch - 8 : kBatch;
    const Data before(test.shape, kBatch, kSteps, 6);
    const Data data(test.shape, size, kSteps, 7);
    ModelBatch batch = data.batch();
    batch.continues = continues;

    if (continues) whole.gradient(before.batch());
    const BatchLoss loss = whole.gradient(batch);
    std::map<std::string, std::vector<double>> sums;
    BatchLoss sum;
    for (std::size_t first = 0; first < size; first += kPart) {
      const Part part(test.shape, batch, first, std::min(kPart, size - first));
      if (continues) {
        parts.evaluate(Part(test.shape, before.batch(), first, std::min(kPart, kBatch - first)).batch);
      }
      const BatchLoss one = parts.gradient(part.batch);
      sum.loss += one.loss;
      sum.correct += one.correct;
      sum.count += one.count;
      const double share = static_cast<double>(one.count) / static_cast<double>(loss.count);
      for (const std::string& name : parts.parameter_names()) {
        const std::vector<float> gradient = parts.parameter_gradient(name);
        std::vector<double>& to = sums[name];
        to.resize(gradient.size(), 0.0);
        for (std::size_t i = 0; i < to.size(); ++i) to[i] += share * gradient[i];
      }
    }
    EXPECT_EQ(loss.count, sum.count);
    EXPECT_EQ(loss.correct, sum.correct);
    EXPECT_NEAR(loss.loss, sum.loss, 1e-5 * sum.loss);
    for (const auto& [name, want] : sums) {
      EXPECT_LT(relative_error(whole.parameter_gradient(name), want), 1e-4) << name;
    }
    if (continues) whole.evaluate(before.batch());
    EXPECT_NEAR(whole.evaluate(batch).loss, sum.loss, 1e-5 * sum.loss);
  }
}

// Outputs in the order of the batch; norms as the mean over all its sequences.
TEST(Slices, ProbesSeeTheWholeBatch) {
  for (const Case& test : sliced_cases()) {
    if (test.config.learn_initial_state) continue;
    SCOPED_TRACE(test.name());
    Case narrow = test;
    narrow.shape.max_batch = 1;
    Model whole(test.config, {}, test.shape, {1, 2});
    Model single(narrow.config, {}, narrow.shape, {1, 2});
    const Data data(test.shape, kBatch, kSteps, 8);
    const ModelBatch batch = data.batch();
    const std::vector<float> outputs = whole.predict(batch);
    const StateNorms norms = whole.state_gradient_norms(batch);
    std::vector<double> squares(norms.hidden.size(), 0.0);
    std::vector<double> reach(norms.hidden.size(), 0.0);
    std::vector<std::vector<float>> each;
    for (std::size_t b = 0; b < kBatch; ++b) {
      const Part part(test.shape, batch, b, 1);
      each.push_back(single.predict(part.batch));
      const StateNorms one = single.state_gradient_norms(part.batch);
      for (std::size_t i = 0; i < squares.size(); ++i) {
        if (std::isnan(one.hidden[i])) continue;
        squares[i] += one.hidden[i] * one.hidden[i];
        reach[i] += 1.0;
      }
    }
    for (std::size_t i = 0; i < squares.size(); ++i) {
      if (reach[i] == 0.0) {
        EXPECT_TRUE(std::isnan(norms.hidden[i]));
      } else {
        const double want = std::sqrt(squares[i] / reach[i]);
        ASSERT_NEAR(norms.hidden[i], want, 1e-3 * want + 1e-30) << i;
      }
    }
    std::size_t at = 0;
    const std::size_t width = test.shape.output_size;
    for (std::size_t t = 0; t < (test.shape.every_step ? kSteps : 1); ++t) {
      for (std::size_t b = 0; b < kBatch; ++b) {
        if ((t + 1) * width > each[b].size()) continue;
        for (std::size_t o = 0; o < width; ++o) {
          ASSERT_LT(at, outputs.size());
          ASSERT_NEAR(outputs[at++], each[b][t * width + o], 1e-4);
        }
      }
    }
    EXPECT_EQ(at, outputs.size());
  }
}

// Training depends neither on how wide the batches of validation and probes are, nor does dropout.
TEST(Slices, OfABatchDoNotDependOnWiderOnes) {
  for (Case test : sliced_cases()) {
    SCOPED_TRACE(test.name());
    test.config.dropout = 0.5;
    constexpr std::size_t kSize = 17;
    const Data data(test.shape, kSize, kSteps, 9);
    test.shape.max_batch = kSize;
    Model narrow(test.config, {}, test.shape, {1, 2});
    const double loss = narrow.gradient(data.batch()).loss;
    for (const std::size_t widest : {24, 31, 64}) {
      test.shape.max_batch = widest;
      Model wide(test.config, {}, test.shape, {1, 2});
      ASSERT_EQ(wide.gradient(data.batch()).loss, loss) << widest;
      for (const std::string& name : wide.parameter_names())
        ASSERT_EQ(wide.parameter_gradient(name), narrow.parameter_gradient(name)) << name;
    }
  }
}

// Each sequence has its own draws, and the same ones every time.
TEST(Slices, DrawTheirOwnDropout) {
  Case test = sliced_cases().front();
  test.config.dropout = 0.5;
  const Data data(test.shape, kBatch, kSteps, 9);
  Model model(test.config, {}, test.shape, {1, 2});
  const double first = model.gradient(data.batch()).loss;
  EXPECT_EQ(model.gradient(data.batch()).loss, first);
  ModelBatch next = data.batch();
  next.step = 1;
  EXPECT_NE(model.gradient(next).loss, first);
  EXPECT_NE(model.evaluate(data.batch()).loss, first);
}

}  // namespace
}  // namespace unroll
