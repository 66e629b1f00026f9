// Threads that share a batch change nothing.
#include "nn/team.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "tests/nn/cases.h"

namespace unroll {
namespace {

constexpr std::size_t kBatch = 61;
constexpr std::size_t kSteps = 75;

// As many threads as wanted, in place of a scheduler.
class Threads : public IdleWorkers {
 public:
  explicit Threads(std::size_t count) : count_(count) {}
  std::size_t count() const override { return count_; }
  void share(std::size_t count, const std::function<void(std::size_t)>& part) override {
    ++shared;
    std::vector<std::jthread> threads;
    for (std::size_t i = 1; i < count; ++i) threads.emplace_back([&part, i] { part(i); });
    part(0);
  }

  int shared = 0;

 private:
  std::size_t count_;
};

std::vector<std::vector<float>> train(const Case& test, IdleWorkers* idle, std::vector<double>& losses) {
  OptimizerConfig optimizer;
  optimizer.clip_norm = 1.0;
  Model model(test.config, optimizer, test.shape, {1, 2});
  for (std::uint32_t step = 0; step < 3; ++step) {
    const Data data(test.shape, kBatch, kSteps, step);
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
  constexpr std::size_t kStride = 11;  // of all structures; no divisor of any of their numbers
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
