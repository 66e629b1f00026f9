// The ordered list of runs that an experiment file stands for. Made before anything trains; everything
// downstream reads the plan, nothing re-reads the YAML.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "train/run_config.h"
#include "train/trainer.h"

namespace unroll {

// The value of one setting: typed by the key table, never by YAML guesswork.
using SettingValue = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>>;

struct PlannedRun {
  std::string id;  // hash of the resolved settings, the seed and the schema version: 32 hex digits
  RunConfig config;
  std::vector<SettingValue> settings;  // values of Plan::axes, in their order
  RunEstimate estimate;
};

// A setting that differs between runs.
struct PlanAxis {
  std::string key;   // "model.cell"
  std::string name;  // short name in HDF5 and reports: "cell"
  std::string unit;
  std::string description;
};

struct PlanMetric {
  std::string name = "valid_loss";
  bool minimize = true;
};

struct Plan {
  std::string name;  // of the experiment
  std::string description;
  std::string hash;      // of the ordered run ids
  std::string resolved;  // the experiment with every default written out, as YAML
  PlanMetric metric;
  std::vector<PlanAxis> axes;    // swept settings in the order of the file
  std::vector<PlannedRun> runs;  // plan order: replicates fastest
  std::uint32_t seeds = 1;       // replicates
  std::size_t max_fails = 0;     // 0 = no limit
};

// Reads, checks and expands an experiment. `overrides` are "key=value" of --set, applied before checking.
// Throws SpecErrors (spec.h) with every mistake of the file at once.
Plan load_plan(const std::filesystem::path& file, const std::vector<std::string>& overrides = {});

}  // namespace unroll
