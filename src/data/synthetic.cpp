#include <fmt/format.h>

#include <array>
#include <limits>
#include <utility>

#include "base/error.h"
#include "data/generators.h"

namespace unroll {
namespace {

Part make_part(const TaskConfig& config, const TaskShape& shape, Seed seed, Purpose purpose,
               std::size_t sequences, Generator generate) {
  const std::size_t scored = shape.every_step ? shape.seq_len : 1;
  const std::size_t in = shape.seq_len * shape.input_size;
  const std::size_t out = shape.loss == Loss::kSoftmax ? 0 : scored * shape.output_size;
  const std::size_t labels = shape.loss == Loss::kSoftmax ? scored : 0;
  Part part{std::vector<float>(sequences * in), std::vector<std::uint32_t>(sequences),
            std::vector<float>(sequences * out), std::vector<std::int32_t>(sequences * labels),
            std::vector<std::uint32_t>(sequences)};
  for (std::size_t n = 0; n < sequences; ++n) {
    part.start[n] = static_cast<std::uint32_t>(n * shape.seq_len);
    part.target_start[n] = static_cast<std::uint32_t>(n * scored);
    Rng rng(seed, purpose, static_cast<std::uint32_t>(n));
    generate(config, rng,
             {std::span(part.inputs).subspan(n * in, in), std::span(part.targets).subspan(n * out, out),
              std::span(part.classes).subspan(n * labels, labels)});
  }
  return part;
}

}  // namespace

std::size_t part_bytes(const TaskShape& shape, std::size_t input_rows, std::size_t sequences,
                       std::size_t target_rows) {
  const std::size_t input_row = shape.symbols > 0 ? sizeof(std::int32_t) : shape.input_size * sizeof(float);
  const std::size_t target_row =
      shape.loss == Loss::kSoftmax ? sizeof(std::int32_t) : shape.output_size * sizeof(float);
  return input_rows * input_row + target_rows * target_row +
         (shape.unequal ? 3 : 2) * sequences * sizeof(std::uint32_t);
}

Dataset empty_dataset(const TaskShape& shape) {
  Dataset data;
  data.seq_len = shape.seq_len;
  data.input_size = shape.input_size;
  data.output_size = shape.output_size;
  data.loss = shape.loss;
  data.every_step = shape.every_step;
  data.symbols = shape.symbols;
  data.carried = shape.carried;
  return data;
}

void check_normalize(const TaskConfig& config) {
  if (config.normalize != "zscore" && config.normalize != "minmax" && config.normalize != "none") {
    throw UsageError("task.normalize", fmt::format("there is no normalisation '{}'", config.normalize),
                     "choose one of: zscore, minmax, none");
  }
}

void check_sizes(const TaskConfig& config, double steps) {
  constexpr double kMost = std::numeric_limits<std::uint32_t>::max();
  const std::array<std::pair<const char*, std::size_t>, 3> sizes = {{{"task.train_size", config.train_size},
                                                                     {"task.valid_size", config.valid_size},
                                                                     {"task.test_size", config.test_size}}};
  for (const auto& [key, size] : sizes) {
    if (size == 0) throw UsageError(key, "must be at least 1");
    if (static_cast<double>(size) * steps > kMost) {
      throw UsageError(key, fmt::format("{} sequences of {:.0f} steps are more than 2^32 steps", size, steps),
                       "use fewer or shorter sequences");
    }
  }
}

TaskShape with_sizes(TaskShape shape, const TaskConfig& config) {
  shape.train_size = config.train_size;
  shape.valid_size = config.valid_size;
  shape.test_size = config.test_size;
  const std::size_t sequences = config.train_size + config.valid_size + config.test_size;
  shape.bytes = part_bytes(shape, sequences * shape.seq_len, sequences,
                           sequences * (shape.every_step ? shape.seq_len : 1));
  return shape;
}

Dataset make_synthetic(const TaskConfig& config, const TaskShape& shape, Seed seed, Generator generate,
                       Chance chance) {
  Dataset data = empty_dataset(shape);
  data.chance = std::move(chance);
  data.train = make_part(config, shape, seed, Purpose::kTrainData, shape.train_size, generate);
  data.valid = make_part(config, shape, seed, Purpose::kValidData, shape.valid_size, generate);
  data.test = make_part(config, shape, seed, Purpose::kTestData, shape.test_size, generate);
  return data;
}

}  // namespace unroll
