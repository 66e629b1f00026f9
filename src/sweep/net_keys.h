// The rows of the key table that decide a net and its training: model.* and train.*.
#pragma once

#include <vector>

#include "sweep/keys.h"

namespace unroll {

std::vector<KeyInfo> net_keys();

}  // namespace unroll
