// The program: its command line in (the program's own name first), exit code out. All errors end here.
#pragma once

#include <string>
#include <vector>

namespace unroll {

int run_app(const std::vector<std::string>& words);

}  // namespace unroll
