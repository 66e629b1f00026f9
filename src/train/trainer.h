// One run: make the data, train, evaluate, keep statistics. On the thread that calls, and on idle workers if
// there are any. No files, no printing.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <string>

#include "base/idle_workers.h"
#include "train/run_config.h"
#include "train/run_record.h"

namespace unroll {

struct EpochReport {
  std::size_t epoch = 0;
  std::size_t epochs = 0;
  double train_loss = 0.0;
  double valid_loss = 0.0;
};

// Told how a run gets on, by the thread that trains; must be cheap. Each may be empty.
struct RunObserver {
  std::function<void(const EpochReport&)> epoch;  // after every epoch
  // Up to ten times a second, between batches, and at every end of an epoch: the share of the training that
  // is done, and the share that was done when this call took the run up.
  std::function<void(double share, double from)> progress;
};

// How a run outlives the process that trains it. A state is bytes that only the same build on the same
// instruction set can go on from, then to the same bits as without a break.
struct RunCheckpoints {
  std::string from;  // the state to go on from; empty, or not of this run: from the beginning
  std::function<void(const std::string& state)> save;  // may be empty
  double seconds = 60.0;  // from one state to the next; one more is saved when the run is cancelled
  // Epochs after which the run waits: its state is saved, and what it has so far is returned as kMissing. Or,
  // with `prune`, after which it ends as kPruned. 0 = it is trained to its end.
  std::size_t until = 0;
  bool prune = false;
};

// What a run needs before it starts: known without training.
struct RunEstimate {
  std::size_t params = 0;
  double flops = 0.0;            // of the whole run: training, evaluation, probes
  std::size_t bytes = 0;         // peak memory of the run
  std::size_t record_bytes = 0;  // of what it leaves behind, not compressed; about
};
RunEstimate estimate_run(const RunConfig& config);

// Trains. The record is a pure function of `config` and the instruction set in use, but for the metrics
// of Group::kMeasured. A loss that is not finite ends the run as kDiverged with its finite prefix.
// Returns kMissing if `cancel` became true: such a run is not a result, and its state was saved; it has no
// epochs then, unless it waits at checkpoints.until.
// Throws only for lack of memory or broken data; the caller records that as kFailed.
RunRecord train_run(const RunConfig& config, const std::atomic<bool>* cancel = nullptr,
                    const RunObserver& observer = {}, const RunCheckpoints& checkpoints = {},
                    IdleWorkers* idle = nullptr);

}  // namespace unroll
