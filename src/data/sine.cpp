// Noisy sines, one step ahead at every step: x(t) = sin(2 pi f t + p) + noise * N(0, 1), the target of step t
// is x(t + 1). Frequency f is U[1/40, 1/10) cycles for a step and phase p is uniform, both drawn anew for
// each sequence, so the net has to find them while it reads. The noise of the target cannot be predicted: no
// loss is below noise^2.
#include <cmath>
#include <numbers>

#include "base/error.h"
#include "data/generators.h"

namespace unroll {
namespace {

constexpr double kLowest = 1.0 / 40.0;
constexpr double kHighest = 1.0 / 10.0;
constexpr double kTurn = 2.0 * std::numbers::pi;

void generate(const TaskConfig& config, Rng& rng, const Sequence& out) {
  const double step = kTurn * rng.uniform(kLowest, kHighest);
  const double phase = kTurn * rng.uniform();
  for (std::size_t t = 0; t <= config.seq_len; ++t) {
    const double noise = config.noise == 0.0 ? 0.0 : config.noise * rng.normal();
    const auto x = static_cast<float>(std::sin(step * static_cast<double>(t) + phase) + noise);
    if (t < config.seq_len) out.inputs[t] = x;
    if (t > 0) out.targets[t - 1] = x;
  }
}

// E (x(t+1) - x(t))^2 = 2 noise^2 + 1 - E cos(2 pi f), over the uniform frequency.
double persistence(double noise) {
  const double mean_cos =
      (std::sin(kTurn * kHighest) - std::sin(kTurn * kLowest)) / (kTurn * (kHighest - kLowest));
  return 2.0 * noise * noise + 1.0 - mean_cos;
}

}  // namespace

void resolve_sine(TaskConfig& config) {
  if (config.seq_len < 1) throw UsageError("task.seq_len", "must be at least 1");
  if (!(config.noise >= 0.0 && config.noise <= 1e6)) {
    throw UsageError("task.noise", "the standard deviation of the noise must be between 0 and 1e6");
  }
  check_sizes(config, static_cast<double>(config.seq_len));
}

TaskShape sine_shape(const TaskConfig& config) {
  TaskShape shape;
  shape.seq_len = config.seq_len;
  shape.input_size = 1;
  shape.output_size = 1;
  shape.every_step = true;
  return with_sizes(shape, config);
}

Dataset make_sine(const TaskConfig& config, Seed seed) {
  const double level = persistence(config.noise);
  return make_synthetic(config, sine_shape(config), seed, generate, {level, level, {}});
}

}  // namespace unroll
