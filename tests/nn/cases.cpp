#include "tests/nn/cases.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "nn/cells.h"
#include "nn/dropout.h"

namespace unroll {
namespace {

const char* loss_name(HeadLoss loss) {
  return loss == HeadLoss::kMse ? "mse" : loss == HeadLoss::kSoftmax ? "softmax" : "sigmoid";
}

}  // namespace

std::string Case::name() const {
  return config.cell + " " + config.activation + " " + loss_name(shape.loss) +
         (shape.every_step ? " every" : " last") + " H" + std::to_string(config.hidden) + " L" +
         std::to_string(config.layers) + " " + config.init + (config.bidirectional ? " both" : "") +
         (shape.lengths ? " lengths" : "") + (shape.carried ? " carried" : "") +
         (shape.symbols == 0     ? ""
          : config.embedding > 0 ? " embedding"
                                 : " one-hot") +
         (config.learn_initial_state ? " start" : "") + (config.dropout > 0.0 ? " dropout" : "");
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
          test.shape.input_size = input;
          test.shape.output_size = loss == HeadLoss::kMse ? 2U : 5U;
          test.shape.seq_len = steps;
          test.shape.max_batch = batch;
          test.shape.loss = loss;
          test.shape.every_step = every_step;
          list.push_back(test);
        }
      }
    }
  }
  return list;
}

std::vector<Case> structured_cases(std::size_t hidden, std::size_t layers, std::size_t steps,
                                   std::size_t batch) {
  std::vector<Case> list;
  std::size_t number = 0;
  for (const Case& base : cases_of(hidden, layers, 3, steps, batch)) {
    // The losses take turns: what they do does not depend on the rest.
    if (base.shape.loss != HeadLoss::kMse || base.config.activation == "sigmoid") continue;
    for (int both = 0; both < 2; ++both) {
      for (int ends = 0; ends < 3; ++ends) {
        for (int input = 0; input < 3; ++input) {
          for (int rest = 0; rest < 4; ++rest) {
            Case test = base;
            test.config.bidirectional = both != 0;
            test.shape.lengths = ends == 1;
            test.shape.carried = ends == 2;
            if (input > 0) test.shape.symbols = 7;
            if (input == 1) test.shape.input_size = 7;
            if (input == 2) test.config.embedding = 3;
            test.config.learn_initial_state = (rest & 1) != 0;
            if ((rest & 2) != 0) test.config.dropout = 0.4;
            test.shape.loss = static_cast<HeadLoss>(number++ % 3);
            list.push_back(test);
          }
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
  for (std::size_t i = 0; shape.symbols == 0 && i < steps * batch * shape.input_size; ++i) {
    inputs_.push_back(static_cast<float>(rng.normal()));
  }
  for (std::size_t i = 0; shape.symbols > 0 && i < steps * batch; ++i) {
    codes_.push_back(static_cast<std::int32_t>(rng.below(static_cast<std::uint32_t>(shape.symbols))));
  }
  for (std::size_t b = 0; shape.lengths && b < batch; ++b) {
    lengths_.push_back(1 + rng.below(static_cast<std::uint32_t>(steps)));
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
  exact_.codes = codes_;
  exact_.lengths.assign(lengths_.begin(), lengths_.end());
}

std::size_t Data::longest() const {
  return lengths_.empty() ? exact_.steps : *std::max_element(lengths_.begin(), lengths_.end());
}

std::vector<reference::Numbers> dropout_factors(const Case& test, const Data& data, Seed seed,
                                                std::uint32_t step) {
  std::vector<reference::Numbers> factors;
  if (test.config.dropout == 0.0) return factors;
  const Dropout dropout(test.config.dropout, seed, step, test.config.layers);
  const std::size_t features = test.config.hidden * (test.config.bidirectional ? 2 : 1);
  for (std::size_t level = 0; level < test.config.layers; ++level) {
    const bool one_step = level + 1 == test.config.layers && !test.shape.every_step;
    const std::size_t steps = one_step ? 1 : data.longest();
    const std::size_t batch = data.exact().batch;
    std::vector<float> drawn(steps * batch * features);
    for (std::size_t b = 0; b < batch; ++b)
      dropout.draw(level, b, steps, features, batch * features, drawn.data() + b * features);
    factors.emplace_back(drawn.begin(), drawn.end());
  }
  return factors;
}

ModelBatch Data::batch() const {
  ModelBatch batch;
  batch.batch = exact_.batch;
  batch.seq_len = exact_.steps;
  batch.inputs = inputs_.empty() ? nullptr : inputs_.data();
  batch.codes = codes_.empty() ? nullptr : codes_.data();
  batch.lengths = lengths_.empty() ? nullptr : lengths_.data();
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
  net.bidirectional = test.config.bidirectional;
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
