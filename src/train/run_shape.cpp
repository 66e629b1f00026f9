#include "train/run_shape.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "data/batches.h"
#include "nn/cells.h"
#include "train/diagnostics.h"
#include "train/gate_statistics.h"
#include "train/sample_text.h"
#include "train/spectrum.h"
#include "train/trainer.h"

namespace unroll {
namespace {

// The kernels run at full speed at this width; a wider batch only costs memory.
constexpr std::size_t kEvalBatch = 64;
// Hidden states (steps x batch x units x layers) up to which a batch of evaluation may be wider than one of
// training.
constexpr double kEvalStates = 1 << 20;
// Where the state is carried on, a batch is as many streams, each of which starts from no state. That costs
// it its first steps, so streams are long.
constexpr std::size_t kStreamSteps = 4096;
constexpr std::size_t kMostStreams = 16;

HeadLoss head_loss(Loss loss) {
  switch (loss) {
    case Loss::kMse:
      return HeadLoss::kMse;
    case Loss::kSoftmax:
      return HeadLoss::kSoftmax;
    case Loss::kSigmoid:
      return HeadLoss::kSigmoid;
  }
  return HeadLoss::kMse;
}

void need(bool holds, const char* key) {
  if (!holds) throw UsageError(key, "must be at least 1");
}

// Of a part of `size` sequences. The number of streams follows from the data alone: nets are judged alike.
std::size_t eval_batch(const RunConfig& config, const RunShape& shape, std::size_t size) {
  if (shape.task.carried)
    return std::min(size, std::clamp(size * shape.task.seq_len / kStreamSteps, std::size_t{1}, kMostStreams));
  const double states = static_cast<double>(shape.task.seq_len) * static_cast<double>(config.model.hidden) *
                        static_cast<double>(config.model.layers);
  const bool fits = states * kEvalBatch <= kEvalStates;
  return std::min(std::max(shape.batch, fits ? kEvalBatch : 0), size);
}

// Of so many sequences of the mean length.
ModelFlops flops_of(const RunConfig& config, const RunShape& shape, std::size_t sequences) {
  const auto count = static_cast<double>(sequences);
  return Model::flops(config.model, shape.model, count, std::round(count * shape.task.mean_steps));
}

// Of the arrays of the record: those of every run, by epoch, and those of GradientLog.
std::size_t record_bytes(const RunConfig& config, const RunShape& shape) {
  constexpr std::size_t kEpochArrays = 7;
  std::size_t numbers = config.train.epochs * kEpochArrays;
  for (const Metric metric : gradient_metrics(config)) {
    std::size_t size = 1;
    for (const Dim dim : metric_info(metric).dims) {
      size *= dim == Dim::kEpoch   ? config.train.epochs
              : dim == Dim::kBlock ? Model::block_count(config.model, shape.model)
                                   : record_length(dim, config, shape);
    }
    numbers += size;
  }
  return sizeof(double) * numbers;
}

// Of finding the spectrum of the recurrent weights of every gate, which is by far in products of matrices.
double spectrum_flops(const RunConfig& config) {
  const auto units = static_cast<double>(config.model.hidden);
  const auto matrices = static_cast<double>(config.model.layers * find_cell(config.model.cell)->gates.size());
  return matrices * kSpectralProducts * 2.0 * units * units * units;
}

}  // namespace

RunShape run_shape(const RunConfig& config) {
  need(config.train.epochs > 0, "train.epochs");
  need(config.train.batch > 0, "train.batch");
  need(config.record.every > 0, "record.every");
  need(config.record.probe_batch > 0, "record.probe_batch");
  if (config.train.warmup >= static_cast<double>(config.train.epochs)) {
    throw UsageError("train.warmup", "leaves no epoch for the rest of the training",
                     "use a warm-up shorter than train.epochs");
  }
  RunShape shape;
  shape.task = task_shape(config.task);
  shape.batch = std::min(config.train.batch, shape.task.train_size);
  shape.valid_batch = eval_batch(config, shape, shape.task.valid_size);
  shape.test_batch = eval_batch(config, shape, shape.task.test_size);
  if (probes(config.record)) shape.probe_batch = std::min(config.record.probe_batch, shape.task.train_size);
  if (wants(config.record, "noise") && shape.probe_batch > 1)
    shape.quarter_batch = std::max<std::size_t>(1, shape.probe_batch / 4);
  if (config.model.embedding > 0 && shape.task.symbols == 0) {
    throw UsageError("model.embedding", "the task " + config.task.type + " has numbers, not symbols",
                     "leave it out, or use a task of symbols");
  }
  if (config.model.bidirectional && shape.task.symbols > 0 && shape.task.every_step) {
    throw UsageError("model.bidirectional",
                     "a net that reads the text from both ends sees the characters it predicts",
                     "leave it out: its loss would say nothing");
  }
  // Symbols are read through a table, or one-hot.
  const bool embeds = shape.task.symbols > 0 && config.model.embedding > 0;
  shape.model.input_size = embeds                   ? config.model.embedding
                           : shape.task.symbols > 0 ? shape.task.symbols
                                                    : shape.task.input_size;
  shape.model.symbols = shape.task.symbols;
  shape.model.lengths = shape.task.unequal;
  shape.model.carried = shape.task.carried;
  shape.model.output_size = shape.task.output_size;
  shape.model.seq_len = shape.task.seq_len;
  shape.model.max_batch = std::max({shape.batch, shape.valid_batch, shape.test_batch, shape.probe_batch});
  shape.model.loss = head_loss(shape.task.loss);
  shape.model.every_step = shape.task.every_step;
  return shape;
}

double epoch_flops(const RunConfig& config, const RunShape& shape) {
  return flops_of(config, shape, shape.task.train_size).step +
         flops_of(config, shape, shape.task.valid_size).forward;
}

double test_flops(const RunConfig& config, const RunShape& shape) {
  const double written = sample_steps(config.task);
  return flops_of(config, shape, shape.task.test_size).forward +
         Model::flops(config.model, writer_shape(shape.model), written, written).forward;
}

double probe_flops(const RunConfig& config, const RunShape& shape) {
  if (shape.probe_batch == 0) return 0.0;
  const ModelFlops probe = flops_of(config, shape, shape.probe_batch);
  double flops = 0.0;
  // Without the gradients of the weights.
  if (config.record.hidden_gradients) flops += probe.step - probe.forward;
  if (wants(config.record, "lyapunov")) flops += probe.step - probe.forward;
  if (wants(config.record, "gates") || wants(config.record, "gate_histogram")) flops += probe.forward;
  if (wants(config.record, "noise")) flops += 2.0 * probe.step;
  if (wants(config.record, "spectrum")) flops += spectrum_flops(config);
  return flops;
}

std::size_t record_length(Dim dim, const RunConfig& config, const RunShape& shape) {
  switch (dim) {
    case Dim::kProbe:
      return std::size(kProbeNames);
    case Dim::kLayer:
      return config.model.layers;
    case Dim::kLag:
      return shape.task.seq_len;
    case Dim::kGate:
      return gate_names().size();
    case Dim::kBin:
      return kGateBins;
    default:
      UNROLL_CHECK(false, "GradientLog records nothing along this axis");
  }
  return 0;
}

RunEstimate estimate_run(const RunConfig& config) {
  const RunShape shape = run_shape(config);
  RunEstimate estimate;
  estimate.params = Model::parameters(config.model, shape.model);
  estimate.flops = static_cast<double>(config.train.epochs) * epoch_flops(config, shape) +
                   test_flops(config, shape) +
                   static_cast<double>(std::size(kProbeNames)) * probe_flops(config, shape);
  const TaskShape& task = shape.task;
  const std::size_t readers =
      BatchReader::bytes(task, task.train_size, shape.batch) +
      BatchReader::bytes(task, task.valid_size, shape.valid_batch) +
      BatchReader::bytes(task, task.test_size, shape.test_batch) +
      (shape.probe_batch == 0 ? 0 : BatchReader::bytes(task, task.train_size, shape.probe_batch)) +
      (shape.quarter_batch == 0 ? 0 : BatchReader::bytes(task, task.train_size, shape.quarter_batch));
  // Of the best epoch, and of the step before.
  const std::size_t copies = wants(config.record, "updates") ? 2 : 1;
  const std::size_t best = copies * estimate.params * sizeof(float);
  const std::size_t training = readers + best +
                               Model::bytes(config.model, config.train.optimizer, shape.model) +
                               record_bytes(config, shape);
  const std::size_t writer =
      config.task.sample_length == 0
          ? 0
          : Model::bytes(config.model, config.train.optimizer, writer_shape(shape.model));
  estimate.record_bytes =
      record_bytes(config, shape) + (config.record.weights == "none" ? 0 : estimate.params * sizeof(float));
  estimate.bytes = task.bytes + std::max(task.make_bytes, training + writer);
  return estimate;
}

}  // namespace unroll
