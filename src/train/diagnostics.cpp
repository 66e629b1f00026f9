#include "train/diagnostics.h"

#include <algorithm>
#include <array>

#include "nn/cells.h"

namespace unroll {
namespace {

const std::array<DiagnosticInfo, 6> kDiagnostics = {{
    {"lyapunov", "how a random direction grows through the Jacobians of the steps", {Metric::kLyapunov}},
    {"spectrum",
     "spectral radius and norm of the recurrent weights of each gate",
     {Metric::kSpectralRadius, Metric::kSpectralNorm}},
    {"gates",
     "mean of each gate, and the share of its values at the ends of its range",
     {Metric::kGateMean, Metric::kGateSaturation}},
    {"gate_histogram", "histogram of each gate", {Metric::kGateHistogram}},
    {"updates", "size of a step against the size of the weights, per block", {Metric::kUpdateRatio}, false},
    {"noise", "gradient noise scale: how large a batch pays", {Metric::kNoiseScale}},
}};

bool has_state(const ModelConfig& config) {
  const CellInfo* cell = find_cell(config.cell);
  return cell != nullptr && cell->has_state;
}

}  // namespace

std::span<const DiagnosticInfo> diagnostics() {
  return kDiagnostics;
}

bool wants(const RecordConfig& config, std::string_view diagnostic) {
  return std::find(config.diagnostics.begin(), config.diagnostics.end(), diagnostic) !=
         config.diagnostics.end();
}

bool probes(const RecordConfig& config) {
  return config.hidden_gradients ||
         std::any_of(kDiagnostics.begin(), kDiagnostics.end(),
                     [&](const DiagnosticInfo& row) { return row.probes && wants(config, row.name); });
}

std::vector<Metric> gradient_metrics(const RunConfig& config) {
  std::vector<Metric> list;
  if (config.record.gradients != "off") {
    list = {Metric::kBlockL2,  Metric::kBlockMean,  Metric::kBlockStd,
            Metric::kBlockMax, Metric::kBlockZeros, Metric::kBlockNonfinite};
  }
  if (config.record.hidden_gradients) {
    list.insert(list.end(), {Metric::kGradHidden, Metric::kGradHiddenRate, Metric::kGradDecay,
                             Metric::kGradHalfLife, Metric::kGradFlow});
    if (has_state(config.model)) list.push_back(Metric::kGradCell);
  }
  for (const DiagnosticInfo& row : kDiagnostics) {
    if (wants(config.record, row.name)) list.insert(list.end(), row.metrics.begin(), row.metrics.end());
  }
  return list;
}

}  // namespace unroll
