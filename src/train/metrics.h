// The table of recorded metrics: what a run leaves behind. The name in a row is the name in HDF5, in
// policies and in reports. To add a metric: one row here and in metrics.cpp, and the line that sets it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "data/dataset.h"

namespace unroll {

// An axis of a metric beside the run; its row in the table of axes says the rest.
enum class Dim : int { kEpoch, kBlock, kProbe, kLag, kLayer, kGate, kBin, kClass, kPredicted, kCount };

// Names that a run brings along for the places of an axis.
enum class NameList : int { kBlocks, kClasses, kCount };

struct DimInfo {
  Dim id;
  std::string_view name;     // of the axis in HDF5
  std::string_view meaning;  // long_name in HDF5
  std::int64_t start = 0;    // number of its first place
  // Names of its places, the same in every run; empty if they are numbered, or the run's own.
  std::vector<std::string_view> labels = {};
  std::optional<NameList> own_names = {};
};

enum class Goal { kMinimize, kMaximize, kNone };

// What a task must have for a metric to be recorded.
enum class Needs { kNothing, kClasses, kSymbols };

// Where a metric goes: root arrays are the same bits for equal runs, /measured holds what differs.
enum class Group { kResult, kMeasured };

enum class Metric : int {
  kTrainLoss,
  kValidLoss,
  kTestLoss,
  kTrainAccuracy,
  kValidAccuracy,
  kTestAccuracy,
  kValidBits,
  kTestBits,
  kConfusion,
  kLearningRate,
  kGradNorm,
  kClippedShare,
  kBlockL2,
  kBlockMean,
  kBlockStd,
  kBlockMax,
  kBlockZeros,
  kBlockNonfinite,
  kGradHidden,
  kGradHiddenRate,
  kGradCell,
  kGradDecay,
  kGradHalfLife,
  kGradFlow,
  kLyapunov,
  kSpectralRadius,
  kSpectralNorm,
  kGateMean,
  kGateSaturation,
  kGateHistogram,
  kUpdateRatio,
  kNoiseScale,
  kParams,
  kHiddenUnits,
  kFlops,
  kEpochs,
  kBestEpoch,
  kBestValidLoss,
  kChanceValid,
  kChanceTest,
  kChanceValidAccuracy,
  kChanceTestAccuracy,
  kWallSeconds,
  kPeakBytes,
  kRecordSeconds,
  kStartTime,
  kWorker,
  kCount,
};

struct MetricInfo {
  Metric id;
  std::string_view name;         // "train_loss"
  std::string_view unit;         // "1" if it has none; "loss" is the unit of the task's loss
  std::string_view description;  // long_name in HDF5
  Goal goal;
  Group group;
  std::vector<Dim> dims;  // after the run, outermost first; empty = one number for a run
  Needs needs = Needs::kNothing;
};

std::span<const MetricInfo> metrics();
const MetricInfo& metric_info(Metric id);
// Whether a task of this loss and so many symbols (0 = it reads numbers) has the metric.
bool task_has(const MetricInfo& metric, Loss loss, std::size_t symbols);
// nullptr if there is none of this name.
const MetricInfo* find_metric(std::string_view name);
std::span<const DimInfo> dims();
const DimInfo& dim_info(Dim dim);
inline std::string_view dim_name(Dim dim) {
  return dim_info(dim).name;
}

// The points of training at which dL/dh is probed, in the order of the axis `probe`.
inline constexpr std::string_view kProbeNames[] = {"start", "middle", "end"};

}  // namespace unroll
