#include "train/trainer.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <numbers>
#include <optional>

#include "train/batch_of.h"
#include "train/best_epoch.h"
#include "train/gradient_log.h"
#include "train/run_shape.h"
#include "train/schedule.h"
#include "train/stopwatch.h"

namespace unroll {
namespace {

// Sums over the batches of a pass.
struct Pass {
  double loss = 0.0;
  double correct = 0.0;
  std::size_t scored = 0;
  double grad_norm = 0.0;
  std::size_t clipped = 0;
  std::size_t steps = 0;

  void add(const BatchLoss& batch) {
    loss += batch.loss;
    correct += batch.correct;
    scored += batch.count;
  }
  double mean_loss() const { return loss / static_cast<double>(scored); }
  double accuracy() const { return correct / static_cast<double>(scored); }
  double mean_grad_norm() const { return grad_norm / static_cast<double>(steps); }
  double clipped_share() const { return static_cast<double>(clipped) / static_cast<double>(steps); }
};

double unix_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// One run from its data to its record.
class Run {
 public:
  Run(const RunConfig& config, const std::atomic<bool>* cancel)
      : config_(config),
        cancel_(cancel),
        shape_(run_shape(config)),
        dataset_(make_dataset(config.task, config.seed)),
        model_(config.model, config.train.optimizer, shape_.model, config.seed),
        train_(dataset_, dataset_.train, shape_.batch),
        valid_(dataset_, dataset_.valid, shape_.eval_batch),
        test_(dataset_, dataset_.test, shape_.eval_batch),
        best_(config.train.patience, config.train.min_delta),
        schedule_(config.train, train_.batches()),
        log_(config, shape_, dataset_, model_, record_) {}

  RunRecord finish(const EpochObserver& observer) {
    train(observer);
    if (record_.state == RunState::kMissing) return {};  // cancelled
    summarise();
    return std::move(record_);
  }

 private:
  bool cancelled() const { return cancel_ != nullptr && cancel_->load(std::memory_order_relaxed); }

  std::nullopt_t diverged(const char* what, std::size_t epoch) {
    record_.state = RunState::kDiverged;
    record_.message = fmt::format("{} is not finite in epoch {}", what, epoch + 1);
    return std::nullopt;
  }

  // Leaves the state kMissing if the run was cancelled.
  void train(const EpochObserver& observer) {
    log_.probe(model_, Probe::kStart);
    for (std::size_t epoch = 0; epoch < config_.train.epochs && !best_.out_of_patience(); ++epoch) {
      if (epoch == config_.train.epochs / 2) log_.probe(model_, Probe::kMiddle);
      const std::optional<Pass> pass = train_epoch(epoch);
      if (!pass) return;
      const std::optional<Pass> valid = evaluate(valid_, "the validation loss", epoch);
      if (!valid) return;
      note(epoch, *pass, *valid);
      schedule_.note(valid->mean_loss());
      best_.update(model_, record_.epochs, valid->mean_loss());
      if (observer) observer({epoch, config_.train.epochs, pass->mean_loss(), valid->mean_loss()});
    }
    log_.probe(model_, Probe::kEnd);
    test();
  }

  // Empty if the run was cancelled or diverged; so is evaluate().
  std::optional<Pass> train_epoch(std::size_t epoch) {
    Pass pass;
    train_.shuffle(config_.seed, static_cast<std::uint32_t>(epoch));
    for (std::size_t i = 0; i < train_.batches(); ++i) {
      if (cancelled()) return std::nullopt;
      const auto number = static_cast<std::uint32_t>(epoch * train_.batches() + i);
      const BatchLoss loss = model_.gradient(batch_of(train_.read(i), number));
      if (!std::isfinite(loss.loss)) return diverged("the training loss", epoch);
      if (i + 1 == train_.batches() && log_.due(epoch)) log_.blocks(model_, epoch);
      const StepReport step = model_.step(schedule_.rate(epoch, i));
      if (!step.finite) return diverged("the gradient", epoch);
      pass.add(loss);
      pass.grad_norm += step.grad_norm;
      pass.clipped += step.clipped ? 1 : 0;
      ++pass.steps;
    }
    return pass;
  }

  std::optional<Pass> evaluate(BatchReader& reader, const char* what, std::size_t epoch) {
    Pass pass;
    for (std::size_t i = 0; i < reader.batches(); ++i) {
      if (cancelled()) return std::nullopt;
      pass.add(model_.evaluate(batch_of(reader.read(i))));
    }
    if (!std::isfinite(pass.loss)) return diverged(what, epoch);
    return pass;
  }

  bool classifies() const { return dataset_.loss != Loss::kMse; }

  // What every epoch leaves behind.
  void note(std::size_t epoch, const Pass& pass, const Pass& valid) {
    ++record_.epochs;
    record_[Metric::kTrainLoss].push_back(pass.mean_loss());
    record_[Metric::kValidLoss].push_back(valid.mean_loss());
    record_[Metric::kLearningRate].push_back(schedule_.rate(epoch, train_.batches() - 1));
    record_[Metric::kGradNorm].push_back(pass.mean_grad_norm());
    record_[Metric::kClippedShare].push_back(pass.clipped_share());
    if (dataset_.symbols > 0) record_[Metric::kValidBits].push_back(valid.mean_loss() / std::numbers::ln2);
    if (!classifies()) return;
    record_[Metric::kTrainAccuracy].push_back(pass.accuracy());
    record_[Metric::kValidAccuracy].push_back(valid.accuracy());
  }

  // With the parameters of the best epoch: the choice of the epoch never sees the test part.
  void test() {
    best_.restore(model_);
    const std::optional<Pass> pass = evaluate(test_, "the test loss", best_.number() - 1);
    if (!pass) return;
    record_[Metric::kTestLoss] = {pass->mean_loss()};
    if (dataset_.symbols > 0) record_[Metric::kTestBits] = {pass->mean_loss() / std::numbers::ln2};
    if (classifies()) record_[Metric::kTestAccuracy] = {pass->accuracy()};
    record_.state = RunState::kDone;
  }

  // One number for the run each.
  void summarise() {
    const bool tested = record_.state == RunState::kDone;
    record_[Metric::kParams] = {static_cast<double>(model_.parameters())};
    record_[Metric::kHiddenUnits] = {static_cast<double>(config_.model.hidden)};
    record_[Metric::kFlops] = {record_.epochs * epoch_flops(config_, shape_) + log_.flops() +
                               (tested ? test_flops(config_, shape_) : 0.0)};
    record_[Metric::kEpochs] = {static_cast<double>(record_.epochs)};
    if (record_.epochs > 0) {
      record_[Metric::kBestEpoch] = {static_cast<double>(best_.number())};
      record_[Metric::kBestValidLoss] = {best_.valid_loss()};
    }
    record_[Metric::kChanceValid] = {dataset_.chance.valid};
    record_[Metric::kChanceTest] = {dataset_.chance.test};
    record_[Metric::kWallSeconds] = {watch_.seconds()};
    record_[Metric::kPeakBytes] = {static_cast<double>(estimate_run(config_).bytes)};
    record_[Metric::kRecordSeconds] = {log_.seconds()};
    record_[Metric::kStartTime] = {started_};
    log_.cut(record_.epochs);
  }

  const RunConfig& config_;
  const std::atomic<bool>* cancel_;
  Stopwatch watch_;
  double started_ = unix_seconds();
  RunRecord record_;
  RunShape shape_;
  Dataset dataset_;
  Model model_;
  BatchReader train_;
  BatchReader valid_;
  BatchReader test_;
  BestEpoch best_;
  Schedule schedule_;
  GradientLog log_;
};

}  // namespace

RunRecord train_run(const RunConfig& config, const std::atomic<bool>* cancel, const EpochObserver& observer) {
  return Run(config, cancel).finish(observer);
}

}  // namespace unroll
