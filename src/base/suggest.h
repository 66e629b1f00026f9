// "Did you mean": the known name that is nearest to a misspelt one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace unroll {

// The candidate nearest to `name`, or "" if none is near enough. A match that differs only in case
// wins; else the distance may be at most max(length, 3) / 3, a swap of neighbours counting as one edit.
std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace unroll
