// Help texts, rendered from the tables of command.h.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "cli/command.h"

namespace unroll {

// `unroll`: the examples first, then the commands.
std::string render_overview(std::span<const Command> commands, std::span<const Option> globals);
// `unroll help NAME`.
std::string render_command_help(const Command& command, std::span<const Option> globals);

// Breaks text at spaces into lines of at most `width` columns, each but the first after `indent` spaces.
std::string wrap(std::string_view text, std::size_t indent, std::size_t width);

}  // namespace unroll
