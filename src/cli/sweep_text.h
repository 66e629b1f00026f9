// A plan and its runs in words and as a manifest.
#pragma once

#include <cstddef>
#include <string>

#include "store/manifest.h"
#include "store/run_index.h"
#include "sweep/plan.h"

namespace unroll {

// A setting as people read it: drawn numbers with five digits, which tell them apart; files have all of them.
std::string setting_text(const SettingValue& value);
// "cell=gru seq_len=60", and "seed=3" if there are several.
std::string run_text(const Plan& plan, const PlannedRun& run);
// "30 runs = 3 cells x 2 seq_len x 5 seeds"; without the product if the plan is no full grid.
std::string size_text(const Plan& plan);

// "early termination by halving after epoch 1, 3, 9"; "" if every run is trained to its end.
std::string early_terminate_text(const Plan& plan);

// What the results file and the journal say about the plan, and about this program and machine.
Manifest make_manifest(const Plan& plan);

// What a saved state of a run is for: version, commit, compiler and instruction set.
std::string program_identity();

// "run 3 (1a2b...) is not the same in A and B: valid_loss".
std::string conflict_text(const Plan& plan, const RunConflict& conflict);

// The name of this machine, and of its processor.
std::string host_name();
std::string processor_name();

}  // namespace unroll
