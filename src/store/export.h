// Results in other formats. All functions throw FileError; a file is written under its name only when it is
// whole. Numbers have as many digits as bring the same bits back; what a run does not have is empty, null or
// left out, and an infinite number is inf or -inf, a text in JSON.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "store/results.h"

namespace unroll {

// runs.csv, one row for each run: run, run_id, replicate, settings, state, message and every metric that is
// one number. epochs.csv, one row for each run and epoch: run, run_id, epoch and every metric over epochs.
void export_csv(const std::filesystem::path& folder, const Results& results);

// A field of a line of comma-separated values: quoted if it has to be. Source: RFC 4180.
std::string csv_field(const std::string& text);

// One object: experiment, metric, goal, loss, `axes` (of each array its axes, outermost first), and `runs`,
// each with its settings, its `axes` (of each axis what its places are called) and all that it recorded,
// arrays row-major.
std::string results_json(const Results& results);

// A folder RUN_ID/ of TensorBoard for each run, with a scalar for each epoch and metric over epochs, and the
// final numbers at the last epoch. Returns the number of runs, those that are not missing. Source: the
// TFRecord format and tensorflow/core/util/event.proto.
std::size_t export_tensorboard(const std::filesystem::path& folder, const Results& results);

// The parameters of one run, by PyTorch's names: NumPy's .npz if the name of the file ends so, else plain
// HDF5 with one array for each. texts: name and value of what explains them, arrays of one text in .npz,
// attributes in HDF5. Requires: the record has weights.
void export_weights(const std::filesystem::path& file, const RunRecord& record,
                    const std::vector<std::pair<std::string, std::string>>& texts = {});

}  // namespace unroll
