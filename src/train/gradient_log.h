// Gradient statistics of a run, written into its record: each parameter block at a cadence of epochs, and
// dL/dh and the diagnostics on a fixed probe batch at three points of training.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "data/batches.h"
#include "nn/model.h"
#include "train/run_config.h"
#include "train/run_record.h"
#include "train/run_shape.h"

namespace unroll {

// Index into kProbeNames.
enum class Probe : std::size_t { kStart, kMiddle, kEnd };

class GradientLog {
 public:
  // Sizes the arrays of the record; what is never recorded stays NaN. The probe batch is a draw from the
  // training part that depends on the seed alone. Requires: dataset and record outlive the log.
  GradientLog(const RunConfig& config, const RunShape& shape, const Dataset& dataset, const Model& model,
              RunRecord& record);

  // Around the last step of an epoch, counted from 0. Recorded are the first epoch, each `every`-th after it,
  // and number train.epochs, which a run that loses patience does not come to.
  void before_step(const Model& model, std::size_t epoch);
  void after_step(const Model& model, std::size_t epoch);
  void probe(Model& model, Probe point);

  // Drops the rows of epochs that are no part of the record.
  void cut(std::size_t epochs);

  template <typename Archive>
  void transfer(Archive& archive) {
    archive(seconds_, flops_);
  }

  double seconds() const { return seconds_; }  // spent here
  double flops() const { return flops_; }

 private:
  bool due(std::size_t epoch) const;
  void state_gradients(Model& model, const ModelBatch& batch, std::size_t point);
  void lyapunov(Model& model, const ModelBatch& batch, std::size_t point);
  void spectrum(const Model& model, std::size_t point);
  void gates(Model& model, const ModelBatch& batch, std::size_t point);
  void noise(Model& model, const ModelBatch& batch, std::size_t point);
  // The place of [point][layer][gate 0] in a metric of these axes.
  double* gate_row(Metric metric, std::size_t point, std::size_t layer);

  const RunConfig& config_;
  RunRecord& record_;
  double probe_flops_;
  std::size_t quarter_batch_;
  std::optional<BatchReader> reader_;   // empty = no probes
  std::optional<BatchReader> quarter_;  // of the probe batch, for the noise scale
  std::vector<float> before_;           // parameters before the step
  double seconds_ = 0.0;
  double flops_ = 0.0;
};

}  // namespace unroll
