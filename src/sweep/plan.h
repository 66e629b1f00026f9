// The ordered list of runs that an experiment file stands for. Made before anything trains; everything
// downstream reads the plan, nothing re-reads the YAML.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "sweep/setting.h"
#include "sweep/stop_rule.h"
#include "train/run_config.h"
#include "train/trainer.h"

namespace unroll {

// Part of every run id. Raise it when equal settings no longer mean equal numbers.
inline constexpr int kRunSchema = 2;

// A run of more bytes than this is taken for a mistake in the file.
inline constexpr double kMaxRunBytes = 1099511627776.0;  // 1 TiB

struct PlannedRun {
  std::string id;    // hash of the resolved settings, the seed and the schema version: 32 hex digits
  RunConfig config;  // settings that the run does not read have their defaults
  std::vector<SettingValue> settings;  // values of Plan::axes, in their order
  RunEstimate estimate;
};

// A setting that differs between runs.
struct PlanAxis {
  std::string key;   // "model.cell"
  std::string name;  // short name in HDF5 and reports: "cell"
  std::string unit;
  std::string description;
  std::string zip;                   // name of the zip it belongs to, or ""
  std::vector<SettingValue> values;  // the different values, in the order of first use
};

struct PlanMetric {
  std::string name = "valid_loss";
  bool minimize = true;
};

// The runs of a plan, in its order: axes in the order of the file, the last one faster than those before,
// replicates fastest of all. A run is made when it is asked for, so that a million of them fit in memory.
class PlannedRuns {
 public:
  class Store;  // what the runs are made from

  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = PlannedRun;
    using difference_type = std::ptrdiff_t;
    using pointer = const PlannedRun*;
    using reference = const PlannedRun&;

    Iterator(const PlannedRuns* runs, std::size_t index) : runs_(runs), index_(index) {}
    // Holds until the next run is asked for.
    const PlannedRun& operator*() const {
      if (made_ != index_) runs_->make(index_, made_, run_);
      made_ = index_;
      return run_;
    }
    Iterator& operator++() { return ++index_, *this; }
    Iterator operator++(int) { return {runs_, index_++}; }
    bool operator==(const Iterator& other) const { return index_ == other.index_; }

   private:
    const PlannedRuns* runs_;
    std::size_t index_;
    mutable std::size_t made_ = SIZE_MAX;  // what run_ is
    mutable PlannedRun run_;
  };

  PlannedRuns() = default;
  explicit PlannedRuns(std::shared_ptr<const Store> store) : store_(std::move(store)) {}

  std::size_t size() const;
  bool empty() const { return size() == 0; }
  // Requires: index < size().
  PlannedRun operator[](std::size_t index) const;
  const std::string& id(std::size_t index) const;
  const RunEstimate& estimate(std::size_t index) const;
  Iterator begin() const { return {this, 0}; }
  Iterator end() const { return {this, size()}; }

 private:
  // Makes a run of what the run `before` was: replicates of one setting differ in little.
  void make(std::size_t index, std::size_t before, PlannedRun& run) const;

  std::shared_ptr<const Store> store_;
};

struct Plan {
  std::string name;  // of the experiment
  std::string description;
  std::string hash;      // of the ordered run ids
  std::string resolved;  // the experiment with every default written out, as YAML
  PlanMetric metric;
  EarlyTerminate early_terminate;
  std::vector<PlanAxis> axes;  // swept settings in the order of the file
  PlannedRuns runs;
  std::uint32_t seeds = 1;    // replicates
  std::size_t max_fails = 0;  // 0 = no limit
};

// Reads, checks and expands an experiment. `overrides` are "key=value" of --set, applied before checking.
// Throws SpecErrors (diagnostics.h) with every mistake of the file at once, FileError if it cannot be read.
Plan load_plan(const std::filesystem::path& file, const std::vector<std::string>& overrides = {});

// The same for the text of an experiment file. `name`: what messages call it; relative paths start at its
// folder.
Plan parse_plan(const std::string& text, const std::filesystem::path& name,
                const std::vector<std::string>& overrides = {});

}  // namespace unroll
