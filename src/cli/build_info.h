// What this program was built from. commit() follows HEAD at every build; the rest is known to CMake.
#pragma once

#include <span>
#include <string_view>
#include <utility>

namespace unroll {

std::string_view version();   // "0.1.0"
std::string_view commit();    // "1a2b3c4", with "-dirty" if files differed; "unknown" outside git
std::string_view compiler();  // "GNU 12.2.0, Release"
// Name and version of every outside library.
std::span<const std::pair<std::string_view, std::string_view>> libraries();

}  // namespace unroll
