// A spec written out as YAML.
#pragma once

#include <set>
#include <string>

#include "sweep/spec.h"

namespace unroll {

// The experiment with every default written out; load_plan reads it back to the same run ids.
// `used`: the settings that some run reads; others are left out, as giving them would be an error.
// Paths are absolute.
std::string resolved_yaml(const Spec& spec, const std::set<const KeyInfo*>& used);

}  // namespace unroll
