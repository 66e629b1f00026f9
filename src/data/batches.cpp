#include "data/batches.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/error.h"

namespace unroll {
namespace {

std::size_t steps_scored(bool every_step, std::size_t seq_len) {
  return every_step ? seq_len : 1;
}

// rows[start[n] ..] of `steps` rows of `width` values -> out[steps, batch, width]
template <typename T>
void gather(const std::vector<T>& rows, const std::vector<std::uint32_t>& start,
            std::span<const std::uint32_t> order, std::size_t steps, std::size_t width, std::vector<T>& out) {
  const std::size_t batch = order.size();
  for (std::size_t b = 0; b < batch; ++b) {
    const T* from = rows.data() + std::size_t{start[order[b]]} * width;
    T* to = out.data() + b * width;
    for (std::size_t t = 0; t < steps; ++t, from += width, to += batch * width) std::copy_n(from, width, to);
  }
}

}  // namespace

BatchReader::BatchReader(const Dataset& dataset, const Part& part, std::size_t max_batch)
    : dataset_(dataset),
      part_(part),
      max_batch_(std::min(max_batch, part.size())),
      carries_(dataset.carried),
      order_(part.size()) {
  UNROLL_CHECK(max_batch_ > 0, "a batch and a part need at least one sequence");
  std::iota(order_.begin(), order_.end(), 0U);
  if (dataset.carried) order_streams();
  const std::size_t scored = max_batch_ * steps_scored(dataset.every_step, dataset.seq_len);
  if (dataset.symbols > 0) {
    codes_.resize(max_batch_ * dataset.seq_len);
  } else {
    inputs_.resize(max_batch_ * dataset.seq_len * dataset.input_size);
  }
  if (!part.length.empty()) lengths_.resize(max_batch_);
  if (dataset.loss == Loss::kSoftmax) {
    classes_.resize(scored);
  } else {
    targets_.resize(scored * dataset.output_size);
  }
}

std::size_t BatchReader::batches() const {
  return (part_.size() + max_batch_ - 1) / max_batch_;
}

void BatchReader::order_streams() {
  const std::size_t length = part_.size() / max_batch_;
  const std::size_t longer = part_.size() % max_batch_;
  for (std::size_t i = 0; i < order_.size(); ++i) {
    const std::size_t stream = i % max_batch_;
    order_[i] = static_cast<std::uint32_t>(stream * length + std::min(stream, longer) + i / max_batch_);
  }
}

void BatchReader::shuffle(Seed seed, std::uint32_t epoch, Purpose purpose) {
  if (dataset_.carried) return;
  // From the identity each time: the order may not depend on the epochs before.
  std::iota(order_.begin(), order_.end(), 0U);
  Rng rng(seed, purpose, epoch);
  for (std::size_t i = order_.size(); i > 1; --i) {
    std::swap(order_[i - 1], order_[rng.below(static_cast<std::uint32_t>(i))]);
  }
}

BatchReader BatchReader::in_parts(std::size_t max_batch) const {
  BatchReader parts(dataset_, part_, max_batch);
  parts.order_ = order_;
  parts.carries_ = false;
  return parts;
}

BatchView BatchReader::read(std::size_t index) {
  UNROLL_CHECK(index < batches(), "batch index out of range");
  const std::size_t first = index * max_batch_;
  const auto order = std::span(order_).subspan(first, std::min(max_batch_, order_.size() - first));
  if (!part_.length.empty()) {
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
      return std::pair(part_.length[b], a) < std::pair(part_.length[a], b);
    });
  }
  const std::size_t scored = steps_scored(dataset_.every_step, dataset_.seq_len);
  BatchView view;
  view.batch = order.size();
  view.seq_len = dataset_.seq_len;
  view.continues = carries_ && index > 0;
  if (dataset_.symbols > 0) {
    gather(part_.codes, part_.start, order, dataset_.seq_len, 1, codes_);
    view.codes = codes_.data();
  } else {
    gather(part_.inputs, part_.start, order, dataset_.seq_len, dataset_.input_size, inputs_);
    view.inputs = inputs_.data();
  }
  if (!part_.length.empty()) {
    std::transform(order.begin(), order.end(), lengths_.begin(),
                   [&](std::uint32_t n) { return part_.length[n]; });
    view.lengths = lengths_.data();
  }
  if (dataset_.loss == Loss::kSoftmax) {
    gather(part_.classes, part_.target_start, order, scored, 1, classes_);
    view.classes = classes_.data();
  } else {
    gather(part_.targets, part_.target_start, order, scored, dataset_.output_size, targets_);
    view.targets = targets_.data();
  }
  return view;
}

std::size_t BatchReader::bytes(const TaskShape& shape, std::size_t part_size, std::size_t max_batch) {
  const std::size_t batch = std::min(max_batch, part_size);
  const std::size_t scored = batch * steps_scored(shape.every_step, shape.seq_len);
  const std::size_t target =
      shape.loss == Loss::kSoftmax ? sizeof(std::int32_t) : shape.output_size * sizeof(float);
  const std::size_t input = shape.symbols > 0 ? sizeof(std::int32_t) : shape.input_size * sizeof(float);
  return (part_size + (shape.unequal ? batch : 0)) * sizeof(std::uint32_t) + batch * shape.seq_len * input +
         scored * target;
}

}  // namespace unroll
