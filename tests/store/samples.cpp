#include "tests/store/samples.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>

#include "base/hash.h"
#include "base/rng.h"

namespace unroll {

MemoryFolder::MemoryFolder() {
  const std::filesystem::path memory = "/dev/shm";
  const bool usable = ::access(memory.c_str(), W_OK | X_OK) == 0;
  const std::filesystem::path parent = usable ? memory : std::filesystem::temp_directory_path();
  std::string name = (parent / "unroll-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
  path_ = name;
}

MemoryFolder::~MemoryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

RunRecord sample_run(std::uint32_t number) {
  Rng rng({7, number}, Purpose::kSample);
  RunRecord record;
  const bool large = number % 2 == 1;
  record.state = number % 7 == 3   ? RunState::kDiverged
                 : number % 7 == 5 ? RunState::kPruned
                                   : RunState::kDone;
  if (record.state == RunState::kDiverged) record.message = "loss is not finite in epoch 3: \xce\xb7 = 0.5";
  record.epochs = 1 + rng.below(5);
  record.set_length(Dim::kProbe, 3);
  record.set_length(Dim::kLag, large ? 6 : 4);
  record.set_length(Dim::kLayer, large ? 2 : 1);
  record.set_length(Dim::kGate, 2);
  record.set_length(Dim::kBin, large ? 4 : 3);
  for (std::uint32_t layer = 0; layer < record.length(Dim::kLayer); ++layer) {
    for (const char* part : {"input", "recurrent", "bias"}) {
      const std::string gate = large ? ".f." : ".h.";
      record.blocks.push_back("layer" + std::to_string(layer) + gate + part);
    }
  }
  record.blocks.push_back("head.weight");
  record.classes = {"cat", large ? "dog" : "B\xc3\xa4r"};
  if (large) record.classes.emplace_back("B\xc3\xa4r");
  for (const MetricInfo& metric : metrics()) {
    if (metric.id == Metric::kTestAccuracy && !large) continue;
    std::size_t size = 1;
    for (Dim dim : metric.dims) size *= record.length(dim);
    std::vector<double>& values = record[metric.id];
    values.resize(size);
    for (double& v : values) v = rng.normal();
    if (size > 2) values[1] = std::numeric_limits<double>::quiet_NaN();
    if (size > 3) values[2] = -std::numeric_limits<double>::infinity();
  }
  if (record.state != RunState::kDone) return record;
  if (large) record.sample = "\"To be\",\nor n\xc3\xb6t";
  record.weights = {{"weight_ih_l0", large ? 8U : 2U, 3, {}}, {"head.bias", large ? 4U : 1U, 0, {}}};
  for (KeptParameter& parameter : record.weights) {
    for (std::size_t i = 0; i < parameter.size(); ++i)
      parameter.values.push_back(static_cast<float>(rng.normal()));
  }
  return record;
}

Results sample_results(std::size_t runs, std::uint32_t seed) {
  Results results;
  Manifest& manifest = results.manifest;
  manifest.experiment = "cells \xc3\xbc";
  manifest.description = "a made-up sweep";
  manifest.plan_hash = hash_hex("plan " + std::to_string(seed));
  manifest.metric = "valid_loss";
  manifest.minimize = true;
  manifest.loss = "mean squared error";
  manifest.chance_rule = "1/6";
  manifest.resolved_yaml = "name: cells\nsweep:\n  seeds: 5\n";
  manifest.provenance = {{"version", "0.1.0"}, {"host", "here"}, {"compiler", ""}};
  std::vector<std::string> cells;
  std::vector<std::int64_t> epochs;
  std::vector<double> rates;
  for (std::uint32_t run = 0; run < runs; ++run) {
    manifest.run_ids.push_back(hash_hex("run " + std::to_string(seed) + " " + std::to_string(run)));
    manifest.replicate.push_back(run % 5);
    cells.push_back(run % 2 == 1 ? "lstm" : "rnn");
    epochs.push_back(4 + run % 3);
    rates.push_back(0.001 * (run % 4));
    RunRecord record;
    if (run % 5 != 4) record = sample_run(seed * 1000 + run);
    if (run == 2) {
      record = RunRecord();
      record.state = RunState::kFailed;
      record.message = "out of memory";
    }
    results.runs.push_back(std::move(record));
  }
  manifest.settings = {{"cell", "model.cell", "", "kind of cell", std::move(cells)},
                       {"epochs", "train.epochs", "epochs", "passes over the data", std::move(epochs)},
                       {"lr", "train.lr", "1", "learning rate", std::move(rates)}};
  return results;
}

std::vector<std::pair<std::string, RunRecord>> records_of(const Results& results) {
  std::vector<std::pair<std::string, RunRecord>> records;
  for (std::size_t run = 0; run < results.runs.size(); ++run) {
    if (results.runs[run].state == RunState::kMissing) continue;
    records.emplace_back(results.manifest.run_ids[run], results.runs[run]);
  }
  return records;
}

std::string read_bytes(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

void write_bytes(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

void expect_same(const Manifest& a, const Manifest& b) {
  EXPECT_EQ(a.experiment, b.experiment);
  EXPECT_EQ(a.description, b.description);
  EXPECT_EQ(a.plan_hash, b.plan_hash);
  EXPECT_EQ(a.metric, b.metric);
  EXPECT_EQ(a.minimize, b.minimize);
  EXPECT_EQ(a.loss, b.loss);
  EXPECT_EQ(a.chance_rule, b.chance_rule);
  EXPECT_EQ(a.run_ids, b.run_ids);
  EXPECT_EQ(a.replicate, b.replicate);
  EXPECT_EQ(a.resolved_yaml, b.resolved_yaml);
  EXPECT_EQ(a.provenance, b.provenance);
  ASSERT_EQ(a.settings.size(), b.settings.size());
  for (std::size_t i = 0; i < a.settings.size(); ++i) {
    EXPECT_EQ(a.settings[i].name, b.settings[i].name);
    EXPECT_EQ(a.settings[i].key, b.settings[i].key);
    EXPECT_EQ(a.settings[i].unit, b.settings[i].unit);
    EXPECT_EQ(a.settings[i].description, b.settings[i].description);
    EXPECT_EQ(a.settings[i].values, b.settings[i].values) << a.settings[i].name;
  }
}

void expect_same(const RunRecord& a, const RunRecord& b) {
  EXPECT_EQ(a.state, b.state);
  EXPECT_EQ(a.message, b.message);
  EXPECT_EQ(a.epochs, b.epochs);
  EXPECT_EQ(a.lengths, b.lengths);
  EXPECT_EQ(a.blocks, b.blocks);
  EXPECT_EQ(a.classes, b.classes);
  EXPECT_EQ(a.sample, b.sample);
  EXPECT_EQ(a.weights, b.weights);
  for (const MetricInfo& metric : metrics()) {
    const std::vector<double>& x = a[metric.id];
    const std::vector<double>& y = b[metric.id];
    ASSERT_EQ(x.size(), y.size()) << metric.name;
    for (std::size_t i = 0; i < x.size(); ++i) {
      ASSERT_TRUE(x[i] == y[i] || (std::isnan(x[i]) && std::isnan(y[i])))
          << metric.name << "[" << i << "]: " << x[i] << " and " << y[i];
    }
  }
}

void expect_same(const Results& a, const Results& b) {
  expect_same(a.manifest, b.manifest);
  ASSERT_EQ(a.runs.size(), b.runs.size());
  for (std::size_t run = 0; run < a.runs.size(); ++run) {
    SCOPED_TRACE("run " + std::to_string(run));
    expect_same(a.runs[run], b.runs[run]);
  }
}

}  // namespace unroll
