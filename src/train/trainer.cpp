#include "train/trainer.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <numbers>
#include <optional>
#include <utility>

#include "train/batch_of.h"
#include "train/best_epoch.h"
#include "train/confusion.h"
#include "train/gradient_log.h"
#include "train/run_shape.h"
#include "train/sample_text.h"
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

  template <typename Archive>
  void transfer(Archive& archive) {
    archive(loss, correct, scored, grad_norm, clipped, steps);
  }
};

constexpr double kTellSeconds = 0.1;  // from one word about the progress to the next

double unix_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// One run from its data to its record.
class Run {
 public:
  Run(const RunConfig& config, const std::atomic<bool>* cancel, const RunObserver& observer,
      const RunCheckpoints& checkpoints, IdleWorkers* idle)
      : config_(config),
        cancel_(cancel),
        observer_(observer),
        checkpoints_(checkpoints),
        idle_(idle),
        shape_(run_shape(config)),
        dataset_(make_dataset(config.task, config.seed)),
        model_(config.model, config.train.optimizer, shape_.model, config.seed),
        train_(dataset_, dataset_.train, shape_.batch),
        valid_(dataset_, dataset_.valid, shape_.valid_batch),
        test_(dataset_, dataset_.test, shape_.test_batch),
        best_(config.train.patience, config.train.min_delta),
        schedule_(config.train, train_.batches()),
        log_(config, shape_, dataset_, model_, record_) {}

  // False if the state is not one of this run, which is then of no more use.
  bool resume(const std::string& state) {
    Loader loader(state);
    transfer(loader);
    resumed_ = true;
    // What is to end at an epoch cannot go back to it.
    return loader.complete() && !(checkpoints_.prune && epoch_ > checkpoints_.until);
  }

  RunRecord finish() {
    if (!trained_) train();
    if (trained_) test();
    if (waits_) return std::move(record_);
    if (record_.state == RunState::kMissing) return {};  // cancelled
    summarise();
    return std::move(record_);
  }

 private:
  // Everything that the rest of the run depends on and that the settings do not say.
  template <typename Archive>
  void transfer(Archive& archive) {
    archive(trained_, epoch_, pass_, started_, seconds_before_, record_.epochs, record_.values,
            record_.weights, model_, best_, schedule_, log_);
  }

  double seconds() const { return seconds_before_ + watch_.seconds(); }

  void save() {
    if (!checkpoints_.save) return;
    const double before = seconds_before_;
    seconds_before_ = seconds();
    Saver saver;
    transfer(saver);
    seconds_before_ = before;
    checkpoints_.save(saver.take());
    since_save_ = Stopwatch();
  }

  double share() const {
    const double epoch = static_cast<double>(pass_.steps) / static_cast<double>(train_.batches());
    return (static_cast<double>(epoch_) + epoch) / static_cast<double>(config_.train.epochs);
  }

  void tell_progress() {
    if (observer_.progress) observer_.progress(share(), from_);
    since_told_ = Stopwatch();
  }

  // Between two batches: whether to stop; saves the state if it is time to.
  bool cancelled() {
    if (since_told_.seconds() > kTellSeconds) tell_progress();
    const bool stop = cancel_ != nullptr && cancel_->load(std::memory_order_relaxed);
    if (stop || since_save_.seconds() > checkpoints_.seconds) save();
    return stop;
  }

  // Between two epochs: whether it is for others to decide how the run goes on.
  bool ends_here(bool as_saved) {
    if (checkpoints_.until == 0 || epoch_ < checkpoints_.until) return false;
    if (checkpoints_.prune) {
      record_.state = RunState::kPruned;
      record_.message = fmt::format("stopped after {} of {} epochs", epoch_, config_.train.epochs);
    } else {
      waits_ = true;
      if (!as_saved) save();
    }
    return true;
  }

  std::nullopt_t diverged(const char* what, std::size_t epoch) {
    record_.state = RunState::kDiverged;
    record_.message = fmt::format("{} is not finite in epoch {}", what, epoch + 1);
    return std::nullopt;
  }

  // Not trained_ afterwards if the run was cancelled, diverged or waits.
  void train() {
    from_ = share();
    tell_progress();
    if (!resumed_) log_.probe(model_, Probe::kStart);
    for (; epoch_ < config_.train.epochs && !best_.out_of_patience(); ++epoch_) {
      // A state is saved behind the probe, so the epoch in which a run goes on has had it.
      if (epoch_ == config_.train.epochs / 2 && !resumed_) log_.probe(model_, Probe::kMiddle);
      if (ends_here(std::exchange(resumed_, false)) || !train_epoch()) return;
      const std::optional<Pass> valid = evaluate(valid_, "the validation loss", epoch_);
      if (!valid) return;
      note(epoch_, pass_, *valid);
      schedule_.note(valid->mean_loss());
      best_.update(model_, record_.epochs, valid->mean_loss());
      tell_progress();
      if (observer_.epoch) {
        observer_.epoch({epoch_, config_.train.epochs, pass_.mean_loss(), valid->mean_loss()});
      }
      pass_ = Pass();
    }
    log_.probe(model_, Probe::kEnd);
    if (config_.record.weights == "final") keep_weights();
    best_.restore(model_);
    if (config_.record.weights == "best") keep_weights();
    trained_ = true;
  }

  // Goes on after the steps that pass_ has. False if the run was cancelled or diverged; evaluate() is empty.
  bool train_epoch() {
    train_.shuffle(config_.seed, static_cast<std::uint32_t>(epoch_));
    while (pass_.steps < train_.batches()) {
      if (cancelled()) return false;
      const auto number = static_cast<std::uint32_t>(epoch_ * train_.batches() + pass_.steps);
      const BatchLoss loss = model_.gradient(batch_of(train_.read(pass_.steps), number), idle_);
      if (!std::isfinite(loss.loss)) return diverged("the training loss", epoch_), false;
      const bool last = pass_.steps + 1 == train_.batches();
      if (last) log_.before_step(model_, epoch_);
      const StepReport step = model_.step(schedule_.rate(epoch_, pass_.steps));
      if (!step.finite) return diverged("the gradient", epoch_), false;
      if (last) log_.after_step(model_, epoch_);
      pass_.add(loss);
      pass_.grad_norm += step.grad_norm;
      pass_.clipped += step.clipped ? 1 : 0;
      ++pass_.steps;
    }
    return true;
  }

  std::optional<Pass> evaluate(BatchReader& reader, const char* what, std::size_t epoch) {
    Pass pass;
    for (std::size_t i = 0; i < reader.batches(); ++i) {
      if (cancelled()) return std::nullopt;
      pass.add(model_.evaluate(batch_of(reader.read(i)), idle_));
    }
    if (!std::isfinite(pass.loss)) return diverged(what, epoch);
    return pass;
  }

  bool has(Metric metric) const { return task_has(metric_info(metric), dataset_.loss, dataset_.symbols); }

  // What every epoch leaves behind.
  void note(std::size_t epoch, const Pass& pass, const Pass& valid) {
    ++record_.epochs;
    record_[Metric::kTrainLoss].push_back(pass.mean_loss());
    record_[Metric::kValidLoss].push_back(valid.mean_loss());
    record_[Metric::kLearningRate].push_back(schedule_.rate(epoch, train_.batches() - 1));
    record_[Metric::kGradNorm].push_back(pass.mean_grad_norm());
    record_[Metric::kClippedShare].push_back(pass.clipped_share());
    if (has(Metric::kValidBits)) record_[Metric::kValidBits].push_back(valid.mean_loss() / std::numbers::ln2);
    if (has(Metric::kTrainAccuracy)) record_[Metric::kTrainAccuracy].push_back(pass.accuracy());
    if (has(Metric::kValidAccuracy)) record_[Metric::kValidAccuracy].push_back(valid.accuracy());
  }

  void keep_weights() {
    for (const ParameterShape& shape : model_.parameter_shapes()) {
      record_.weights.push_back({shape.name, static_cast<std::uint32_t>(shape.rows),
                                 static_cast<std::uint32_t>(shape.columns), model_.parameter(shape.name)});
    }
  }

  // With the parameters of the best epoch: the choice of the epoch never sees the test part.
  void test() {
    const std::optional<Pass> pass = evaluate(test_, "the test loss", best_.number() - 1);
    if (!pass) return;
    record_[Metric::kTestLoss] = {pass->mean_loss()};
    if (has(Metric::kTestBits)) record_[Metric::kTestBits] = {pass->mean_loss() / std::numbers::ln2};
    if (has(Metric::kTestAccuracy)) record_[Metric::kTestAccuracy] = {pass->accuracy()};
    if (counts_confusion(dataset_)) {
      record_.classes = dataset_.class_names;
      record_[Metric::kConfusion] = confusion(model_, dataset_, test_);
    }
    if (config_.task.sample_length > 0) record_.sample = sample_text(config_, shape_.model, dataset_, model_);
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
    if (has(Metric::kChanceValidAccuracy)) {
      record_[Metric::kChanceValidAccuracy] = {dataset_.chance.valid_accuracy};
    }
    if (has(Metric::kChanceTestAccuracy)) {
      record_[Metric::kChanceTestAccuracy] = {dataset_.chance.test_accuracy};
    }
    record_[Metric::kWallSeconds] = {seconds()};
    record_[Metric::kPeakBytes] = {static_cast<double>(estimate_run(config_).bytes)};
    record_[Metric::kRecordSeconds] = {log_.seconds()};
    record_[Metric::kStartTime] = {started_};
    log_.cut(record_.epochs);
    if (!tested) record_.weights.clear();
  }

  const RunConfig& config_;
  const std::atomic<bool>* cancel_;
  const RunObserver& observer_;
  const RunCheckpoints& checkpoints_;
  IdleWorkers* idle_;
  Stopwatch watch_;
  Stopwatch since_save_;
  Stopwatch since_told_;
  double from_ = 0.0;  // share that was done before
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
  std::size_t epoch_ = 0;
  Pass pass_;                    // of the epoch under way
  bool trained_ = false;         // the model has the parameters of the best epoch; the test is left
  bool resumed_ = false;         // and has not gone on yet
  bool waits_ = false;           // at checkpoints_.until
  double seconds_before_ = 0.0;  // of the processes that were at it before
};

}  // namespace

RunRecord train_run(const RunConfig& config, const std::atomic<bool>* cancel, const RunObserver& observer,
                    const RunCheckpoints& checkpoints, IdleWorkers* idle) {
  if (!checkpoints.from.empty()) {
    Run run(config, cancel, observer, checkpoints, idle);
    if (run.resume(checkpoints.from)) return run.finish();
  }
  return Run(config, cancel, observer, checkpoints, idle).finish();
}

}  // namespace unroll
