// Losses, optimizers and reductions against their formulas in double.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "base/buffer.h"
#include "base/rng.h"
#include "simd/kernels.h"
#include "tests/support/every_target.h"

namespace unroll {
namespace {

double wide(float x) {
  return static_cast<double>(x);
}

struct Logits {
  Logits(std::size_t row_count, std::size_t output_count, std::size_t lanes, double spread)
      : rows(row_count),
        outputs(output_count),
        stride(simd::round_up(outputs, lanes)),
        y(rows * stride),
        dy(rows * stride),
        targets(rows * outputs),
        classes(rows) {
    Rng rng({8, 0}, Purpose::kSample);
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t o = 0; o < outputs; ++o) {
        y[r * stride + o] = static_cast<float>(spread * rng.normal());
        targets[r * outputs + o] = static_cast<float>(rng.below(2));
      }
      classes[r] = static_cast<std::int32_t>(rng.below(static_cast<std::uint32_t>(outputs)));
    }
  }
  simd::LossPass pass() {
    return {rows, outputs, stride, y.data(), targets.data(), classes.data(), 0.25F, dy.data()};
  }

  std::size_t rows, outputs, stride;
  Buffer<float> y, dy;
  std::vector<float> targets;
  std::vector<std::int32_t> classes;
};

template <class RowLoss>
void check_loss(simd::LossSums (*simd::Kernels::*kernel)(const simd::LossPass&), RowLoss&& row_loss) {
  on_every_target([&] {
    const simd::Kernels& k = simd::kernels();
    for (std::size_t rows : {1U, 15U, 16U, 37U}) {
      for (std::size_t outputs : {1U, 3U, 16U, 17U, 65U}) {
        for (double spread : {1.0, 40.0}) {
          Logits l(rows, outputs, k.lanes, spread);
          const simd::LossSums got = (k.*kernel)(l.pass());
          double loss = 0.0;
          double correct = 0.0;
          for (std::size_t r = 0; r < rows; ++r) {
            std::vector<double> dy(outputs);
            bool right = false;
            loss += row_loss(l, r, dy, right);
            correct += right ? 1.0 : 0.0;
            for (std::size_t o = 0; o < l.stride; ++o) {
              const double want = o < outputs ? 0.25 * dy[o] : 0.0;
              ASSERT_NEAR(wide(l.dy[r * l.stride + o]), want, 1e-6 * std::abs(want) + 1e-7 * 0.25)
                  << rows << ' ' << outputs;
            }
          }
          EXPECT_NEAR(got.loss, loss, 1e-6 * std::abs(loss) + 1e-6) << rows << ' ' << outputs;
          EXPECT_EQ(got.correct, correct);
          // Without a gradient: the same sums.
          simd::LossPass only_loss = l.pass();
          only_loss.dy = nullptr;
          EXPECT_EQ((k.*kernel)(only_loss).loss, got.loss);
        }
      }
    }
  });
}

TEST(Losses, MeanSquaredError) {
  check_loss(&simd::Kernels::mse_loss, [](const Logits& l, std::size_t r, std::vector<double>& dy, bool&) {
    double sum = 0.0;
    const auto n = static_cast<double>(l.outputs);
    for (std::size_t o = 0; o < l.outputs; ++o) {
      const double e = wide(l.y[r * l.stride + o]) - wide(l.targets[r * l.outputs + o]);
      sum += e * e / n;
      dy[o] = 2.0 * e / n;
    }
    return sum;
  });
}

TEST(Losses, SoftmaxCrossEntropy) {
  check_loss(&simd::Kernels::softmax_loss,
             [](const Logits& l, std::size_t r, std::vector<double>& dy, bool& right) {
               const float* y = l.y.data() + r * l.stride;
               std::size_t best = 0;
               for (std::size_t o = 1; o < l.outputs; ++o) best = y[o] > y[best] ? o : best;
               const auto wanted = static_cast<std::size_t>(l.classes[r]);
               double total = 0.0;
               for (std::size_t o = 0; o < l.outputs; ++o) total += std::exp(wide(y[o]) - wide(y[best]));
               for (std::size_t o = 0; o < l.outputs; ++o) {
                 dy[o] = std::exp(wide(y[o]) - wide(y[best])) / total - (o == wanted ? 1.0 : 0.0);
               }
               right = best == wanted;
               return std::log(total) + wide(y[best]) - wide(y[wanted]);
             });
}

TEST(Losses, SigmoidCrossEntropy) {
  check_loss(&simd::Kernels::sigmoid_loss,
             [](const Logits& l, std::size_t r, std::vector<double>& dy, bool& right) {
               double sum = 0.0;
               right = true;
               for (std::size_t o = 0; o < l.outputs; ++o) {
                 const double y = wide(l.y[r * l.stride + o]);
                 const double t = wide(l.targets[r * l.outputs + o]);
                 sum += std::max(y, 0.0) - y * t + std::log1p(std::exp(-std::abs(y)));
                 dy[o] = 1.0 / (1.0 + std::exp(-y)) - t;
                 right = right && (y > 0.0) == (t > 0.5);
               }
               return sum;
             });
}

// One update of `count` numbers by a kernel and by a formula in double.
struct Update {
  double p, g, first, second;
};

template <class Formula>
void check_update(void (*simd::Kernels::*kernel)(const simd::UpdatePass&), simd::UpdatePass pass,
                  Formula&& formula) {
  on_every_target([&] {
    const simd::Kernels& k = simd::kernels();
    const std::size_t count = 64;
    Buffer<float> p(count), g(count), first(count), second(count);
    Rng rng({9, 0}, Purpose::kSample);
    for (std::size_t i = 0; i < count; ++i) {
      p[i] = static_cast<float>(rng.normal());
      g[i] = static_cast<float>(rng.normal());
      first[i] = static_cast<float>(0.1 * rng.uniform());
      second[i] = static_cast<float>(rng.uniform());
    }
    // Padding: everything zero stays zero.
    p[63] = g[63] = first[63] = second[63] = 0.0F;
    std::vector<Update> want(count);
    for (std::size_t i = 0; i < count; ++i) {
      want[i] = {wide(p[i]), wide(g[i]) * wide(pass.scale), wide(first[i]), wide(second[i])};
      formula(want[i]);
    }
    pass.count = count;
    pass.p = p.data();
    pass.g = g.data();
    pass.first = first.data();
    pass.second = second.data();
    (k.*kernel)(pass);
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_NEAR(wide(p[i]), want[i].p, 1e-6);
      EXPECT_NEAR(wide(first[i]), want[i].first, 1e-6);
      EXPECT_NEAR(wide(second[i]), want[i].second, 1e-6);
    }
    EXPECT_EQ(p[63], 0.0F);
    EXPECT_EQ(first[63], 0.0F);
    EXPECT_EQ(second[63], 0.0F);
  });
}

TEST(Optimizers, Sgd) {
  for (bool nesterov : {false, true}) {
    for (float momentum : {0.0F, 0.9F}) {
      simd::UpdatePass pass;
      pass.scale = 0.5F;
      pass.lr = 0.1F;
      pass.momentum = momentum;
      pass.nesterov = nesterov;
      pass.weight_decay = 0.01F;
      check_update(&simd::Kernels::sgd, pass, [&](Update& u) {
        const double d = u.g + wide(pass.weight_decay) * u.p;
        const double v = wide(momentum) * u.first + d;
        if (momentum != 0.0F) u.first = v;
        u.p -= wide(pass.lr) * (momentum == 0.0F ? d : nesterov ? d + wide(momentum) * v : v);
      });
    }
  }
}

TEST(Optimizers, RmsProp) {
  for (float momentum : {0.0F, 0.5F}) {
    simd::UpdatePass pass;
    pass.lr = 0.01F;
    pass.momentum = momentum;
    pass.square_keep = 0.9F;
    pass.square_rate = 0.1F;
    pass.eps = 1e-8F;
    check_update(&simd::Kernels::rmsprop, pass, [&](Update& u) {
      u.second = wide(pass.square_keep) * u.second + wide(pass.square_rate) * u.g * u.g;
      double d = u.g / (std::sqrt(u.second) + wide(pass.eps));
      if (momentum != 0.0F) d = u.first = wide(momentum) * u.first + d;
      u.p -= wide(pass.lr) * d;
    });
  }
}

TEST(Optimizers, Adam) {
  simd::UpdatePass pass;
  pass.scale = 0.7F;
  pass.lr = 0.01F;
  pass.mean_rate = 0.1F;
  pass.square_keep = 0.999F;
  pass.square_rate = 0.001F;
  pass.root_scale = 3.0F;
  pass.eps = 1e-8F;
  const auto adam = [&](Update& u) {
    u.first += wide(pass.mean_rate) * (u.g - u.first);
    u.second = wide(pass.square_keep) * u.second + wide(pass.square_rate) * u.g * u.g;
    u.p -= wide(pass.lr) * u.first / (std::sqrt(u.second) * wide(pass.root_scale) + wide(pass.eps));
  };
  check_update(&simd::Kernels::adam, pass, adam);
  pass.weight_decay = 0.1F;
  check_update(&simd::Kernels::adam, pass, [&](Update& u) {
    u.g += wide(pass.weight_decay) * u.p;
    adam(u);
  });
  pass.weight_decay = 0.0F;
  pass.shrink = 0.9F;
  check_update(&simd::Kernels::adam, pass, [&](Update& u) {
    u.p *= wide(pass.shrink);
    adam(u);
  });
}

TEST(Optimizers, AdagradAndAdadelta) {
  simd::UpdatePass pass;
  pass.scale = 0.7F;
  pass.lr = 0.05F;
  pass.square_keep = 0.9F;
  pass.square_rate = 0.1F;
  pass.eps = 1e-3F;
  check_update(&simd::Kernels::adagrad, pass, [&](Update& u) {
    u.second += u.g * u.g;
    u.p -= wide(pass.lr) * u.g / (std::sqrt(u.second) + wide(pass.eps));
  });
  check_update(&simd::Kernels::adadelta, pass, [&](Update& u) {
    u.second = wide(pass.square_keep) * u.second + wide(pass.square_rate) * u.g * u.g;
    const double d = std::sqrt(u.first + wide(pass.eps)) / std::sqrt(u.second + wide(pass.eps)) * u.g;
    u.first = wide(pass.square_keep) * u.first + wide(pass.square_rate) * d * d;
    u.p -= wide(pass.lr) * d;
  });
}

// L1 and both kinds of decay, whatever the formula.
TEST(Optimizers, EachTakesThePenalties) {
  constexpr void (*simd::Kernels::*kUpdates[])(const simd::UpdatePass&) = {
      &simd::Kernels::sgd, &simd::Kernels::rmsprop, &simd::Kernels::adam, &simd::Kernels::adagrad,
      &simd::Kernels::adadelta};
  for (const auto update : kUpdates) {
    on_every_target([&] {
      simd::UpdatePass pass;
      pass.lr = 0.01F;
      pass.mean_rate = 0.1F;
      pass.square_keep = 0.9F;
      pass.square_rate = 0.1F;
      pass.eps = 1e-3F;
      // The same as the plain step on parameters and a gradient that hold the penalties already.
      Buffer<float> p(64), g(64), first(64), second(64), q(64), h(64), first2(64), second2(64);
      Rng rng({9, 0}, Purpose::kSample);
      for (std::size_t i = 0; i < 63; ++i) {
        p[i] = i % 5 == 0 ? 0.0F : static_cast<float>(rng.normal());
        g[i] = static_cast<float>(rng.normal());
        second[i] = second2[i] = static_cast<float>(rng.uniform());
        const float sign = p[i] > 0.0F ? 1.0F : p[i] < 0.0F ? -1.0F : 0.0F;
        h[i] = g[i] + 0.25F * p[i] + 0.5F * sign;
        q[i] = 0.875F * p[i];
      }
      simd::UpdatePass plain = pass;
      plain.count = pass.count = 64;
      plain.p = q.data();
      plain.g = h.data();
      plain.first = first2.data();
      plain.second = second2.data();
      (simd::kernels().*update)(plain);
      pass.p = p.data();
      pass.g = g.data();
      pass.first = first.data();
      pass.second = second.data();
      pass.weight_decay = 0.25F;
      pass.l1 = 0.5F;
      pass.shrink = 0.875F;
      (simd::kernels().*update)(pass);
      for (std::size_t i = 0; i < 64; ++i) EXPECT_NEAR(p[i], q[i], 1e-6);
      EXPECT_EQ(p[63], 0.0F);
    });
  }
}

TEST(Reductions, SquareSumClipAndMoments) {
  on_every_target([] {
    const simd::Kernels& k = simd::kernels();
    Buffer<float> x(208);
    Rng rng({10, 0}, Purpose::kSample);
    double squares = 0.0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      x[i] = i % 7 == 0 ? 0.0F : static_cast<float>(rng.normal());
      squares += wide(x[i]) * wide(x[i]);
    }
    EXPECT_NEAR(k.square_sum(x.data(), x.size()), squares, 1e-12 * squares);
    // Float squares would overflow.
    Buffer<float> large(16);
    large[3] = 1e30F;
    EXPECT_NEAR(k.square_sum(large.data(), 16), 1e60, 1e54);
    large[5] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_TRUE(std::isnan(k.square_sum(large.data(), 16)));

    // 13 rows of 11 numbers, 16 apart.
    simd::Moments got;
    simd::Moments want;
    for (std::size_t r = 0; r < 13; ++r) {
      for (std::size_t i = 0; i < 11; ++i) {
        const double v = wide(x[r * 16 + i]);
        want.sum += v;
        want.squares += v * v;
        want.max = std::max(want.max, std::abs(v));
        want.zeros += v == 0.0 ? 1 : 0;
      }
    }
    k.moments(x.data(), 13, 16, 11, got);
    EXPECT_NEAR(got.sum, want.sum, 1e-12);
    EXPECT_NEAR(got.squares, want.squares, 1e-12 * want.squares);
    EXPECT_EQ(got.max, want.max);
    EXPECT_EQ(got.zeros, want.zeros);
    EXPECT_EQ(got.nonfinite, 0U);
    x[2] = std::numeric_limits<float>::infinity();
    x[18] = std::numeric_limits<float>::quiet_NaN();
    got = {};
    k.moments(x.data(), 13, 16, 11, got);
    EXPECT_EQ(got.nonfinite, 2U);
    EXPECT_TRUE(std::isfinite(got.sum) && std::isfinite(got.squares) && std::isfinite(got.max));

    EXPECT_FALSE(k.clip(x.data() + 32, 32, 100.0F));
    EXPECT_TRUE(k.clip(x.data() + 32, 32, 0.5F));
    for (std::size_t i = 32; i < 64; ++i) EXPECT_LE(std::abs(x[i]), 0.5F);
    EXPECT_EQ(x[35], 0.0F);
  });
}

}  // namespace
}  // namespace unroll
