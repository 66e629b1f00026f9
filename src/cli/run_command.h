// What `run` and `retry` share: they differ in which runs of the plan they train.
#pragma once

#include <vector>

#include "cli/arguments.h"
#include "cli/console.h"
#include "train/run_record.h"

namespace unroll {

// Trains the runs of the experiment of `arguments` that are in one of these states.
int train_experiment(const Arguments& arguments, Console& console, const std::vector<RunState>& states);

inline constexpr Option kOutOption = {
    "out", 'o', "FILE.h5", "results file; the journal is beside it; the default is results/NAME.h5"};
inline constexpr Option kCheckpointOption = {
    "checkpoint", 0, "SECONDS",
    "from one saved state of a long run to the next, 60 unless told; a run that is stopped is saved, too"};
inline constexpr Option kQuietOption = {"quiet", 'q', "", "print nothing but errors"};
inline constexpr Option kJsonOption = {
    "json", 0, "", "print one JSON object about the sweep on the standard output at the end"};
inline constexpr Option kWatchOption = {
    "watch", 'w', "",
    "show a whole screen while it runs: each value of each axis, losses, failures; on a terminal only"};
inline constexpr Option kEventsOption = {
    "events", 0, "FILE", "append what happens as JSON Lines: begin, epoch and end of each run"};

}  // namespace unroll
