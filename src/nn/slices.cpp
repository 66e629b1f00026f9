#include "nn/slices.h"

#include <algorithm>

#include "base/error.h"
#include "nn/cells.h"
#include "nn/lookup.h"
#include "nn/plan.h"

namespace unroll {
namespace {

// Measured on AVX2, hidden 32 to 512, 50 and 200 steps: see tests/bench/README.md.
constexpr std::size_t kTile = 6;                           // rows that register tiles of all targets divide
constexpr std::size_t kStateBytes = std::size_t{3} << 20;  // of a slice, if it is wide enough then

// The fewest sequences of a slice. The more weights each step has to take from afar, the more sequences must
// share them; narrow slices are what idle workers can share.
std::size_t fewest_sequences(std::size_t weight_bytes) {
  if (weight_bytes <= std::size_t{128} * 1024) return 2 * kTile;
  return weight_bytes <= kLargeBytes ? 3 * kTile : 32;
}

// The most sequences of a slice. No batch has a say in it, so that where one is cut does not depend on
// others.
std::size_t most_sequences(const ModelConfig& config, const ModelShape& shape) {
  const CellInfo& cell = lookup(cells(), "model.cell", config.cell);
  constexpr std::size_t kStates = 3;  // h, c and tanh(c)
  const std::size_t state = sizeof(float) * shape.seq_len * config.hidden * config.layers *
                            (config.bidirectional ? 2 : 1) * (cell.saved_gates + kStates);
  const std::size_t fit = kStateBytes / std::max<std::size_t>(1, state);
  return std::max(fewest_sequences(recurrent_bytes(cell, config.hidden)), simd::round_up(fit, kTile));
}

std::size_t inputs_per_step(const ModelShape& shape) {
  return shape.symbols > 0 ? 0 : shape.input_size;
}
std::size_t targets_per_step(const ModelShape& shape) {
  return shape.loss == HeadLoss::kSoftmax ? 0 : shape.output_size;
}

// How many numbers of a slice are copies.
struct Copied {
  std::size_t inputs = 0;
  std::size_t codes = 0;
  std::size_t targets = 0;
  std::size_t classes = 0;
};

Copied copied(const ModelShape& shape, const ModelShape& slice) {
  Copied sizes;
  if (slice.max_batch == shape.max_batch) return sizes;
  const std::size_t rows = shape.seq_len * slice.max_batch;
  sizes.inputs = rows * inputs_per_step(shape);
  if (sizes.inputs == 0) sizes.codes = rows;
  if (!shape.every_step) return sizes;
  sizes.targets = rows * targets_per_step(shape);
  if (sizes.targets == 0) sizes.classes = rows;
  return sizes;
}

// Sequences first .. first + width of rows of `values` numbers at each of `steps` steps.
template <typename T>
const T* gather(const T* from, std::size_t steps, std::size_t batch, std::size_t first, std::size_t width,
                std::size_t values, std::vector<T>& to) {
  for (std::size_t t = 0; t < steps; ++t) {
    std::copy_n(from + (t * batch + first) * values, width * values, to.data() + t * width * values);
  }
  return to.data();
}

}  // namespace

ModelShape slice_shape(const ModelConfig& config, const ModelShape& shape) {
  ModelShape slice = shape;
  slice.max_batch = std::min(shape.max_batch, most_sequences(config, shape));
  return slice;
}

Slices::Slices(const ModelShape& shape, const ModelShape& slice)
    : max_batch_(shape.max_batch),
      width_(slice.max_batch),
      inputs_per_step_(inputs_per_step(shape)),
      targets_per_step_(targets_per_step(shape)),
      every_step_(shape.every_step) {
  const Copied sizes = copied(shape, slice);
  inputs_.resize(sizes.inputs);
  codes_.resize(sizes.codes);
  targets_.resize(sizes.targets);
  classes_.resize(sizes.classes);
}

std::size_t Slices::bytes(const ModelShape& shape, const ModelShape& slice) {
  const Copied sizes = copied(shape, slice);
  return sizeof(float) * (sizes.inputs + sizes.targets) +
         sizeof(std::int32_t) * (sizes.codes + sizes.classes);
}

std::size_t Slices::count(const ModelBatch& batch) const {
  UNROLL_CHECK(batch.batch > 0 && batch.batch <= max_batch_, "batch is wider than the model");
  return (batch.batch + width_ - 1) / width_;
}

std::size_t Slices::first(const ModelBatch& batch, std::size_t slice) const {
  const std::size_t slices = count(batch);
  const std::size_t width = simd::round_up((batch.batch + slices - 1) / slices, kTile);
  return std::min(batch.batch, slice * std::min(width, width_));
}

ModelBatch Slices::take(const ModelBatch& batch, std::size_t slice) {
  if (count(batch) == 1) return batch;
  const std::size_t from = first(batch, slice);
  ModelBatch part = batch;
  part.batch = first(batch, slice + 1) - from;
  part.first = from;
  const auto cut = [&](const auto* all, std::size_t steps, std::size_t values, auto& to) {
    return all == nullptr ? all : gather(all, steps, batch.batch, from, part.batch, values, to);
  };
  part.inputs = cut(batch.inputs, batch.seq_len, inputs_per_step_, inputs_);
  part.codes = cut(batch.codes, batch.seq_len, 1, codes_);
  if (batch.lengths != nullptr) part.lengths = batch.lengths + from;
  if (every_step_) {
    part.targets = cut(batch.targets, batch.seq_len, targets_per_step_, targets_);
    part.classes = cut(batch.classes, batch.seq_len, 1, classes_);
  } else {
    if (batch.targets != nullptr) part.targets = batch.targets + from * targets_per_step_;
    if (batch.classes != nullptr) part.classes = batch.classes + from;
  }
  return part;
}

}  // namespace unroll
