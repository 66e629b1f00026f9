// A run as a user names it.
#pragma once

#include <cstddef>
#include <string>

#include "store/results.h"

namespace unroll {

// The run whose index it is, or whose id starts with it, with four digits or more. Throws UsageError; `where`
// is the option that has it.
std::size_t named_run(const Results& results, const std::string& where, const std::string& text);

}  // namespace unroll
