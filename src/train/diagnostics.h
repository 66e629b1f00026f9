// The table of diagnostics: what a run can record beside its losses to say why it learns or not. The names
// are the words of `record.diagnostics`. To add one: a row here, its metrics, and the lines in
// gradient_log.cpp that set them.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "train/metrics.h"
#include "train/run_config.h"

namespace unroll {

struct DiagnosticInfo {
  std::string_view name;
  std::string_view description;
  std::vector<Metric> metrics;
  bool probes = true;  // taken at the points of kProbeNames; else at the cadence of record.every
};

std::span<const DiagnosticInfo> diagnostics();
bool wants(const RecordConfig& config, std::string_view diagnostic);
// Whether the run needs the probe batch.
bool probes(const RecordConfig& config);
// All metrics that GradientLog records in a run of these settings.
std::vector<Metric> gradient_metrics(const RunConfig& config);

}  // namespace unroll
