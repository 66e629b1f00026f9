#include "train/gradient_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include "nn/cells.h"
#include "train/batch_of.h"
#include "train/diagnostics.h"
#include "train/gate_statistics.h"
#include "train/gradient_flow.h"
#include "train/spectrum.h"
#include "train/stopwatch.h"

namespace unroll {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

constexpr std::array<std::pair<Metric, double BlockStatistics::*>, 6> kBlockMetrics = {
    {{Metric::kBlockL2, &BlockStatistics::l2},
     {Metric::kBlockMean, &BlockStatistics::mean},
     {Metric::kBlockStd, &BlockStatistics::std},
     {Metric::kBlockMax, &BlockStatistics::max},
     {Metric::kBlockZeros, &BlockStatistics::zeros},
     {Metric::kBlockNonfinite, &BlockStatistics::nonfinite}}};

}  // namespace

GradientLog::GradientLog(const RunConfig& config, const RunShape& shape, const Dataset& dataset,
                         const Model& model, RunRecord& record)
    : config_(config),
      record_(record),
      probe_flops_(probe_flops(config, shape)),
      quarter_batch_(shape.quarter_batch) {
  const std::vector<Metric> recorded = gradient_metrics(config);
  for (const Metric metric : recorded) {
    for (const Dim dim : metric_info(metric).dims) {
      if (dim != Dim::kEpoch && !dim_info(dim).own_names)
        record.set_length(dim, record_length(dim, config, shape));
    }
  }
  if (config.record.gradients != "off" || wants(config.record, "updates")) {
    for (ParameterBlock& block : model.blocks()) record.blocks.push_back(std::move(block.name));
  }
  for (const Metric metric : recorded) {
    std::size_t size = 1;
    for (const Dim dim : metric_info(metric).dims) {
      size *= dim == Dim::kEpoch ? config.train.epochs : record.length(dim);
    }
    record[metric].assign(size, kNan);
  }
  if (shape.probe_batch == 0) return;
  reader_.emplace(dataset, dataset.train, shape.probe_batch);
  reader_->shuffle(config.seed, 0, Purpose::kProbe);
  if (shape.quarter_batch > 0) quarter_.emplace(reader_->in_parts(shape.quarter_batch));
}

bool GradientLog::due(std::size_t epoch) const {
  return epoch % config_.record.every == 0 || epoch + 1 == config_.train.epochs;
}

void GradientLog::before_step(const Model& model, std::size_t epoch) {
  if (!due(epoch)) return;
  const Stopwatch watch;
  if (config_.record.gradients != "off") {
    const std::vector<BlockStatistics> statistics = model.block_statistics();
    for (const auto& [metric, member] : kBlockMetrics) {
      double* row = record_[metric].data() + epoch * statistics.size();
      for (std::size_t i = 0; i < statistics.size(); ++i) row[i] = statistics[i].*member;
    }
  }
  if (wants(config_.record, "updates")) model.save(before_);
  seconds_ += watch.seconds();
}

void GradientLog::after_step(const Model& model, std::size_t epoch) {
  if (!due(epoch) || !wants(config_.record, "updates")) return;
  const Stopwatch watch;
  const std::vector<double> ratios = model.update_ratios(before_);
  std::copy(ratios.begin(), ratios.end(), record_[Metric::kUpdateRatio].data() + epoch * ratios.size());
  seconds_ += watch.seconds();
}

void GradientLog::probe(Model& model, Probe point) {
  if (!reader_) return;
  const Stopwatch watch;
  const auto at = static_cast<std::size_t>(point);
  const ModelBatch batch = batch_of(reader_->read(0));
  if (config_.record.hidden_gradients) state_gradients(model, batch, at);
  if (wants(config_.record, "lyapunov")) lyapunov(model, batch, at);
  if (wants(config_.record, "spectrum")) spectrum(model, at);
  if (wants(config_.record, "gates") || wants(config_.record, "gate_histogram")) gates(model, batch, at);
  if (quarter_) noise(model, batch, at);
  seconds_ += watch.seconds();
  flops_ += probe_flops_;
}

void GradientLog::state_gradients(Model& model, const ModelBatch& batch, std::size_t point) {
  const StateNorms norms = model.state_gradient_norms(batch);
  std::copy(norms.hidden.begin(), norms.hidden.end(),
            record_[Metric::kGradHidden].data() + point * norms.hidden.size());
  std::copy(norms.cell.begin(), norms.cell.end(),
            record_[Metric::kGradCell].data() + point * norms.cell.size());
  const std::size_t layers = record_.length(Dim::kLayer);
  const std::size_t lags = record_.length(Dim::kLag);
  std::vector<double> ratios;
  for (std::size_t layer = 0; layer < layers; ++layer) {
    const std::span<const double> curve(norms.hidden.data() + layer * lags, lags);
    const double decay = decay_per_step(curve);
    record_[Metric::kGradDecay][point * layers + layer] = decay;
    record_[Metric::kGradHalfLife][point * layers + layer] = half_life(decay);
    ratios.push_back(flow_ratio(curve));
  }
  if (point == static_cast<std::size_t>(Probe::kStart)) {
    record_[Metric::kGradHiddenRate][0] = record_[Metric::kGradDecay][0];
  }
  if (point == static_cast<std::size_t>(Probe::kEnd)) {
    record_[Metric::kGradFlow][0] = static_cast<double>(classify_flow(ratios));
  }
}

void GradientLog::lyapunov(Model& model, const ModelBatch& batch, std::size_t point) {
  const StateNorms norms = model.random_direction_norms(batch, config_.seed);
  // Of the whole state: all layers, h and c.
  std::vector<double> whole(batch.seq_len, 0.0);
  for (const std::vector<double>* part : {&norms.hidden, &norms.cell}) {
    for (std::size_t i = 0; i < part->size(); ++i) whole[i % whole.size()] += (*part)[i] * (*part)[i];
  }
  for (double& norm : whole) norm = std::sqrt(norm);
  record_[Metric::kLyapunov][point] = lyapunov_exponent(whole);
}

double* GradientLog::gate_row(Metric metric, std::size_t point, std::size_t layer) {
  return record_[metric].data() + (point * record_.length(Dim::kLayer) + layer) * gate_names().size();
}

void GradientLog::spectrum(const Model& model, std::size_t point) {
  const CellInfo& cell = *find_cell(config_.model.cell);
  for (std::size_t layer = 0; layer < config_.model.layers; ++layer) {
    const std::vector<float> weights = model.parameter(fmt::format("weight_hh_l{}", layer));
    const std::size_t units = config_.model.hidden;
    for (std::size_t gate = 0; gate < cell.gates.size(); ++gate) {
      const std::span<const float> matrix(weights.data() + gate * units * units, units * units);
      const std::size_t place = gate_place(cell, gate);
      gate_row(Metric::kSpectralRadius, point, layer)[place] = spectral_radius(matrix, units);
      gate_row(Metric::kSpectralNorm, point, layer)[place] = spectral_norm(matrix, units);
    }
  }
}

void GradientLog::gates(Model& model, const ModelBatch& batch, std::size_t point) {
  const CellInfo& cell = *find_cell(config_.model.cell);
  std::vector<GateStatistics> statistics;
  const std::size_t gates = cell.gates.size() + (cell.has_state ? 1 : 0);
  for (std::size_t layer = 0; layer < config_.model.layers; ++layer) {
    for (std::size_t gate = 0; gate < gates; ++gate) {
      statistics.emplace_back(gate_function(cell, gate, config_.model.activation));
    }
  }
  model.visit_gates(batch, [&](std::size_t layer, std::size_t gate, std::span<const float> values) {
    statistics[layer * gates + gate].add(values);
  });
  for (std::size_t layer = 0; layer < config_.model.layers; ++layer) {
    for (std::size_t gate = 0; gate < gates; ++gate) {
      const GateStatistics& s = statistics[layer * gates + gate];
      const std::size_t place = gate_place(cell, gate);
      if (wants(config_.record, "gates")) {
        gate_row(Metric::kGateMean, point, layer)[place] = s.mean();
        gate_row(Metric::kGateSaturation, point, layer)[place] = s.saturated();
      }
      if (!wants(config_.record, "gate_histogram")) continue;
      double* bins =
          record_[Metric::kGateHistogram].data() +
          ((point * record_.length(Dim::kLayer) + layer) * gate_names().size() + place) * kGateBins;
      for (std::size_t bin = 0; bin < kGateBins; ++bin) bins[bin] = s.share(bin);
    }
  }
}

// Source: McCandlish, Kaplan, Amodei, An empirical model of large-batch training, arXiv 1812.06162, 2018,
// appendix A.1: unbiased estimates of |G|^2 and tr(S) from gradients of two batch sizes.
void GradientLog::noise(Model& model, const ModelBatch& batch, std::size_t point) {
  model.gradient(batch);
  const double big_square = model.gradient_norm() * model.gradient_norm();
  const auto big = static_cast<double>(batch.batch);
  double small_square = 0.0;
  const std::size_t parts = batch.batch / quarter_batch_;
  const auto small = static_cast<double>(quarter_batch_);
  for (std::size_t i = 0; i < parts; ++i) {
    model.gradient(batch_of(quarter_->read(i)));
    small_square += model.gradient_norm() * model.gradient_norm() / static_cast<double>(parts);
  }
  const double signal = (big * big_square - small * small_square) / (big - small);
  const double spread = (small_square - big_square) / (1.0 / small - 1.0 / big);
  if (signal > 0.0) record_[Metric::kNoiseScale][point] = std::max(0.0, spread) / signal;
}

void GradientLog::cut(std::size_t epochs) {
  for (const MetricInfo& metric : metrics()) {
    if (metric.dims == std::vector{Dim::kEpoch, Dim::kBlock} && !record_[metric.id].empty()) {
      record_[metric.id].resize(epochs * record_.blocks.size());
    }
  }
}

}  // namespace unroll
