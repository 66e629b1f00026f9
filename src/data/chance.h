// The chance level of data from files: the loss of the best answer that ignores the inputs.
#pragma once

#include "data/dataset.h"

namespace unroll {

// The constant that the training part suggests, judged on the other parts: the mean of each output (kMse), or
// the frequency of each class (kSoftmax) or bit (kSigmoid), where one more is counted of each, so that what
// the training part lacks has a finite loss (Laplace's rule). Leaves the rule to the task.
Chance constant_chance(const Dataset& data);

}  // namespace unroll
