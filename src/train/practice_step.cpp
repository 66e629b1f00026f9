#include "train/practice_step.h"

#include "base/rng.h"

namespace unroll {
namespace {

// So small that the net stays what it is: the numbers never become so good that they get tiny and slow.
constexpr double kRate = 1e-6;

}  // namespace

PracticeStep::PracticeStep(const ModelConfig& config, const OptimizerConfig& optimizer,
                           const ModelShape& shape, std::size_t batch)
    : model_(config, optimizer, shape, Seed{}) {
  const std::size_t scored = (shape.every_step ? shape.seq_len : 1) * batch;
  Rng rng(Seed{}, Purpose::kTrainData);
  batch_.batch = batch;
  batch_.seq_len = shape.seq_len;
  if (shape.symbols > 0) {
    codes_.resize(shape.seq_len * batch);
    for (std::int32_t& c : codes_) {
      c = static_cast<std::int32_t>(rng.below(static_cast<std::uint32_t>(shape.symbols)));
    }
    batch_.codes = codes_.data();
  } else {
    inputs_.resize(shape.seq_len * batch * shape.input_size);
    for (float& x : inputs_) x = static_cast<float>(rng.uniform(-1.0, 1.0));
    batch_.inputs = inputs_.data();
  }
  if (shape.loss == HeadLoss::kSoftmax) {
    classes_.resize(scored);
    for (std::int32_t& c : classes_) {
      c = static_cast<std::int32_t>(rng.below(static_cast<std::uint32_t>(shape.output_size)));
    }
    batch_.classes = classes_.data();
  } else {
    targets_.resize(scored * shape.output_size);
    for (float& t : targets_) t = rng.uniform() < 0.5 ? 0.0F : 1.0F;
    batch_.targets = targets_.data();
  }
}

void PracticeStep::run() {
  const BatchLoss loss = model_.gradient(batch_);
  model_.step(kRate);
  loss_ = loss.loss / static_cast<double>(loss.count);
}

}  // namespace unroll
