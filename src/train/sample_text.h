// Text that a trained net writes: it reads a character, says how likely each next one is, one is drawn, and
// the net reads that. The state goes on from character to character.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "data/dataset.h"
#include "nn/model.h"
#include "train/run_config.h"

namespace unroll {

// The symbol at the place `uniform`, in [0, 1), of the distribution softmax(logits / temperature), summed in
// double; with temperature 0 the first of the likeliest.
std::size_t draw_symbol(std::span<const float> logits, double temperature, double uniform);

// task.sample_length characters in UTF-8, drawn from Purpose::kText, after task.prompt if there is one; else
// what goes on from the first window of the test part, which is not in it. The symbol of unknown characters
// is never drawn. shape: that of the model. Requires: a dataset of characters.
std::string sample_text(const RunConfig& config, const ModelShape& shape, const Dataset& dataset,
                        const Model& model);

// Of the net that writes: one character at a time, with carried state.
ModelShape writer_shape(ModelShape shape);

// Steps that the net takes for it.
double sample_steps(const TaskConfig& task);

}  // namespace unroll
