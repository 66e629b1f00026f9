// Commands that are told to people, to be typed into a shell.
#pragma once

#include <string>
#include <string_view>

namespace unroll {

// A word as a POSIX shell reads it back: quoted if it has to be.
std::string shell_word(std::string_view word);

}  // namespace unroll
