// Initial parameters against the formulas of nn/init.h.
#include "nn/init.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "nn/model.h"
#include "tests/support/every_target.h"

namespace unroll {
namespace {

Model make(const std::string& cell, const std::string& init, std::optional<double> forget_bias = {}) {
  ModelConfig config;
  config.cell = cell;
  config.init = init;
  config.hidden = 40;
  config.layers = 2;
  config.forget_bias = forget_bias;
  ModelShape shape;
  shape.input_size = 30;
  shape.output_size = 10;
  shape.seq_len = 1;
  shape.max_batch = 1;
  return {config, {}, shape, {4, 1}};
}

// Uniform in (-limit, limit): nothing outside, the variance right, and the ends reached.
void expect_uniform(const std::vector<float>& values, double limit) {
  double squares = 0.0;
  double max = 0.0;
  for (float v : values) {
    squares += static_cast<double>(v) * static_cast<double>(v);
    max = std::max(max, std::abs(static_cast<double>(v)));
  }
  const auto n = static_cast<double>(values.size());
  EXPECT_LE(max, limit * (1.0 + 1e-6));
  EXPECT_GT(max, limit * (1.0 - 10.0 / n));
  EXPECT_NEAR(squares / n, limit * limit / 3.0, limit * limit / 3.0 * 4.0 / std::sqrt(n));
}

TEST(Init, Torch) {
  const Model model = make("gru", "torch");
  for (const std::string& name : model.parameter_names()) {
    SCOPED_TRACE(name);
    expect_uniform(model.parameter(name), 1.0 / std::sqrt(40.0));
  }
}

TEST(Init, Keras) {
  for (const char* cell : {"rnn", "lstm", "gru", "gru_reset_before"}) {
    SCOPED_TRACE(cell);
    const Model model = make(cell, "keras");
    const std::size_t rows = model.parameter("bias_ih_l0").size();
    expect_uniform(model.parameter("weight_ih_l0"), std::sqrt(6.0 / static_cast<double>(30 + rows)));
    expect_uniform(model.parameter("head.weight"), std::sqrt(6.0 / 50.0));
    const std::vector<float> u = model.parameter("weight_hh_l1");
    for (std::size_t a = 0; a < 40; ++a) {
      for (std::size_t b = 0; b <= a; ++b) {
        double dot = 0.0;
        for (std::size_t r = 0; r < rows; ++r)
          dot += static_cast<double>(u[r * 40 + a]) * static_cast<double>(u[r * 40 + b]);
        ASSERT_NEAR(dot, a == b ? 1.0 : 0.0, 1e-6);
      }
    }
    for (const std::string& name : model.parameter_names()) {
      if (name.find("bias") == std::string::npos) continue;
      const std::vector<float> bias = model.parameter(name);
      for (std::size_t i = 0; i < bias.size(); ++i) {
        const bool forget = std::string(cell) == "lstm" && name.starts_with("bias_ih") && i / 40 == 1;
        ASSERT_EQ(bias[i], forget ? 1.0F : 0.0F) << name << ' ' << i;
      }
    }
  }
}

// Normal with this deviation: mean and variance right, and some beyond two deviations.
void expect_normal(const std::vector<float>& values, double deviation) {
  double sum = 0.0;
  double squares = 0.0;
  double max = 0.0;
  for (float v : values) {
    sum += static_cast<double>(v);
    squares += static_cast<double>(v) * static_cast<double>(v);
    max = std::max(max, std::abs(static_cast<double>(v)));
  }
  const auto n = static_cast<double>(values.size());
  EXPECT_LE(std::abs(sum / n), 4.0 * deviation / std::sqrt(n));
  EXPECT_NEAR(squares / n, deviation * deviation, deviation * deviation * 6.0 / std::sqrt(n));
  EXPECT_GT(max, 2.0 * deviation);
}

// D 30, H 40, O 10: by gate, whatever the number of gates.
TEST(Init, ScaledByTheInputsAndOutputsOfAGate) {
  const auto fan = [](const std::string& rule, double rows, double columns) {
    return rule == "xavier" ? 2.0 / (rows + columns) : rule == "he" ? 2.0 / columns : 1.0 / columns;
  };
  for (const char* cell : {"rnn", "lstm", "gru", "gru_reset_before"}) {
    for (const char* rule : {"xavier", "he", "lecun"}) {
      for (const char* law : {"uniform", "normal"}) {
        const Model model = make(cell, std::string(rule) + "_" + law);
        const auto check = [&](const std::string& name, double rows, double columns) {
          SCOPED_TRACE(std::string(cell) + " " + rule + " " + law + " " + name);
          const double variance = fan(rule, rows, columns);
          if (std::string(law) == "uniform") {
            expect_uniform(model.parameter(name), std::sqrt(3.0 * variance));
          } else {
            expect_normal(model.parameter(name), std::sqrt(variance));
          }
        };
        check("weight_ih_l0", 40, 30);
        check("weight_hh_l0", 40, 40);
        check("weight_ih_l1", 40, 40);
        check("head.weight", 10, 40);
      }
    }
  }
}

// All but the first two rows of the table, which have tests of their own.
TEST(Init, BiasesAreZero) {
  for (const InitInfo& row : initialisers().subspan(2)) {
    for (const char* cell : {"lstm", "gru"}) {
      const Model model = make(cell, std::string(row.name));
      for (const std::string& name : model.parameter_names()) {
        if (name.find("bias") == std::string::npos) continue;
        for (const float v : model.parameter(name)) ASSERT_EQ(v, 0.0F) << row.name << ' ' << name;
      }
    }
  }
}

TEST(Init, OrthogonalAndIdentityByGate) {
  for (const char* cell : {"rnn", "lstm", "gru"}) {
    for (const char* init : {"orthogonal", "identity"}) {
      const Model model = make(cell, init);
      const std::vector<float> u = model.parameter("weight_hh_l1");
      for (std::size_t first = 0; first < u.size(); first += std::size_t{40} * 40) {
        for (std::size_t a = 0; a < 40; ++a) {
          for (std::size_t b = 0; b < 40; ++b) {
            double dot = 0.0;
            for (std::size_t k = 0; k < 40; ++k)
              dot += static_cast<double>(u[first + a * 40 + k]) * static_cast<double>(u[first + b * 40 + k]);
            ASSERT_NEAR(dot, a == b ? 1.0 : 0.0, 1e-6);
            if (std::string(init) != "identity") continue;
            ASSERT_EQ(u[first + a * 40 + b], a == b ? 1.0F : 0.0F);
          }
        }
      }
    }
    expect_uniform(make(cell, "orthogonal").parameter("weight_ih_l0"), std::sqrt(6.0 / 70.0));
    expect_normal(make(cell, "identity").parameter("weight_ih_l0"), 0.001);
  }
}

TEST(Init, ForgetBiasReplacesWhatThePresetSays) {
  for (const char* init : {"torch", "keras"}) {
    const Model model = make("lstm", init, 2.5);
    const std::vector<float> bias = model.parameter("bias_ih_l1");
    for (std::size_t u = 40; u < 80; ++u) EXPECT_EQ(bias[u], 2.5F);
    if (std::string(init) == "keras") continue;
    const std::vector<float> other = model.parameter("bias_hh_l1");
    for (std::size_t u = 40; u < 80; ++u) EXPECT_EQ(other[u], 0.0F);
    EXPECT_NE(other[0], 0.0F);
  }
}

TEST(Init, DependsOnTheSeedAndNotOnTheInstructionSet) {
  for (const InitInfo& row : initialisers()) {
    const std::vector<float> want = make("lstm", std::string(row.name)).parameter("weight_ih_l1");
    on_every_target([&] { EXPECT_EQ(make("lstm", std::string(row.name)).parameter("weight_ih_l1"), want); });
    EXPECT_NE(make("lstm", std::string(row.name)).parameter("weight_ih_l0"), want);
  }
}

}  // namespace
}  // namespace unroll
