// Files that are compiled in; see embed.cmake.
#pragma once

#include <string_view>

namespace unroll {

std::string_view page_css();
std::string_view page_js();
std::string_view chart_js();  // Chart.js, MIT licence

}  // namespace unroll
