// Nothing to learn: independent numbers U[0, 1), and windows of T of them whose target is the next one. A
// part of N windows is one series of N + T numbers, so 90 windows of 10 steps are made of 100 numbers. No net
// can do better than the mean 1/2, whose expected loss is the variance 1/12: what is below it on the training
// part was learnt by heart.
#include <limits>
#include <numeric>

#include "base/error.h"
#include "data/generators.h"

namespace unroll {
namespace {

Part make_part(const TaskConfig& config, Seed seed, Purpose purpose, std::size_t windows) {
  Rng rng(seed, purpose);
  Part part;
  part.inputs.resize(windows + config.seq_len - 1);
  part.targets.resize(windows);
  const auto next = [&] { return static_cast<float>(rng.uniform()); };
  for (float& x : part.inputs) x = next();
  // The target of window n is the number after its last one, which is input n + T but for the last window.
  for (std::size_t n = 0; n + 1 < windows; ++n) part.targets[n] = part.inputs[n + config.seq_len];
  part.targets.back() = next();
  part.start.resize(windows);
  std::iota(part.start.begin(), part.start.end(), 0U);
  part.target_start = part.start;
  return part;
}

}  // namespace

void resolve_random(TaskConfig& config) {
  if (config.seq_len < 1) throw UsageError("task.seq_len", "must be at least 1");
  if (config.seq_len > std::numeric_limits<std::uint32_t>::max()) {
    throw UsageError("task.seq_len", "a window may have at most 2^32 - 1 steps");
  }
  check_sizes(config, 2.0);
}

TaskShape random_shape(const TaskConfig& config) {
  TaskShape shape;
  shape.seq_len = config.seq_len;
  shape.input_size = 1;
  shape.output_size = 1;
  shape.train_size = config.train_size;
  shape.valid_size = config.valid_size;
  shape.test_size = config.test_size;
  for (const std::size_t size : {shape.train_size, shape.valid_size, shape.test_size}) {
    shape.bytes += part_bytes(shape, size + config.seq_len - 1, size, size);
  }
  return shape;
}

Dataset make_random(const TaskConfig& config, Seed seed) {
  Dataset data = empty_dataset(random_shape(config));
  data.train = make_part(config, seed, Purpose::kTrainData, config.train_size);
  data.valid = make_part(config, seed, Purpose::kValidData, config.valid_size);
  data.test = make_part(config, seed, Purpose::kTestData, config.test_size);
  data.chance = {1.0 / 12.0, 1.0 / 12.0, {}};
  return data;
}

}  // namespace unroll
