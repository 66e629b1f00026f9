// The adding problem. Inputs are pairs (number, marker); the target is made of the two marked numbers.
//   arjovsky  numbers U[0, 1), one mark in each half, target their sum. Arjovsky, Shah, Bengio 2016,
//   section 5.2, and
//             the authors' generator: for an odd length the last step is never marked.
//   bai       numbers U[0, 1), two different places anywhere, target their sum. Bai, Kolter, Koltun 2018.
//   hs97      numbers U[-1, 1), first mark among the first ten pairs, second among the first T/2 - 1 pairs
//   that are
//             still unmarked, marker -1 at the first and the last pair, target 0.5 + (X1 + X2) / 4; if the
//             first pair is marked its number is zero. Hochreiter, Schmidhuber 1997, experiment 4. Ours has
//             the length T, theirs a random one between T and 1.1 T.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "data/generators.h"

namespace unroll {
namespace {

struct Marks {
  std::size_t first;
  std::size_t second;
};

// Two different places of [0, n).
Marks two_of(Rng& rng, std::size_t n_first, std::size_t n) {
  const std::size_t first = rng.below(static_cast<std::uint32_t>(n_first));
  const std::size_t second = rng.below(static_cast<std::uint32_t>(n - 1));
  return {first, second < first ? second : second + 1};
}

std::size_t hs97_reach(std::size_t seq_len) {
  return seq_len / 2 - 1;
}

std::size_t hs97_first_reach(std::size_t seq_len) {
  return std::min<std::size_t>(10, hs97_reach(seq_len));
}

void mark(const Sequence& out, Marks marks) {
  out.inputs[2 * marks.first + 1] = 1.0F;
  out.inputs[2 * marks.second + 1] = 1.0F;
}

float marked_sum(const Sequence& out, Marks marks) {
  return out.inputs[2 * marks.first] + out.inputs[2 * marks.second];
}

void numbers(Rng& rng, const Sequence& out, double low) {
  for (std::size_t i = 0; i < out.inputs.size(); i += 2) {
    out.inputs[i] = static_cast<float>(rng.uniform(low, 1.0));
  }
}

void generate_arjovsky(const TaskConfig& config, Rng& rng, const Sequence& out) {
  const std::size_t half = config.seq_len / 2;
  const auto place = [&] { return std::size_t{rng.below(static_cast<std::uint32_t>(half))}; };
  const std::size_t first = place();
  const Marks marks{first, half + place()};
  numbers(rng, out, 0.0);
  mark(out, marks);
  out.targets[0] = marked_sum(out, marks);
}

void generate_bai(const TaskConfig& config, Rng& rng, const Sequence& out) {
  const Marks marks = two_of(rng, config.seq_len, config.seq_len);
  numbers(rng, out, 0.0);
  mark(out, marks);
  out.targets[0] = marked_sum(out, marks);
}

void generate_hs97(const TaskConfig& config, Rng& rng, const Sequence& out) {
  const Marks marks = two_of(rng, hs97_first_reach(config.seq_len), hs97_reach(config.seq_len));
  numbers(rng, out, -1.0);
  out.inputs[1] = -1.0F;
  out.inputs[2 * config.seq_len - 1] = -1.0F;
  mark(out, marks);
  if (out.inputs[1] == 1.0F) out.inputs[0] = 0.0F;
  out.targets[0] = static_cast<float>(0.5 + marked_sum(out, marks) / 4.0);
}

// Mean squared error of the best constant, the mean: the variance of the target.
double chance_level(const TaskConfig& config) {
  if (config.form != "hs97") return 2.0 / 12.0;
  // The first pair is marked first, or second if it was not; then one of the two numbers is zero.
  const auto reach = static_cast<double>(hs97_reach(config.seq_len));
  const double marked_first = 1.0 / static_cast<double>(hs97_first_reach(config.seq_len));
  const double zeroed = marked_first + (1.0 - marked_first) / (reach - 1.0);
  return (2.0 - zeroed) / 3.0 / 16.0;
}

}  // namespace

void resolve_adding(TaskConfig& config) {
  const std::size_t shortest = config.form == "hs97" ? 6 : 2;
  if (config.seq_len < shortest) {
    throw UsageError("task.seq_len", fmt::format("the {} form of adding needs at least {} steps, not {}",
                                                 config.form, shortest, config.seq_len));
  }
  check_sizes(config, static_cast<double>(config.seq_len));
}

TaskShape adding_shape(const TaskConfig& config) {
  TaskShape shape;
  shape.seq_len = config.seq_len;
  shape.input_size = 2;
  shape.output_size = 1;
  return with_sizes(shape, config);
}

Dataset make_adding(const TaskConfig& config, Seed seed) {
  const double level = chance_level(config);
  const Generator generate = config.form == "hs97"  ? generate_hs97
                             : config.form == "bai" ? generate_bai
                                                    : generate_arjovsky;
  return make_synthetic(config, adding_shape(config), seed, generate, {level, level, {}});
}

}  // namespace unroll
