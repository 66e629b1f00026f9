#include "cli/bench_points.h"

#include <fmt/format.h>

#include <charconv>
#include <sstream>
#include <system_error>

#include "base/error.h"
#include "base/suggest.h"
#include "cli/quantity.h"
#include "nn/cells.h"
#include "sched/scheduler.h"

namespace unroll {
namespace {

constexpr std::size_t kHidden[] = {16, 32, 64, 128, 256, 512};
constexpr std::size_t kBatch[] = {1, 16, 32, 128};
constexpr std::size_t kSeqLen[] = {50, 200};
constexpr std::size_t kLargest = 65536;  // of every number of a point

UsageError bad_point(const std::string& word, const std::string& why) {
  return {"--points", fmt::format("'{}': {}", word, why), "a point is CELL:HIDDEN:BATCH:STEPS[:one|many]"};
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

std::size_t parse_size(const std::string& word, const std::string& text) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 1 || value > kLargest)
    throw bad_point(word, fmt::format("'{}' is no whole number from 1 to {}", text, kLargest));
  return value;
}

BenchPoint parse_point(const std::string& word) {
  const std::vector<std::string> parts = split(word, ':');
  if (parts.size() != 4 && parts.size() != 5) throw bad_point(word, "4 or 5 parts are needed");
  BenchPoint point;
  point.cell = parts[0];
  if (find_cell(point.cell) == nullptr) {
    std::vector<std::string> names;
    for (const CellInfo& cell : cells()) names.emplace_back(cell.name);
    throw UsageError("--points", fmt::format("unknown cell '{}'", point.cell),
                     fmt::format("one of: {}", fmt::join(names, ", ")));
  }
  point.hidden = parse_size(word, parts[1]);
  point.batch = parse_size(word, parts[2]);
  point.seq_len = parse_size(word, parts[3]);
  if (parts.size() == 5) {
    if (parts[4] != "one" && parts[4] != "many") throw bad_point(word, "the head is 'one' or 'many'");
    point.every_step = parts[4] == "many";
  }
  const std::size_t bytes = Model::bytes(point.model(), bench_optimizer(), point.shape());
  if (bytes > available_memory())
    throw bad_point(word, fmt::format("needs {} of memory", bytes_text(static_cast<double>(bytes))));
  return point;
}

}  // namespace

std::string BenchPoint::text() const {
  return fmt::format("{}:{}:{}:{}:{}", cell, hidden, batch, seq_len, head());
}

ModelConfig BenchPoint::model() const {
  ModelConfig config;
  config.cell = cell;
  config.hidden = hidden;
  return config;
}

ModelShape BenchPoint::shape() const {
  ModelShape shape;
  shape.input_size = every_step ? 64 : 1;
  shape.output_size = every_step ? 65 : 1;
  shape.seq_len = seq_len;
  shape.max_batch = batch;
  shape.loss = every_step ? HeadLoss::kSoftmax : HeadLoss::kMse;
  shape.every_step = every_step;
  return shape;
}

double BenchPoint::flops() const {
  const ModelShape s = shape();
  const double per_step = 3.0 * cell_flops(*find_cell(cell), s.input_size, hidden) +
                          (every_step ? 6.0 * static_cast<double>(hidden * s.output_size) : 0.0);
  return static_cast<double>(batch * seq_len) * per_step;
}

std::vector<BenchPoint> parse_points(const std::string& text) {
  std::vector<BenchPoint> points;
  for (const std::string& word : split(text, ',')) points.push_back(parse_point(word));
  if (points.empty()) throw bad_point(text, "no point");
  return points;
}

std::vector<BenchPoint> all_points() {
  std::vector<BenchPoint> points;
  for (const bool every_step : {false, true}) {
    for (const CellInfo& cell : cells()) {
      for (const std::size_t hidden : kHidden) {
        for (const std::size_t seq_len : kSeqLen) {
          for (const std::size_t batch : kBatch)
            points.push_back({std::string(cell.name), hidden, batch, seq_len, every_step});
        }
      }
    }
  }
  return points;
}

std::vector<BenchPoint> quick_points() {
  std::vector<BenchPoint> points;
  for (const CellInfo& cell : cells()) {
    for (const std::size_t hidden : {16, 64, 256})
      points.push_back({std::string(cell.name), hidden, 32, 50, false});
  }
  for (const std::size_t batch : {1, 128}) points.push_back({"lstm", 64, batch, 50, false});
  points.push_back({"lstm", 64, 32, 200, false});
  points.push_back({"lstm", 64, 32, 50, true});
  return points;
}

OptimizerConfig bench_optimizer() {
  OptimizerConfig config;
  config.optimizer = "adam";
  config.clip_norm = 1.0;
  return config;
}

}  // namespace unroll
