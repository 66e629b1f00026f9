// What a Model promises beside its gradients: determinism, counts, names, statistics, clipping, errors.
#include "nn/model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "base/error.h"
#include "nn/cells.h"
#include "nn/optimizers.h"
#include "tests/nn/cases.h"
#include "tests/support/every_target.h"

namespace unroll {
namespace {

std::vector<std::vector<float>> all_parameters(const Model& model) {
  std::vector<std::vector<float>> list;
  for (const std::string& name : model.parameter_names()) list.push_back(model.parameter(name));
  return list;
}

// Cells x optimizers, small and ragged.
std::vector<Case> some_cases(std::size_t batch = 5) {
  std::vector<Case> list;
  for (const Case& test : cases_of(19, 2, 3, 6, batch)) {
    if (test.shape.loss == HeadLoss::kSoftmax && test.shape.every_step) list.push_back(test);
  }
  return list;
}

TEST(Model, TheSameSettingsGiveTheSameBits) {
  on_every_target([] {
    for (const Case& test : some_cases()) {
      SCOPED_TRACE(test.name());
      const Data data(test.shape, 5, 6, 1);
      const auto train = [&] {
        Model model(test.config, {}, test.shape, {1, 2});
        std::vector<double> losses;
        for (int i = 0; i < 5; ++i) {
          losses.push_back(model.gradient(data.batch()).loss);
          losses.push_back(model.step(0.01).grad_norm);
        }
        return std::pair(losses, all_parameters(model));
      };
      EXPECT_EQ(train(), train());
    }
  });
}

// Nothing of a batch reaches the next one, whatever their sizes.
TEST(Model, BatchesLeaveNothingBehind) {
  on_every_target([] {
    for (const Case& test : some_cases(13)) {
      SCOPED_TRACE(test.name());
      Model used(test.config, {}, test.shape, {1, 2});
      used.gradient(Data(test.shape, 13, 6, 1).batch());
      used.state_gradient_norms(Data(test.shape, 7, 4, 2).batch());
      used.evaluate(Data(test.shape, 2, 6, 3).batch());
      Model fresh(test.config, {}, test.shape, {1, 2});
      const Data data(test.shape, 4, 5, 4);
      EXPECT_EQ(used.gradient(data.batch()).loss, fresh.gradient(data.batch()).loss);
      for (const std::string& name : used.parameter_names()) {
        EXPECT_EQ(used.parameter_gradient(name), fresh.parameter_gradient(name)) << name;
      }
    }
  });
}

TEST(Model, ParametersAreCountedOnce) {
  for (const Case& test : some_cases()) {
    for (const char* init : {"torch", "keras"}) {
      ModelConfig config = test.config;
      config.init = init;
      const Model model(config, {}, test.shape, {1, 0});
      std::size_t count = 0;
      for (const auto& values : all_parameters(model)) count += values.size();
      EXPECT_EQ(model.parameters(), count);
      EXPECT_EQ(Model::parameters(config, test.shape), count);
      std::size_t in_blocks = 0;
      std::set<std::string> names;
      for (const ParameterBlock& block : model.blocks()) {
        in_blocks += block.size;
        EXPECT_TRUE(names.insert(block.name).second) << block.name;
      }
      EXPECT_EQ(in_blocks, count);
      // (G (D + H + biases) H) of two layers and the head.
      const std::size_t gates = find_cell(config.cell)->gates.size();
      const std::size_t biases = std::string(init) == "torch" || config.cell == "gru" ? 2 : 1;
      EXPECT_EQ(count, gates * 19 * ((3 + 19 + biases) + (19 + 19 + biases)) + 5 * 20);
    }
  }
}

TEST(Model, BlocksAreNamedByLayerGateAndPart) {
  const Case test = some_cases().front();
  ModelConfig config = test.config;
  config.cell = "gru";
  const Model model(config, {}, test.shape, {1, 0});
  std::vector<std::string> names;
  for (const ParameterBlock& block : model.blocks()) names.push_back(block.name);
  const std::vector<std::string> want = {
      "layer0.r.input",     "layer0.r.recurrent", "layer0.r.bias",      "layer0.z.input",
      "layer0.z.recurrent", "layer0.z.bias",      "layer0.n.input",     "layer0.n.recurrent",
      "layer0.n.bias",      "layer1.r.input",     "layer1.r.recurrent", "layer1.r.bias",
      "layer1.z.input",     "layer1.z.recurrent", "layer1.z.bias",      "layer1.n.input",
      "layer1.n.recurrent", "layer1.n.bias",      "head.weight",        "head.bias"};
  EXPECT_EQ(names, want);
}

// Statistics from the gradients in logical order; and padding, which no logical parameter shows, is in no
// norm.
TEST(Model, StatisticsAndNormsCoverTheRealParametersOnly) {
  on_every_target([] {
    for (const Case& test : some_cases()) {
      SCOPED_TRACE(test.name());
      OptimizerConfig optimizer;
      optimizer.weight_decay = 0.1;
      Model model(test.config, optimizer, test.shape, {1, 2});
      const Data data(test.shape, 5, 6, 1);
      for (int i = 0; i < 20; ++i) {
        model.gradient(data.batch());
        model.step(0.05);
      }
      model.gradient(data.batch());
      const std::vector<BlockStatistics> statistics = model.block_statistics();
      const std::vector<ParameterBlock> blocks = model.blocks();
      double squares = 0.0;
      for (const std::string& name : model.parameter_names()) {
        for (float g : model.parameter_gradient(name))
          squares += static_cast<double>(g) * static_cast<double>(g);
      }
      double in_blocks = 0.0;
      for (const BlockStatistics& s : statistics) in_blocks += s.l2 * s.l2;
      EXPECT_NEAR(in_blocks, squares, 1e-12 * squares);
      const double norm = model.step(0.05).grad_norm;
      EXPECT_NEAR(norm * norm, squares, 1e-12 * squares);

      // One block in detail: the second gate's recurrent weights, or the only gate's.
      const std::size_t gates = find_cell(test.config.cell)->gates.size();
      const std::size_t g = std::min<std::size_t>(1, gates - 1);
      const std::vector<float> all = model.parameter_gradient("weight_hh_l0");
      double sum = 0.0, square = 0.0, max = 0.0, zeros = 0.0;
      for (std::size_t i = g * 19 * 19; i < (g + 1) * 19 * 19; ++i) {
        const auto v = static_cast<double>(all[i]);
        sum += v;
        square += v * v;
        max = std::max(max, std::abs(v));
        zeros += v == 0.0 ? 1.0 : 0.0;
      }
      const double n = 19.0 * 19.0;
      const BlockStatistics& s = statistics[3 * g + 1];
      EXPECT_EQ(blocks[3 * g + 1].size, 19U * 19U);
      EXPECT_NEAR(s.l2, std::sqrt(square), 1e-12);
      EXPECT_NEAR(s.mean, sum / n, 1e-12);
      EXPECT_NEAR(s.std, std::sqrt(square / n - sum / n * sum / n), 1e-10);
      EXPECT_EQ(s.max, max);
      EXPECT_EQ(s.zeros, zeros / n);
      EXPECT_EQ(s.nonfinite, 0.0);
    }
  });
}

TEST(Model, ANonFiniteGradientChangesNothing) {
  on_every_target([] {
    for (const Case& test : some_cases()) {
      SCOPED_TRACE(test.name());
      Model model(test.config, {}, test.shape, {1, 2});
      const Data data(test.shape, 5, 6, 1);
      model.gradient(data.batch());
      model.step(0.01);
      std::vector<float> weights = model.parameter("weight_hh_l0");
      weights[7] = std::numeric_limits<float>::quiet_NaN();
      model.set_parameter("weight_hh_l0", weights);
      EXPECT_FALSE(std::isfinite(model.gradient(data.batch()).loss));
      const auto before = all_parameters(model);
      EXPECT_FALSE(model.step(0.01).finite);
      const auto after = all_parameters(model);
      for (std::size_t i = 0; i < before.size(); ++i) {
        for (std::size_t k = 0; k < before[i].size(); ++k) {
          EXPECT_TRUE(before[i][k] == after[i][k] || std::isnan(before[i][k]));
        }
      }
    }
  });
}

TEST(Model, ClippingIsReported) {
  const Case test = some_cases().front();
  const Data data(test.shape, 5, 6, 1);
  const auto clipped = [&](double norm, double value) {
    OptimizerConfig optimizer;
    optimizer.clip_norm = norm;
    optimizer.clip_value = value;
    Model model(test.config, optimizer, test.shape, {1, 2});
    model.gradient(data.batch());
    return model.step(0.01).clipped;
  };
  EXPECT_FALSE(clipped(0.0, 0.0));
  EXPECT_FALSE(clipped(1e6, 1e6));
  EXPECT_TRUE(clipped(1e-3, 0.0));
  EXPECT_TRUE(clipped(0.0, 1e-3));
}

TEST(Model, EveryOptimizerLearns) {
  const Case test = some_cases().front();
  const Data data(test.shape, 5, 6, 1);
  for (const OptimizerInfo& row : optimizers()) {
    OptimizerConfig optimizer;
    optimizer.optimizer = row.name;
    optimizer.momentum = 0.5;
    Model model(test.config, optimizer, test.shape, {1, 2});
    const double before = model.gradient(data.batch()).loss;
    for (int i = 0; i < 60; ++i) {
      model.gradient(data.batch());
      model.step(row.name == "sgd" ? 0.3 : row.name == "adagrad" ? 0.1 : row.name == "adadelta" ? 5.0 : 0.01);
    }
    EXPECT_LT(model.evaluate(data.batch()).loss, 0.5 * before) << row.name;
  }
}

TEST(Model, FlopsAndBytesAreKnownWithoutAModel) {
  ModelConfig config;
  config.hidden = 16;
  ModelShape shape;
  shape.input_size = 1;
  shape.output_size = 1;
  shape.seq_len = 50;
  shape.max_batch = 32;
  // Forward and weight gradients 4 H (D + H), gradient of h 4 H H, head on the last step.
  ModelFlops flops = Model::flops(config, shape, 32, 50 * 32);
  EXPECT_EQ(flops.forward, 50.0 * 32 * 2 * 4 * 16 * 17 + 32.0 * 2 * 16);
  EXPECT_EQ(flops.step, 50.0 * 32 * 2 * 4 * 16 * (17 + 17 + 16) + 32.0 * 6 * 16);
  config.layers = 2;
  flops = Model::flops(config, shape, 32, 50 * 32);
  EXPECT_EQ(flops.forward, 50.0 * 32 * 2 * 4 * 16 * (17 + 32) + 32.0 * 2 * 16);
  EXPECT_EQ(flops.step, 50.0 * 32 * 2 * 4 * 16 * (17 + 17 + 16 + 3 * 32) + 32.0 * 6 * 16);
  // Of sequences that end early.
  EXPECT_EQ(Model::flops(config, shape, 32, 600).forward, 600.0 * 2 * 4 * 16 * (17 + 32) + 32.0 * 2 * 16);
  const std::size_t small = Model::bytes(config, {}, shape);
  config.hidden = 64;
  EXPECT_GT(Model::bytes(config, {}, shape), 2 * small);
  // A wide batch goes through in slices and needs no more memory than one of them.
  const std::size_t wide = Model::bytes(config, {}, shape);
  shape.max_batch = 1000;
  EXPECT_LT(Model::bytes(config, {}, shape), 2 * wide);
}

TEST(Model, UnknownNamesAreAUsersMistake) {
  const Case test = some_cases().front();
  const auto hint = [&](ModelConfig config, OptimizerConfig optimizer) {
    try {
      const Model model(config, optimizer, test.shape, {1, 0});
    } catch (const UsageError& error) {
      return error.where() + ": " + error.message() + "; " + error.hint();
    }
    return std::string();
  };
  ModelConfig config = test.config;
  config.cell = "lstn";
  EXPECT_EQ(hint(config, {}),
            "model.cell: 'lstn' is not known; did you mean 'lstm'? one of: rnn, lstm, gru, gru_reset_before");
  config = test.config;
  config.init = "toch";
  EXPECT_NE(hint(config, {}).find("did you mean 'torch'"), std::string::npos);
  config = test.config;
  config.cell = "rnn";
  config.activation = "sin";
  EXPECT_NE(hint(config, {}).find("tanh, relu, sigmoid"), std::string::npos);
  OptimizerConfig optimizer;
  optimizer.optimizer = "adma";
  EXPECT_NE(hint(test.config, optimizer).find("did you mean 'adam'"), std::string::npos);
}

}  // namespace
}  // namespace unroll
