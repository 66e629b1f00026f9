// Threads that share a batch change nothing.
#include "nn/team.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/nn/cases.h"
#include "tests/support/allocations.h"

namespace unroll {
namespace {

constexpr std::size_t kBatch = 61;
constexpr std::size_t kSteps = 75;

// As many threads as wanted, in place of a scheduler.
class Threads : public IdleWorkers {
 public:
  explicit Threads(std::size_t count, std::size_t memory = std::numeric_limits<std::size_t>::max())
      : count_(count), memory_(memory) {}
  std::size_t count() const override { return count_; }
  bool reserve(std::size_t bytes) override {
    if (bytes > memory_ - reserved) return false;
    reserved += bytes;
    return true;
  }
  void share(std::size_t count, const std::function<void(std::size_t)>& part) override {
    ++shared;
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < count; ++i) threads.emplace_back([&part, i] { part(i); });
    part(0);
  }

  int shared = 0;
  std::size_t reserved = 0;

 private:
  std::size_t count_;
  std::size_t memory_;
};

std::vector<std::vector<float>> train(const Case& test, IdleWorkers* idle, std::vector<double>& losses,
                                      std::size_t size = kBatch, std::size_t steps = kSteps) {
  OptimizerConfig optimizer;
  optimizer.clip_norm = 1.0;
  Model model(test.config, optimizer, test.shape, {1, 2});
  for (std::uint32_t step = 0; step < 3; ++step) {
    const Data data(test.shape, size, steps, step);
    ModelBatch batch = data.batch();
    batch.step = step;
    batch.continues = test.shape.carried && step > 0;
    losses.push_back(model.gradient(batch, idle).loss);
    losses.push_back(model.step(0.01).grad_norm);
    losses.push_back(model.evaluate(batch, idle).loss);
  }
  std::vector<std::vector<float>> parameters;
  for (const std::string& name : model.parameter_names()) parameters.push_back(model.parameter(name));
  return parameters;
}

TEST(Team, GivesTheBitsOfOneThread) {
  constexpr std::size_t kStride = 19;  // of all structures; no divisor of any of their numbers
  const std::vector<Case> cases = structured_cases(43, 2, kSteps, kBatch);
  bool carried = false;
  for (std::size_t i = 0; i < cases.size(); i += kStride) {
    const Case& test = cases[i];
    if (test.config.cell == "rnn") continue;
    SCOPED_TRACE(test.name());
    carried = carried || test.shape.carried;
    std::vector<double> alone;
    const auto want = train(test, nullptr, alone);
    for (const std::size_t idle : {1U, 4U}) {
      Threads threads(idle);
      std::vector<double> losses;
      ASSERT_EQ(train(test, &threads, losses), want) << idle;
      EXPECT_EQ(losses, alone);
      EXPECT_EQ(threads.shared, 6);
    }
  }
  EXPECT_TRUE(carried);
}

// Only as many nets help as there is memory for.
TEST(Team, TakesNoMoreMemoryThanThereIs) {
  Case test;
  test.config.hidden = 128;
  test.shape.input_size = 3;
  test.shape.output_size = 2;
  test.shape.seq_len = kSteps;
  test.shape.max_batch = kBatch;
  std::vector<double> alone;
  const auto want = train(test, nullptr, alone);
  const std::size_t model = Model::bytes(test.config, {}, test.shape);
  const std::size_t data = std::size_t{1} << 20;
  for (std::size_t memory = 0; memory < 8 * model; memory += 2 * model) {
    Threads threads(15, memory);
    std::vector<double> losses;
    const std::size_t before = allocations().live;
    forget_peak();
    ASSERT_EQ(train(test, &threads, losses), want);
    EXPECT_LE(allocations().peak - before, model + threads.reserved + data) << memory;
    EXPECT_EQ(losses, alone);
    EXPECT_EQ(threads.shared, memory == 0 ? 0 : 6);
    EXPECT_GE(threads.reserved, memory / 2);
  }
}

// Of a large layer threads take sequences and panels of one net, which needs no memory.
TEST(Team, SharesTheSequencesOfLargeLayers) {
  constexpr std::size_t kStride = 59;  // of all structures; no divisor of any of their numbers
  constexpr std::size_t kUnits = 581;  // the last block of units is narrow on every target
  constexpr std::size_t kFewSteps = 3;
  std::set<std::string> cells;
  for (const std::size_t size : {13U, 40U}) {
    const std::vector<Case> cases = structured_cases(kUnits, 1, kFewSteps, size);
    for (std::size_t i = size; i < cases.size(); i += kStride) {
      SCOPED_TRACE(cases[i].name());
      cells.insert(cases[i].config.cell);
      std::vector<double> alone;
      const auto want = train(cases[i], nullptr, alone, size, kFewSteps);
      for (const std::size_t idle : {1U, 15U}) {
        Threads threads(idle);
        std::vector<double> losses;
        ASSERT_EQ(train(cases[i], &threads, losses, size, kFewSteps), want) << idle;
        EXPECT_EQ(losses, alone);
        EXPECT_GT(threads.shared, 6);
        EXPECT_EQ(threads.reserved, 0);
      }
    }
  }
  EXPECT_EQ(cells.size(), 4);
}

TEST(Team, LeavesANarrowBatchAlone) {
  for (const Case& test : structured_cases(8, 1, 5, kBatch)) {
    Threads threads(3);
    Model model(test.config, {}, test.shape, {1, 2});
    model.gradient(Data(test.shape, kBatch, 5, 1).batch(), &threads);
    EXPECT_EQ(threads.shared, 0) << test.name();
  }
}

}  // namespace
}  // namespace unroll
