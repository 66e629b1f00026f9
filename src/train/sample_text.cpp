#include "train/sample_text.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "base/rng.h"
#include "data/utf8.h"

namespace unroll {
namespace {

std::vector<std::int32_t> opening(const TaskConfig& task, const Dataset& dataset) {
  if (task.prompt.empty()) {
    const auto first = dataset.test.codes.begin();
    return {first, first + static_cast<std::ptrdiff_t>(dataset.seq_len)};
  }
  std::vector<std::int32_t> codes;
  for (const char32_t c : decode_utf8(task.prompt, "task.prompt")) {
    const auto found = std::find(dataset.alphabet.begin(), dataset.alphabet.end(), c);
    codes.push_back(static_cast<std::int32_t>(found - dataset.alphabet.begin()));
  }
  return codes;
}

}  // namespace

std::size_t draw_symbol(std::span<const float> logits, double temperature, double uniform) {
  const auto best = std::max_element(logits.begin(), logits.end());
  const auto likeliest = static_cast<std::size_t>(best - logits.begin());
  if (temperature == 0.0) return likeliest;
  const double top = *best;
  const auto weight = [&](float logit) { return std::exp((double{logit} - top) / temperature); };
  double sum = 0.0;
  for (const float logit : logits) sum += weight(logit);
  double left = uniform * sum;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    left -= weight(logits[i]);
    if (left < 0.0) return i;
  }
  return likeliest;  // rounding has left something
}

std::string sample_text(const RunConfig& config, const ModelShape& shape, const Dataset& dataset,
                        const Model& model) {
  const TaskConfig& task = config.task;
  // A net of its own, so that to write or not makes no difference to the training.
  Model writer(config.model, config.train.optimizer, writer_shape(shape), config.seed);
  for (const std::string& name : model.parameter_names()) writer.set_parameter(name, model.parameter(name));
  const std::size_t drawn = dataset.symbols - (dataset.alphabet.back() == kUnknownCharacter ? 1 : 0);
  Rng rng(config.seed, Purpose::kText);
  std::int32_t code = 0;
  ModelBatch step;
  step.batch = 1;
  step.seq_len = 1;
  step.codes = &code;
  std::vector<float> logits;
  for (const std::int32_t read : opening(task, dataset)) {
    code = read;
    logits = writer.predict(step);
    step.continues = true;
  }
  std::string text = task.prompt;
  for (std::size_t n = 0; n < task.sample_length; ++n) {
    const std::span<const float> known = std::span<const float>(logits).first(drawn);
    code = static_cast<std::int32_t>(draw_symbol(known, task.temperature, rng.uniform()));
    append_utf8(text, dataset.alphabet[static_cast<std::size_t>(code)]);
    logits = writer.predict(step);
  }
  return text;
}

ModelShape writer_shape(ModelShape shape) {
  shape.seq_len = 1;
  shape.max_batch = 1;
  shape.carried = true;
  return shape;
}

double sample_steps(const TaskConfig& task) {
  if (task.sample_length == 0) return 0.0;
  const std::size_t opening =
      task.prompt.empty() ? task.seq_len : decode_utf8(task.prompt, "task.prompt").size();
  return static_cast<double>(opening + task.sample_length);
}

}  // namespace unroll
