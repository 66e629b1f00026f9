#include "tests/nn/cases.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "nn/cells.h"

namespace unroll {
namespace {

const char* loss_name(HeadLoss loss) {
  return loss == HeadLoss::kMse ? "mse" : loss == HeadLoss::kSoftmax ? "softmax" : "sigmoid";
}

}  // namespace

std::string Case::name() const {
  return config.cell + " " + config.activation + " " + loss_name(shape.loss) +
         (shape.every_step ? " every" : " last") + " H" + std::to_string(config.hidden) + " L" +
         std::to_string(config.layers) + " " + config.init;
}

std::vector<Case> cases_of(std::size_t hidden, std::size_t layers, std::size_t input, std::size_t steps,
                           std::size_t batch, const std::string& init) {
  std::vector<Case> list;
  for (const CellInfo& cell : cells()) {
    std::vector<std::string_view> activations = cell.activations;
    if (activations.empty()) activations = {"tanh"};
    for (std::string_view activation : activations) {
      for (HeadLoss loss : {HeadLoss::kMse, HeadLoss::kSoftmax, HeadLoss::kSigmoid}) {
        for (bool every_step : {false, true}) {
          Case test;
          test.config.cell = cell.name;
          test.config.activation = activation;
          test.config.hidden = hidden;
          test.config.layers = layers;
          test.config.init = init;
          test.shape = {input, loss == HeadLoss::kMse ? 2U : 5U, steps, batch, loss, every_step};
          list.push_back(test);
        }
      }
    }
  }
  return list;
}

Data::Data(const ModelShape& shape, std::size_t batch, std::size_t steps, std::uint32_t seed) {
  Rng rng({seed, 0}, Purpose::kSample);
  const std::size_t rows = batch * (shape.every_step ? steps : 1);
  exact_.batch = batch;
  exact_.steps = steps;
  for (std::size_t i = 0; i < steps * batch * shape.input_size; ++i) {
    inputs_.push_back(static_cast<float>(rng.normal()));
  }
  for (std::size_t i = 0; i < rows * shape.output_size; ++i) {
    if (shape.loss == HeadLoss::kMse) targets_.push_back(static_cast<float>(rng.normal()));
    if (shape.loss == HeadLoss::kSigmoid) targets_.push_back(static_cast<float>(rng.below(2)));
  }
  if (shape.loss == HeadLoss::kSoftmax) {
    for (std::size_t i = 0; i < rows; ++i) {
      classes_.push_back(static_cast<std::int32_t>(rng.below(static_cast<std::uint32_t>(shape.output_size))));
    }
  }
  exact_.inputs.assign(inputs_.begin(), inputs_.end());
  exact_.targets.assign(targets_.begin(), targets_.end());
  exact_.classes = classes_;
}

ModelBatch Data::batch() const {
  ModelBatch batch;
  batch.batch = exact_.batch;
  batch.seq_len = exact_.steps;
  batch.inputs = inputs_.data();
  batch.targets = targets_.empty() ? nullptr : targets_.data();
  batch.classes = classes_.empty() ? nullptr : classes_.data();
  return batch;
}

reference::Net reference_of(const Case& test, const Model& model) {
  reference::Net net;
  net.cell = test.config.cell;
  net.activation = test.config.activation;
  net.layers = test.config.layers;
  net.hidden = test.config.hidden;
  net.shape = test.shape;
  for (const std::string& name : model.parameter_names()) {
    const std::vector<float> values = model.parameter(name);
    net.parameters[name].assign(values.begin(), values.end());
  }
  return net;
}

double relative_error(const std::vector<float>& got, const std::vector<double>& want) {
  EXPECT_EQ(got.size(), want.size());
  double error = 0.0;
  double size = 0.0;
  for (std::size_t i = 0; i < want.size(); ++i) {
    error = std::max(error, std::abs(static_cast<double>(got[i]) - want[i]));
    size = std::max(size, std::abs(want[i]));
  }
  return size == 0.0 ? error : error / size;
}

}  // namespace unroll
