#include "train/run_record.h"

#include "base/error.h"

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
  if (dim == Dim::kEpoch) return epochs;
  if (const auto list = dim_info(dim).own_names) return names(*list).size();
  return lengths[static_cast<std::size_t>(dim)];
}

const std::vector<std::string>& RunRecord::names(NameList list) const {
  return list == NameList::kBlocks ? blocks : classes;
}

std::vector<std::string>& RunRecord::names(NameList list) {
  return list == NameList::kBlocks ? blocks : classes;
}

void RunRecord::set_length(Dim dim, std::size_t length) {
  UNROLL_CHECK(dim != Dim::kEpoch && !dim_info(dim).own_names, "this axis has a field of its own");
  lengths[static_cast<std::size_t>(dim)] = static_cast<std::uint32_t>(length);
}

}  // namespace unroll
