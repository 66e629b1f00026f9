// What is learnt. A task turns its settings and a seed into a Dataset; the table of tasks (tasks.cpp) is
// the one place to add one. The names in the table are the values of `task.type` in YAML.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/rng.h"
#include "data/dataset.h"

namespace unroll {

// What resolve_task read from the files of a task. Follows from file_hash, so it is no part of a run's
// identity.
struct FileFacts {
  std::size_t rows = 0;       // rows of a series, characters of a text, or sequences
  std::size_t test_rows = 0;  // sequences of the test file
  std::size_t bytes = 0;      // held while the files are read
  std::size_t symbols = 0;
  std::size_t steps = 0;      // of the longest sequence
  std::size_t all_steps = 0;  // of all sequences together, of unequal length
  std::size_t inputs = 0;
  std::size_t outputs = 0;
  bool unequal = false;
  bool every_step = false;
  Loss loss = Loss::kMse;
};

// The keys `task.*` of an experiment, resolved. Keys that a task does not use keep their defaults and are
// refused in YAML (see `TaskInfo::keys`).
struct TaskConfig {
  std::string type = "adding";
  std::string form;               // variant of the task; resolve_task turns "" into the first form of its row
  std::size_t seq_len = 50;       // T; the length of a window for `series`
  std::size_t train_size = 5000;  // sequences of a synthetic task
  std::size_t valid_size = 1000;
  std::size_t test_size = 1000;
  double noise = 0.0;  // standard deviation of the noise added to a synthetic series
  // Tasks that read a file.
  std::string file;       // absolute once resolved
  std::string file_hash;  // hash of the content of all files: part of a run's identity in place of the paths
  std::vector<std::string>
      columns;  // input columns by name; resolve_task turns none into the last numeric one
  std::vector<std::string> targets;  // predicted columns; resolve_task turns none into `columns`
  std::size_t horizon = 1;           // steps ahead
  bool difference = false;           // learn the change from step to step
  std::string normalize = "zscore";  // zscore | minmax | none
  std::string id_column;             // classification: which rows of a CSV file are one sequence
  std::string test_file;             // classification: the test part; absolute once resolved
  std::string target_file;           // arrays: y, where file is X; absolute once resolved
  bool stateful = true;              // text: carry the state from window to window
  std::size_t sample_length = 0;     // text: characters to draw from the trained net; 0 = none
  double temperature = 1.0;          // text: divides the logits of a sample; 0 = always the likeliest
  std::string prompt;  // text: what a sample goes on from; empty = from the start of the test part
  std::string split;   // resolve_task turns "" into the first of its row; see split.h
  double valid_share = 0.15;
  double test_share = 0.15;
  std::size_t folds = 0;  // of cross-validation; 0 = none
  std::size_t fold = 0;   // the one that this run validates on
  FileFacts facts;
};

// Sizes of a task that are known without making its data: what a model and a memory plan need.
struct TaskShape {
  std::size_t seq_len = 0;
  std::size_t input_size = 0;
  std::size_t output_size = 0;
  Loss loss = Loss::kMse;
  bool every_step = false;
  std::size_t symbols = 0;  // V, as in Dataset
  bool carried = false;
  bool unequal = false;        // sequences may be shorter than seq_len
  double mean_steps = 0.0;     // of a sequence
  std::size_t train_size = 0;  // sequences
  std::size_t valid_size = 0;
  std::size_t test_size = 0;
  std::size_t bytes = 0;       // of the Dataset
  std::size_t make_bytes = 0;  // held besides while it is made
};

// A row of the table of tasks.
struct TaskInfo {
  std::string_view name;
  std::string_view description;
  std::vector<std::string_view> forms;   // first = default; empty = the task has one form
  std::vector<std::string_view> splits;  // the same of task.split; empty = nothing is divided
  std::vector<std::string_view> keys;    // the `task.*` keys it reads, without "task."
  std::string_view chance;               // how its chance level comes about
  std::string_view source;               // paper
  // Refuses values that make no sense together; fills what follows from the file.
  void (*resolve)(TaskConfig&);
  TaskShape (*shape)(const TaskConfig&);
  Dataset (*make)(const TaskConfig&, Seed);
};

std::span<const TaskInfo> tasks();
// nullptr if there is none of this name.
const TaskInfo* find_task(std::string_view name);

// Checks values that only make sense together (a file that cannot be read, windows longer than the series)
// and fills what follows (form, columns, targets, file_hash). Reads the whole file of a task that has one.
// Throws UsageError (where: the key, "task.seq_len") or FileError with where, what, hint.
TaskConfig resolve_task(TaskConfig config);

// Requires: config went through resolve_task. The same config and seed give the same bits.
TaskShape task_shape(const TaskConfig& config);
Dataset make_dataset(const TaskConfig& config, Seed seed);

}  // namespace unroll
