// The copy memory task: ten symbols out of eight, a delay, then the symbols are asked for. T = seq_len is the
// delay, a sequence has T + 20 steps: 10 symbols (1..8), T - 1 blanks (0), the delimiter (9), 10 more steps.
// The target is 0 for T + 10 steps, then the ten symbols.
//   arjovsky  one-hot inputs of 10, 9 classes, one delimiter followed by blanks. Arjovsky, Shah, Bengio 2016,
//             section 5.1, and the authors' generator.
//   bai       the digit as one number, 10 classes, eleven delimiters. Bai, Kolter, Koltun 2018, and their
//   generator.
#include <fmt/format.h>

#include <cmath>

#include "base/error.h"
#include "data/generators.h"

namespace unroll {
namespace {

constexpr std::size_t kSymbols = 10;
constexpr std::uint32_t kAlphabet = 8;
constexpr int kDelimiter = 9;

template <typename Write>
void generate(const TaskConfig& config, Rng& rng, const Sequence& out, std::size_t delimiters, Write write) {
  const std::size_t asked = config.seq_len + kSymbols;  // first step whose target is a symbol
  for (std::size_t t = 0; t < asked + kSymbols; ++t) write(t, 0);
  for (std::size_t i = 0; i < kSymbols; ++i) {
    const int symbol = 1 + static_cast<int>(rng.below(kAlphabet));
    write(i, symbol);
    out.classes[asked + i] = symbol;
  }
  for (std::size_t i = 0; i < delimiters; ++i) write(asked - 1 + i, kDelimiter);
}

void generate_arjovsky(const TaskConfig& config, Rng& rng, const Sequence& out) {
  generate(config, rng, out, 1, [&](std::size_t t, int digit) {
    for (int d = 0; d <= kDelimiter; ++d)
      out.inputs[t * 10 + static_cast<std::size_t>(d)] = d == digit ? 1.0F : 0.0F;
  });
}

void generate_bai(const TaskConfig& config, Rng& rng, const Sequence& out) {
  generate(config, rng, out, kSymbols + 1,
           [&](std::size_t t, int digit) { out.inputs[t] = static_cast<float>(digit); });
}

}  // namespace

void resolve_copy(TaskConfig& config) {
  if (config.seq_len < 1) throw UsageError("task.seq_len", "the delay of copy must be at least 1 step");
  check_sizes(config, static_cast<double>(config.seq_len) + 2.0 * kSymbols);
}

TaskShape copy_shape(const TaskConfig& config) {
  const bool bai = config.form == "bai";
  TaskShape shape;
  shape.seq_len = config.seq_len + 2 * kSymbols;
  shape.input_size = bai ? 1 : 10;
  shape.output_size = bai ? 10 : 9;
  shape.loss = Loss::kSoftmax;
  shape.every_step = true;
  return with_sizes(shape, config);
}

Dataset make_copy(const TaskConfig& config, Seed seed) {
  const double level =
      kSymbols * std::log(double{kAlphabet}) / static_cast<double>(config.seq_len + 2 * kSymbols);
  // The blanks, and one in eight of the symbols.
  const double right =
      1.0 - kSymbols * (1.0 - 1.0 / kAlphabet) / static_cast<double>(config.seq_len + 2 * kSymbols);
  const Generator generate = config.form == "bai" ? generate_bai : generate_arjovsky;
  return make_synthetic(config, copy_shape(config), seed, generate, {level, level, {}, right, right});
}

}  // namespace unroll
