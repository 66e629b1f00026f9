#include "train/run_record.h"

namespace unroll {

std::string_view state_name(RunState state) {
  switch (state) {
    case RunState::kMissing:
      return "missing";
    case RunState::kDone:
      return "done";
    case RunState::kDiverged:
      return "diverged";
    case RunState::kFailed:
      return "failed";
    case RunState::kPruned:
      return "pruned";
  }
  return "";
}

std::size_t RunRecord::length(Dim dim) const {
  switch (dim) {
    case Dim::kEpoch:
      return epochs;
    case Dim::kBlock:
      return blocks.size();
    case Dim::kProbe:
      return probes;
    case Dim::kLag:
      return lags;
    case Dim::kLayer:
      return layers;
  }
  return 0;
}

}  // namespace unroll
