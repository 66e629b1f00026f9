#include "train/metrics.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "train/gate_statistics.h"

namespace unroll {
namespace {

constexpr auto kMin = Goal::kMinimize;
constexpr auto kMax = Goal::kMaximize;
constexpr auto kAny = Goal::kNone;
constexpr auto kResult = Group::kResult;
constexpr auto kMeasured = Group::kMeasured;

// clang-format off
const std::array<MetricInfo, static_cast<std::size_t>(Metric::kCount)> kMetrics = {{
    {Metric::kTrainLoss, "train_loss", "loss", "training loss, mean over the predictions of the epoch, each with the parameters of its step",
     kMin, kResult, {Dim::kEpoch}},
    {Metric::kValidLoss, "valid_loss", "loss", "validation loss after the epoch",
     kMin, kResult, {Dim::kEpoch}},
    {Metric::kTestLoss, "test_loss", "loss", "test loss with the parameters of the best epoch",
     kMin, kResult, {}},
    {Metric::kTrainAccuracy, "train_accuracy", "1", "share of right training predictions of the epoch, each with the parameters of its step",
     kMax, kResult, {Dim::kEpoch}, Needs::kClasses},
    {Metric::kValidAccuracy, "valid_accuracy", "1", "share of right validation predictions after the epoch",
     kMax, kResult, {Dim::kEpoch}, Needs::kClasses},
    {Metric::kTestAccuracy, "test_accuracy", "1", "share of right test predictions with the parameters of the best epoch",
     kMax, kResult, {}, Needs::kClasses},
    {Metric::kValidBits, "valid_bits", "bit", "validation loss after the epoch, in bits for each symbol",
     kMin, kResult, {Dim::kEpoch}, Needs::kSymbols},
    {Metric::kTestBits, "test_bits", "bit", "test loss with the parameters of the best epoch, in bits for each symbol",
     kMin, kResult, {}, Needs::kSymbols},
    {Metric::kConfusion, "confusion", "1", "test sequences of a class by the class that was predicted, with the parameters of the best epoch",
     kAny, kResult, {Dim::kClass, Dim::kPredicted}},
    {Metric::kLearningRate, "learning_rate", "1", "learning rate of the last step of the epoch",
     kAny, kResult, {Dim::kEpoch}},
    {Metric::kGradNorm, "grad_norm", "1", "norm of the whole gradient before clipping, mean over the steps of the epoch",
     kAny, kResult, {Dim::kEpoch}},
    {Metric::kClippedShare, "clipped_share", "1", "share of the steps of the epoch whose gradient was clipped",
     kAny, kResult, {Dim::kEpoch}},
    {Metric::kBlockL2, "grad_l2", "1", "norm of the gradient of a block, last minibatch of the epoch",
     kAny, kResult, {Dim::kEpoch, Dim::kBlock}},
    {Metric::kBlockMean, "grad_mean", "1", "mean of the gradient of a block, last minibatch of the epoch",
     kAny, kResult, {Dim::kEpoch, Dim::kBlock}},
    {Metric::kBlockStd, "grad_std", "1", "standard deviation of the gradient of a block, last minibatch of the epoch",
     kAny, kResult, {Dim::kEpoch, Dim::kBlock}},
    {Metric::kBlockMax, "grad_max", "1", "largest absolute value of the gradient of a block, last minibatch of the epoch",
     kAny, kResult, {Dim::kEpoch, Dim::kBlock}},
    {Metric::kBlockZeros, "grad_zeros", "1", "share of exact zeros in the gradient of a block, last minibatch of the epoch",
     kAny, kResult, {Dim::kEpoch, Dim::kBlock}},
    {Metric::kBlockNonfinite, "grad_nonfinite", "1", "share of NaN and infinity in the gradient of a block, last minibatch of the epoch",
     kAny, kResult, {Dim::kEpoch, Dim::kBlock}},
    {Metric::kGradHidden, "grad_hidden", "1", "norm of dL/dh at `lag` steps before the last, L being a sequence's loss of its last step: root mean square over the sequences of a fixed probe batch",
     kAny, kResult, {Dim::kProbe, Dim::kLayer, Dim::kLag}},
    {Metric::kGradHiddenRate, "grad_hidden_rate", "1", "grad_decay of the first layer before training, as one number of a run",
     kAny, kResult, {}},
    {Metric::kGradCell, "grad_cell", "1", "the same norm of dL/dc, of cells with a state c",
     kAny, kResult, {Dim::kProbe, Dim::kLayer, Dim::kLag}},
    {Metric::kGradDecay, "grad_decay", "1", "factor by which the norm of dL/dh changes per step back, fitted over the lags",
     kAny, kResult, {Dim::kProbe, Dim::kLayer}},
    {Metric::kGradHalfLife, "grad_half_life", "steps", "steps back after which dL/dh is halved, by grad_decay; infinite if it does not shrink",
     kAny, kResult, {Dim::kProbe, Dim::kLayer}},
    {Metric::kGradFlow, "grad_flow", "1", "0 vanishing (at the end of training less than 1/1000 of dL/dh is left at the first step, in every layer), 1 healthy, 2 exploding (more than 1000 times in some layer)",
     kAny, kResult, {}},
    {Metric::kLyapunov, "lyapunov", "1/step", "finite-time Lyapunov exponent: growth in nats per step of a random direction carried back through all steps",
     kAny, kResult, {Dim::kProbe}},
    {Metric::kSpectralRadius, "spectral_radius", "1", "largest absolute eigenvalue of the recurrent weights of a gate",
     kAny, kResult, {Dim::kProbe, Dim::kLayer, Dim::kGate}},
    {Metric::kSpectralNorm, "spectral_norm", "1", "largest singular value of the recurrent weights of a gate",
     kAny, kResult, {Dim::kProbe, Dim::kLayer, Dim::kGate}},
    {Metric::kGateMean, "gate_mean", "1", "mean of a gate over units, steps and the probe batch",
     kAny, kResult, {Dim::kProbe, Dim::kLayer, Dim::kGate}},
    {Metric::kGateSaturation, "gate_saturation", "1", "share of a gate's values within 0.1 of an end of its range, of relu at zero",
     kAny, kResult, {Dim::kProbe, Dim::kLayer, Dim::kGate}},
    {Metric::kGateHistogram, "gate_histogram", "1", "share of a gate's values in each twentieth of its range",
     kAny, kResult, {Dim::kProbe, Dim::kLayer, Dim::kGate, Dim::kBin}},
    {Metric::kUpdateRatio, "update_ratio", "1", "norm of the change of a block by the last step of the epoch, over the norm of the block",
     kAny, kResult, {Dim::kEpoch, Dim::kBlock}},
    {Metric::kNoiseScale, "noise_scale", "sequences", "gradient noise scale: batch at which noise and gradient are of equal size, from the probe batch and its quarters",
     kAny, kResult, {Dim::kProbe}},
    {Metric::kParams, "params", "1", "trainable parameters",
     kAny, kResult, {}},
    {Metric::kHiddenUnits, "hidden_units", "1", "units of each layer and direction, given or solved from model.params",
     kAny, kResult, {}},
    {Metric::kFlops, "flops", "1", "floating-point operations of the run, a multiply-add counted as two; sequences of unequal length count with their mean length",
     kAny, kResult, {}},
    {Metric::kEpochs, "epochs", "1", "epochs trained; of a diverged run those before it diverged",
     kAny, kResult, {}},
    {Metric::kBestEpoch, "best_epoch", "1", "epoch with the lowest validation loss, counted from 1",
     kAny, kResult, {}},
    {Metric::kBestValidLoss, "best_valid_loss", "loss", "lowest validation loss of all epochs",
     kMin, kResult, {}},
    {Metric::kChanceValid, "chance_valid", "loss", "validation loss that needs no learning",
     kAny, kResult, {}},
    {Metric::kChanceTest, "chance_test", "loss", "test loss that needs no learning",
     kAny, kResult, {}},
    {Metric::kChanceValidAccuracy, "chance_valid_accuracy", "1", "validation accuracy that needs no learning",
     kAny, kResult, {}, Needs::kClasses},
    {Metric::kChanceTestAccuracy, "chance_test_accuracy", "1", "test accuracy that needs no learning",
     kAny, kResult, {}, Needs::kClasses},
    {Metric::kWallSeconds, "wall_seconds", "s", "time that the run took",
     kMin, kMeasured, {}},
    {Metric::kPeakBytes, "peak_bytes", "byte", "memory that the run held, as planned",
     kMin, kMeasured, {}},
    {Metric::kRecordSeconds, "record_seconds", "s", "part of wall_seconds that went into gradient statistics",
     kMin, kMeasured, {}},
    {Metric::kStartTime, "start_time", "seconds since 1970-01-01 00:00:00", "when the run started",
     kAny, kMeasured, {}},
    {Metric::kWorker, "worker", "1", "index of the worker that did the run",
     kAny, kMeasured, {}},
}};
// clang-format on

const std::array<DimInfo, static_cast<std::size_t>(Dim::kCount)> kDims = {{
    {Dim::kEpoch, "epoch", "epoch of training, from 1", 1},
    {Dim::kBlock, "block", "block of parameters", 0, {}, NameList::kBlocks},
    {Dim::kProbe, "probe", "point of training", 0, {std::begin(kProbeNames), std::end(kProbeNames)}},
    {Dim::kLag, "lag", "time steps before the last"},
    {Dim::kLayer, "layer", "layer of the net, from the input; of both directions the forward one"},
    {Dim::kGate, "gate", "gate of a cell; c is tanh of the state", 0, gate_names()},
    {Dim::kBin, "bin", "equal parts of the range of a gate, from its low end"},
    {Dim::kClass, "class", "class that a sequence belongs to", 0, {}, NameList::kClasses},
    {Dim::kPredicted, "predicted", "class that the net says", 0, {}, NameList::kClasses},
}};

}  // namespace

std::span<const MetricInfo> metrics() {
  return kMetrics;
}

const MetricInfo& metric_info(Metric id) {
  const auto index = static_cast<std::size_t>(id);
  UNROLL_CHECK(index < kMetrics.size(), "no such metric");
  return kMetrics[index];
}

bool task_has(const MetricInfo& metric, Loss loss, std::size_t symbols) {
  switch (metric.needs) {
    case Needs::kNothing:
      return true;
    case Needs::kClasses:
      return loss != Loss::kMse;
    case Needs::kSymbols:
      return symbols > 0;
  }
  return false;
}

const MetricInfo* find_metric(std::string_view name) {
  const auto found =
      std::find_if(kMetrics.begin(), kMetrics.end(), [&](const MetricInfo& m) { return m.name == name; });
  return found == kMetrics.end() ? nullptr : &*found;
}

std::span<const DimInfo> dims() {
  return kDims;
}

const DimInfo& dim_info(Dim dim) {
  const auto index = static_cast<std::size_t>(dim);
  UNROLL_CHECK(index < kDims.size(), "no such axis");
  return kDims[index];
}

}  // namespace unroll
