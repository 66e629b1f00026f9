// The synthetic tasks, form by form, against the words of their papers.
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

#include "data/task.h"

namespace unroll {
namespace {

constexpr std::size_t kSequences = 3000;

Dataset make(const char* type, const char* form, std::size_t seq_len, double noise = 0.0) {
  TaskConfig config;
  config.type = type;
  config.form = form;
  config.seq_len = seq_len;
  config.train_size = kSequences;
  config.valid_size = 1;
  config.test_size = 1;
  config.noise = noise;
  return make_dataset(resolve_task(config), {3, 0});
}

struct Pairs {
  std::vector<std::size_t> marked;  // steps with marker 1
  double sum = 0.0;                 // of the marked numbers
  double low = 1.0;                 // of all numbers
  double high = -1.0;
  std::vector<std::size_t> ends;  // steps with marker -1
};

Pairs pairs(const Dataset& data, std::size_t n) {
  Pairs out;
  const float* x = data.train.inputs.data() + 2 * data.train.start[n];
  for (std::size_t t = 0; t < data.seq_len; ++t) {
    const double number = x[2 * t];
    const float marker = x[2 * t + 1];
    EXPECT_TRUE(marker == 0.0F || std::abs(marker) == 1.0F);
    out.low = std::min(out.low, number);
    out.high = std::max(out.high, number);
    if (marker == -1.0F) out.ends.push_back(t);
    if (marker != 1.0F) continue;
    out.marked.push_back(t);
    out.sum += number;
  }
  return out;
}

TEST(Adding, ArjovskyMarksOnePlaceInEachHalf) {
  for (const std::size_t seq_len : {2UL, 9UL, 40UL}) {
    const Dataset data = make("adding", "arjovsky", seq_len);
    const std::size_t half = seq_len / 2;
    std::set<std::size_t> places;
    for (std::size_t n = 0; n < kSequences; ++n) {
      const Pairs p = pairs(data, n);
      ASSERT_EQ(p.marked.size(), 2U);
      ASSERT_LT(p.marked[0], half);
      ASSERT_GE(p.marked[1], half);
      ASSERT_LT(p.marked[1], 2 * half);
      ASSERT_GE(p.low, 0.0);
      ASSERT_LE(p.high, 1.0);
      ASSERT_FLOAT_EQ(data.train.targets[n], static_cast<float>(p.sum));
      places.insert(p.marked.begin(), p.marked.end());
    }
    EXPECT_EQ(places.size(), 2 * half);
    EXPECT_DOUBLE_EQ(data.chance.valid, 1.0 / 6.0);
  }
}

TEST(Adding, BaiMarksTwoPlacesAnywhere) {
  for (const std::size_t seq_len : {2UL, 9UL, 40UL}) {
    const Dataset data = make("adding", "bai", seq_len);
    std::set<std::vector<std::size_t>> places;
    for (std::size_t n = 0; n < kSequences; ++n) {
      const Pairs p = pairs(data, n);
      ASSERT_EQ(p.marked.size(), 2U);
      ASSERT_FLOAT_EQ(data.train.targets[n], static_cast<float>(p.sum));
      places.insert(p.marked);
    }
    if (seq_len < 40) {
      EXPECT_EQ(places.size(), seq_len * (seq_len - 1) / 2);
    }
  }
}

TEST(Adding, Hs97HasEndMarkersAndAScaledTarget) {
  for (const std::size_t seq_len : {6UL, 9UL, 100UL}) {
    const Dataset data = make("adding", "hs97", seq_len);
    const std::size_t reach = seq_len / 2 - 1;
    std::size_t first_pair_marked = 0;
    for (std::size_t n = 0; n < kSequences; ++n) {
      const Pairs p = pairs(data, n);
      ASSERT_EQ(p.marked.size(), 2U);
      ASSERT_LT(p.marked[0], 10U);
      ASSERT_LT(p.marked[1], reach);
      ASSERT_GE(p.low, -1.0);
      ASSERT_NEAR(data.train.targets[n], 0.5 + p.sum / 4.0, 1e-7);
      const bool first = p.marked[0] == 0;
      first_pair_marked += first;
      ASSERT_EQ(p.ends.size(), first ? 1U : 2U);
      ASSERT_EQ(p.ends.back(), seq_len - 1);
      if (first) {
        ASSERT_EQ(data.train.inputs[2 * data.train.start[n]], 0.0F);
      }
    }
    if (seq_len < 100) continue;
    EXPECT_NEAR(static_cast<double>(first_pair_marked) / kSequences, 0.1 + 0.9 / 48.0, 0.02);
    EXPECT_DOUBLE_EQ(data.chance.valid, (2.0 - 0.1 - 0.9 / 48.0) / 48.0);
  }
}

// The digit that a step of copy shows.
int digit(const Dataset& data, std::size_t n, std::size_t t) {
  const float* x = data.train.inputs.data() + (data.train.start[n] + t) * data.input_size;
  if (data.input_size == 1) return static_cast<int>(*x);
  int found = -1;
  for (int d = 0; d < 10; ++d) {
    if (x[d] == 0.0F) continue;
    EXPECT_EQ(found, -1);
    EXPECT_EQ(x[d], 1.0F);
    found = d;
  }
  return found;
}

TEST(Copy, ShowsSymbolsAndAsksForThem) {
  for (const char* form : {"arjovsky", "bai"}) {
    const bool bai = std::string_view(form) == "bai";
    for (const std::size_t delay : {1UL, 7UL}) {
      const Dataset data = make("copy", form, delay);
      ASSERT_EQ(data.seq_len, delay + 20);
      EXPECT_EQ(data.input_size, bai ? 1U : 10U);
      EXPECT_EQ(data.output_size, bai ? 10U : 9U);
      EXPECT_TRUE(data.every_step);
      EXPECT_DOUBLE_EQ(data.chance.test, 10.0 * std::log(8.0) / static_cast<double>(delay + 20));
      std::set<int> symbols;
      for (std::size_t n = 0; n < kSequences; ++n) {
        for (std::size_t t = 0; t < data.seq_len; ++t) {
          const int shown = digit(data, n, t);
          const int asked = data.train.classes[data.train.target_start[n] + t];
          const bool delimiter = bai ? t >= delay + 9 : t == delay + 9;
          if (t < 10) {
            ASSERT_TRUE(shown >= 1 && shown <= 8);
            symbols.insert(shown);
          } else {
            ASSERT_EQ(shown, delimiter ? 9 : 0) << t;
          }
          ASSERT_EQ(asked, t < delay + 10 ? 0 : digit(data, n, t - delay - 10)) << t;
        }
      }
      EXPECT_EQ(symbols.size(), 8U);
    }
  }
}

TEST(Sine, TargetIsTheNextInput) {
  const Dataset data = make("sine", "", 30, 0.2);
  const float* x = data.train.inputs.data();
  const float* y = data.train.targets.data();
  for (std::size_t n = 0; n < 5; ++n) {
    for (std::size_t t = 0; t + 1 < 30; ++t) EXPECT_EQ(y[30 * n + t], x[30 * n + t + 1]);
  }
}

TEST(Sine, WithoutNoiseASequenceIsOneSine) {
  // sin(a + 2s) + sin(a) = 2 cos(s) sin(a + s): the same factor for the whole sequence.
  const Dataset data = make("sine", "", 30);
  for (std::size_t n = 0; n < 50; ++n) {
    const float* x = data.train.inputs.data() + data.train.start[n];
    double low = 3.0;
    double high = -3.0;
    for (std::size_t t = 0; t + 2 < 30; ++t) {
      if (std::abs(x[t + 1]) < 0.1) continue;
      const double factor = (static_cast<double>(x[t]) + x[t + 2]) / x[t + 1];
      low = std::min(low, factor);
      high = std::max(high, factor);
    }
    EXPECT_NEAR(low, high, 1e-5);
    EXPECT_GE(low, 2.0 * std::cos(0.628319));
    EXPECT_LE(high, 2.0 * std::cos(0.157079));
  }
}

}  // namespace
}  // namespace unroll
