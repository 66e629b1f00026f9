#include "train/gradient_log.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include "train/batch_of.h"
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

// Geometric mean of the factors from lag to lag, as far back as there is a gradient: it may be too small for
// a number, and a short sequence has none at the longest lags. Empty without two lags.
std::vector<double> rate_of(std::span<const double> norms) {
  std::size_t last = norms.size() - 1;
  while (last > 0 && !(norms[last] > 0.0)) --last;
  if (last == 0 || !(norms[0] > 0.0)) return {};
  return {std::pow(norms[last] / norms[0], 1.0 / static_cast<double>(last))};
}

// NaN in every place that the axes of the metric have.
void size_array(RunRecord& record, Metric metric) {
  std::size_t size = 1;
  for (Dim dim : metric_info(metric).dims) size *= record.length(dim);
  record[metric].assign(size, kNan);
}

}  // namespace

GradientLog::GradientLog(const RunConfig& config, const RunShape& shape, const Dataset& dataset,
                         const Model& model, RunRecord& record)
    : config_(config), record_(record), probe_flops_(probe_flops(config, shape)) {
  if (config.record.gradients != "off") {
    for (ParameterBlock& block : model.blocks()) record.blocks.push_back(std::move(block.name));
    for (const auto& [metric, member] : kBlockMetrics) {
      record[metric].assign(config.train.epochs * record.blocks.size(), kNan);
    }
  }
  if (shape.probe_batch == 0) return;
  reader_.emplace(dataset, dataset.train, shape.probe_batch);
  reader_->shuffle(config.seed, 0, Purpose::kProbe);
  record.set_length(Dim::kProbe, std::size(kProbeNames));
  record.set_length(Dim::kLayer, config.model.layers);
  record.set_length(Dim::kLag, dataset.seq_len);
  size_array(record, Metric::kGradHidden);
}

bool GradientLog::due(std::size_t epoch) const {
  return !record_.blocks.empty() && (epoch % config_.record.every == 0 || epoch + 1 == config_.train.epochs);
}

void GradientLog::blocks(const Model& model, std::size_t epoch) {
  const Stopwatch watch;
  const std::vector<BlockStatistics> statistics = model.block_statistics();
  for (const auto& [metric, member] : kBlockMetrics) {
    double* row = record_[metric].data() + epoch * statistics.size();
    for (std::size_t i = 0; i < statistics.size(); ++i) row[i] = statistics[i].*member;
  }
  seconds_ += watch.seconds();
}

void GradientLog::probe(Model& model, Probe point) {
  if (!reader_) return;
  const Stopwatch watch;
  const std::vector<double> norms = model.hidden_gradient_norms(batch_of(reader_->read(0)));
  const std::size_t at = static_cast<std::size_t>(point) * norms.size();
  std::copy(norms.begin(), norms.end(),
            record_[Metric::kGradHidden].begin() + static_cast<std::ptrdiff_t>(at));
  if (point == Probe::kStart) {
    record_[Metric::kGradHiddenRate] = rate_of(std::span(norms).first(record_.lags));
  }
  seconds_ += watch.seconds();
  flops_ += probe_flops_;
}

void GradientLog::cut(std::size_t epochs) {
  for (const auto& [metric, member] : kBlockMetrics) record_[metric].resize(epochs * record_.blocks.size());
}

}  // namespace unroll
