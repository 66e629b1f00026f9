// The functions behind the rows of the task table (tasks.cpp), one source for each task, and the loop that
// the synthetic ones share.
#pragma once

#include <cstdint>
#include <span>

#include "base/rng.h"
#include "data/dataset.h"
#include "data/task.h"

namespace unroll {

// Adding problem: two numbers of a long sequence are marked, the target is their sum. See adding.cpp.
void resolve_adding(TaskConfig& config);
TaskShape adding_shape(const TaskConfig& config);
Dataset make_adding(const TaskConfig& config, Seed seed);

// Copy memory: ten symbols, a delay of seq_len steps, then the symbols are asked for. See copy.cpp.
void resolve_copy(TaskConfig& config);
TaskShape copy_shape(const TaskConfig& config);
Dataset make_copy(const TaskConfig& config, Seed seed);

// Noisy sines of random frequency and phase, one step ahead. See sine.cpp.
void resolve_sine(TaskConfig& config);
TaskShape sine_shape(const TaskConfig& config);
Dataset make_sine(const TaskConfig& config, Seed seed);

// Random numbers: nothing to learn. See random.cpp.
void resolve_random(TaskConfig& config);
TaskShape random_shape(const TaskConfig& config);
Dataset make_random(const TaskConfig& config, Seed seed);

// Columns of a CSV file, some steps ahead. See series.cpp.
void resolve_series(TaskConfig& config);
TaskShape series_shape(const TaskConfig& config);
Dataset make_series(const TaskConfig& config, Seed seed);

// The next character of a text. See text.cpp.
void resolve_text(TaskConfig& config);
TaskShape text_shape(const TaskConfig& config);
Dataset make_text(const TaskConfig& config, Seed seed);

// The class of a whole sequence. See classification.cpp.
void resolve_classification(TaskConfig& config);
TaskShape classification_shape(const TaskConfig& config);
Dataset make_classification(const TaskConfig& config, Seed seed);

// Arrays X and y of anything. See arrays.cpp.
void resolve_arrays(TaskConfig& config);
TaskShape arrays_shape(const TaskConfig& config);
Dataset make_arrays(const TaskConfig& config, Seed seed);

// Refuses a normalisation that there is not.
void check_normalize(const TaskConfig& config);

// A Dataset of these sizes whose parts are empty.
Dataset empty_dataset(const TaskShape& shape);

// Bytes of a Part of these sizes.
std::size_t part_bytes(const TaskShape& shape, std::size_t input_rows, std::size_t sequences,
                       std::size_t target_rows);

// Refuses sizes of a synthetic task that are zero, or whose rows (of `steps` for each sequence) overflow a
// Part.
void check_sizes(const TaskConfig& config, double steps);

// Fills the sizes that follow from the settings of a synthetic task.
TaskShape with_sizes(TaskShape shape, const TaskConfig& config);

// Where a generator writes one sequence: zeros at first.
struct Sequence {
  std::span<float> inputs;          // [T, D]
  std::span<float> targets;         // [S, O], empty for kSoftmax
  std::span<std::int32_t> classes;  // [S], only for kSoftmax
};
using Generator = void (*)(const TaskConfig&, Rng&, const Sequence&);

// Three parts of independent sequences. Sequence n of a part is a function of (seed, part, n) alone, so a
// larger part starts with the smaller one.
Dataset make_synthetic(const TaskConfig& config, const TaskShape& shape, Seed seed, Generator generate,
                       Chance chance);

}  // namespace unroll
