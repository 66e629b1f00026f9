// A spec written out as YAML.
#pragma once

#include <string>
#include <vector>

#include "sweep/spec.h"

namespace unroll {

// The experiment with every default written out; load_plan reads it back to the same run ids.
// fixed: the fixed values, completed where they are the same in all runs.
// used: [key] whether some run reads the setting; others are left out, as giving them would be an error.
// Paths are absolute.
std::string resolved_yaml(const Spec& spec, const Experiment& fixed, const std::vector<bool>& used);

}  // namespace unroll
