// The table of commands. To add a command: its options and its function in a source of its own, and one row
// in command_table.cpp; parsing, help and did-you-mean follow from the row.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "cli/exit_code.h"

namespace unroll {

class Arguments;
class Console;

struct Option {
  std::string_view name;      // "jobs", given as --jobs
  char letter = 0;            // 'j', given as -j; 0 = none
  std::string_view argument;  // "N", what follows it; empty = a switch
  std::string_view help;
  bool repeats = false;  // may be given more than once
};

struct Command {
  std::string_view name;
  std::string_view summary;    // one line, without a full stop
  std::string_view arguments;  // "FILE.yaml"; what follows the name, as shown in the usage line
  std::size_t min_arguments = 0;
  std::size_t max_arguments = 0;
  std::span<const Option> options;
  std::string_view details;                    // sentences for the command's own help
  std::span<const std::string_view> examples;  // the first is shown first
  int (*run)(const Arguments&, Console&) = nullptr;
};

std::span<const Command> commands();
// Options that every command takes.
std::span<const Option> global_options();

}  // namespace unroll
