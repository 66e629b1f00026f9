#include "data/batches.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

namespace unroll {
namespace {

// Three steps of two inputs; the values say which row and column they are.
Dataset counted(std::size_t sequences, bool every_step, Loss loss) {
  Dataset data;
  data.seq_len = 3;
  data.input_size = 2;
  data.output_size = 2;
  data.loss = loss;
  data.every_step = every_step;
  for (std::size_t n = 0; n < sequences; ++n) {
    data.train.start.push_back(static_cast<std::uint32_t>(n));
    data.train.target_start.push_back(static_cast<std::uint32_t>(n));
  }
  for (std::size_t row = 0; row < sequences + 2; ++row) {
    for (std::size_t c = 0; c < 2; ++c) {
      data.train.inputs.push_back(static_cast<float>(10 * row + c));
      if (loss != Loss::kSoftmax) data.train.targets.push_back(static_cast<float>(1000 + 10 * row + c));
    }
    if (loss == Loss::kSoftmax) data.train.classes.push_back(static_cast<std::int32_t>(row));
  }
  return data;
}

TEST(Batches, AreTimeMajorAndTheLastIsShort) {
  const Dataset data = counted(5, true, Loss::kMse);
  BatchReader reader(data, data.train, 2);
  ASSERT_EQ(reader.batches(), 3U);
  for (std::size_t index = 0; index < 3; ++index) {
    const BatchView view = reader.read(index);
    ASSERT_EQ(view.batch, index == 2 ? 1U : 2U);
    ASSERT_EQ(view.seq_len, 3U);
    EXPECT_EQ(view.classes, nullptr);
    for (std::size_t t = 0; t < 3; ++t) {
      for (std::size_t b = 0; b < view.batch; ++b) {
        for (std::size_t c = 0; c < 2; ++c) {
          const auto value = static_cast<float>(10 * (2 * index + b + t) + c);
          EXPECT_EQ(view.inputs[(t * view.batch + b) * 2 + c], value);
          EXPECT_EQ(view.targets[(t * view.batch + b) * 2 + c], 1000 + value);
        }
      }
    }
  }
}

TEST(Batches, HoldOneTargetRowForTheLastStep) {
  const Dataset data = counted(4, false, Loss::kSigmoid);
  BatchReader reader(data, data.train, 4);
  const BatchView view = reader.read(0);
  for (std::size_t b = 0; b < 4; ++b) EXPECT_EQ(view.targets[2 * b], 1000 + 10 * static_cast<float>(b));
}

TEST(Batches, HoldClasses) {
  const Dataset data = counted(4, true, Loss::kSoftmax);
  BatchReader reader(data, data.train, 4);
  const BatchView view = reader.read(0);
  EXPECT_EQ(view.targets, nullptr);
  for (std::size_t t = 0; t < 3; ++t) {
    for (std::size_t b = 0; b < 4; ++b) EXPECT_EQ(view.classes[t * 4 + b], static_cast<int>(t + b));
  }
}

std::vector<float> order_of(BatchReader& reader) {
  std::vector<float> order;
  for (std::size_t i = 0; i < reader.batches(); ++i) {
    const BatchView view = reader.read(i);
    for (std::size_t b = 0; b < view.batch; ++b) order.push_back(view.inputs[2 * b]);
  }
  return order;
}

TEST(Batches, ShuffleDependsOnSeedAndEpochAlone) {
  const Dataset data = counted(100, false, Loss::kMse);
  BatchReader a(data, data.train, 32);
  BatchReader b(data, data.train, 32);
  const std::vector<float> unshuffled = order_of(a);
  EXPECT_TRUE(std::is_sorted(unshuffled.begin(), unshuffled.end()));
  a.shuffle({1, 2}, 0);
  const std::vector<float> first = order_of(a);
  a.shuffle({1, 2}, 1);
  b.shuffle({1, 2}, 1);
  EXPECT_EQ(order_of(a), order_of(b));
  EXPECT_NE(order_of(a), first);
  a.shuffle({1, 2}, 0);
  EXPECT_EQ(order_of(a), first);
  a.shuffle({1, 2}, 0, Purpose::kProbe);
  EXPECT_NE(order_of(a), first);
  a.shuffle({1, 3}, 0);
  EXPECT_NE(order_of(a), first);
  EXPECT_EQ(std::set<float>(first.begin(), first.end()).size(), 100U);
}

TEST(Batches, AreNoWiderThanThePart) {
  const Dataset data = counted(5, false, Loss::kMse);
  BatchReader reader(data, data.train, 64);
  EXPECT_EQ(reader.batches(), 1U);
  EXPECT_EQ(reader.read(0).batch, 5U);
}

TEST(Batches, HoldSymbolsAndLengths) {
  Dataset data = counted(5, true, Loss::kSoftmax);
  data.symbols = 7;
  data.train.inputs.clear();
  data.train.codes = {0, 1, 2, 3, 4, 5, 6};
  data.train.length = {3, 2, 1, 3, 2};
  BatchReader reader(data, data.train, 2);
  for (std::size_t index = 0; index < 3; ++index) {
    const BatchView view = reader.read(index);
    EXPECT_EQ(view.inputs, nullptr);
    EXPECT_FALSE(view.continues);
    std::set<std::size_t> seen;
    for (std::size_t b = 0; b < view.batch; ++b) {
      const auto n = static_cast<std::size_t>(view.codes[b]);
      EXPECT_EQ(n / 2, index);
      EXPECT_TRUE(seen.insert(n).second);
      EXPECT_EQ(view.lengths[b], data.train.length[n]);
      EXPECT_LE(view.lengths[b], view.lengths[b > 0 ? b - 1 : 0]) << "the longest come first";
      for (std::size_t t = 0; t < 3; ++t) EXPECT_EQ(view.codes[t * view.batch + b], static_cast<int>(n + t));
    }
  }
  data.train.length.clear();
  BatchReader equal(data, data.train, 2);
  EXPECT_EQ(equal.read(0).lengths, nullptr);
}

TEST(Batches, ShuffleLengthsWithTheirSequences) {
  Dataset data = counted(40, false, Loss::kMse);
  for (std::uint32_t n = 0; n < 40; ++n) data.train.length.push_back(1 + n % 3);
  BatchReader reader(data, data.train, 16);
  reader.shuffle({4, 0}, 3);
  for (std::size_t i = 0; i < reader.batches(); ++i) {
    const BatchView view = reader.read(i);
    for (std::size_t b = 0; b < view.batch; ++b) {
      const auto n = static_cast<std::uint32_t>(view.inputs[2 * b] / 10.0F);
      EXPECT_EQ(view.lengths[b], 1 + n % 3);
    }
  }
}

TEST(Batches, CarriedStreamsGoOnWhereTheyEnded) {
  for (std::size_t sequences : {1U, 5U, 6U, 7U, 11U}) {
    Dataset data = counted(sequences, true, Loss::kMse);
    data.carried = true;
    BatchReader reader(data, data.train, 3);
    const std::size_t streams = std::min<std::size_t>(3, sequences);
    reader.shuffle({1, 0}, 0);  // the order stays
    std::vector<float> last(streams);
    std::set<float> seen;
    for (std::size_t i = 0; i < reader.batches(); ++i) {
      const BatchView view = reader.read(i);
      EXPECT_EQ(view.continues, i > 0);
      for (std::size_t b = 0; b < view.batch; ++b) {
        const float n = view.inputs[2 * b];
        EXPECT_TRUE(seen.insert(n).second);
        if (i > 0) {
          EXPECT_EQ(n, last[b] + 10.0F);
        }
        last[b] = n;
      }
    }
    EXPECT_EQ(seen.size(), sequences);
  }
}

TEST(Batches, PartsAreTheSequencesOfTheWholeFromAZeroState) {
  for (const bool carried : {true, false}) {
    Dataset data = counted(11, true, Loss::kMse);
    data.carried = carried;
    BatchReader reader(data, data.train, 6);
    reader.shuffle({1, 0}, 0);
    BatchReader parts = reader.in_parts(2);
    const BatchView whole = reader.read(0);
    for (std::size_t i = 0; i < 3; ++i) {
      const BatchView part = parts.read(i);
      EXPECT_FALSE(part.continues);
      ASSERT_EQ(part.batch, 2U);
      for (std::size_t b = 0; b < 2; ++b) EXPECT_EQ(part.inputs[2 * b], whole.inputs[2 * (2 * i + b)]);
    }
  }
}

}  // namespace
}  // namespace unroll
