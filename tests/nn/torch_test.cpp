// Against PyTorch: the fixtures of scripts/make_fixtures.py, reproduced to 1e-5 on every instruction set.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "nn/model.h"
#include "tests/nn/cases.h"
#include "tests/support/every_target.h"

namespace unroll {
namespace {

using nlohmann::json;
constexpr double kRelative = 1e-5;

void reproduce(const json& fixture) {
  ModelConfig config;
  config.cell = fixture["cell"];
  config.activation = fixture["activation"];
  config.layers = fixture["layers"];
  config.hidden = fixture["hidden"];
  OptimizerConfig optimizer;
  const json& o = fixture["optimizer"];
  optimizer.optimizer = o["optimizer"];
  optimizer.momentum = o.value("momentum", 0.0);
  optimizer.nesterov = o.value("nesterov", false);
  if (o.contains("rho")) optimizer.rho = o["rho"];
  optimizer.weight_decay = o.value("weight_decay", 0.0);
  optimizer.decoupled_weight_decay = o.value("decoupled", false);
  optimizer.clip_norm = o.value("clip_norm", 0.0);
  optimizer.clip_value = o.value("clip_value", 0.0);
  config.bidirectional = fixture.value("bidirectional", false);
  config.embedding = fixture.value("embedding", 0U);
  ModelShape shape;
  shape.symbols = fixture.value("symbols", 0U);
  shape.lengths = fixture.contains("lengths");
  shape.input_size = fixture["input"];
  shape.output_size = fixture["output"];
  shape.seq_len = fixture["seq_len"];
  shape.max_batch = fixture["batch"];
  shape.every_step = fixture["every_step"];
  const std::string loss = fixture["loss"];
  shape.loss = loss == "mse" ? HeadLoss::kMse : loss == "softmax" ? HeadLoss::kSoftmax : HeadLoss::kSigmoid;

  Model model(config, optimizer, shape, {1, 0});
  EXPECT_EQ(model.parameter_names().size(), fixture["parameters"].size());
  for (const auto& [name, values] : fixture["parameters"].items()) {
    model.set_parameter(name, values.get<std::vector<float>>());
  }
  const auto lengths = fixture.value("lengths", std::vector<std::uint32_t>());
  std::vector<float> inputs;
  std::vector<std::int32_t> codes;
  if (shape.symbols > 0) {
    codes = fixture["inputs"].get<std::vector<std::int32_t>>();
  } else {
    inputs = fixture["inputs"].get<std::vector<float>>();
  }
  std::vector<float> targets;
  std::vector<std::int32_t> classes;
  if (shape.loss == HeadLoss::kSoftmax) {
    classes = fixture["targets"].get<std::vector<std::int32_t>>();
  } else {
    targets = fixture["targets"].get<std::vector<float>>();
  }
  ModelBatch batch;
  batch.batch = shape.max_batch;
  batch.seq_len = shape.seq_len;
  batch.inputs = inputs.empty() ? nullptr : inputs.data();
  batch.codes = codes.empty() ? nullptr : codes.data();
  batch.lengths = lengths.empty() ? nullptr : lengths.data();
  batch.targets = targets.empty() ? nullptr : targets.data();
  batch.classes = classes.empty() ? nullptr : classes.data();

  const auto losses = fixture["losses"].get<std::vector<double>>();
  const auto norms = fixture["grad_norms"].get<std::vector<double>>();
  for (std::size_t step = 0; step < losses.size(); ++step) {
    const BatchLoss got = model.gradient(batch);
    EXPECT_NEAR(got.loss / static_cast<double>(got.count), losses[step], kRelative * losses[step])
        << "step " << step;
    if (step == 0) {
      for (const auto& [name, values] : fixture["gradients"].items()) {
        EXPECT_LT(relative_error(model.parameter_gradient(name), values.get<std::vector<double>>()),
                  kRelative)
            << name;
      }
    }
    const StepReport report = model.step(o["lr"]);
    EXPECT_NEAR(report.grad_norm, norms[step], kRelative * norms[step]) << "step " << step;
    EXPECT_TRUE(report.finite);
  }
}

TEST(Torch, FixturesAreReproducedOnEveryTarget) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(UNROLL_SOURCE_DIR "/tests/nn/fixtures")) {
    SCOPED_TRACE(entry.path().filename().string());
    std::ifstream in(entry.path());
    const json fixture = json::parse(in);
    on_every_target([&] { reproduce(fixture); });
    ++count;
  }
  EXPECT_EQ(count, 19U);
}

}  // namespace
}  // namespace unroll
