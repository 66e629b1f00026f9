// The command line, parsed by the tables of command.h.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/command.h"

namespace unroll {

// What was given to one command. Values are text until asked for; a value that is not what is asked for is a
// UsageError that names the option.
class Arguments {
 public:
  bool has(std::string_view option) const { return values_.contains(std::string(option)); }
  std::optional<std::string> text(std::string_view option) const;
  // A whole number of at least 1.
  std::optional<std::size_t> count(std::string_view option) const;
  // A number strictly between 0 and 1.
  std::optional<double> share(std::string_view option) const;
  std::vector<std::string> all(std::string_view option) const;
  const std::vector<std::string>& positional() const { return positional_; }
  // The values of an option together with the words that belong to no option, as they follow each other.
  struct Given {
    bool positional = false;
    std::string value;
  };
  std::vector<Given> in_order(std::string_view option) const;
  // The program as it was called, and the whole command line for a shell, without some of its words.
  const std::string& program() const { return program_; }
  std::string retyped(const std::vector<std::string>& without) const;

 private:
  friend struct CommandLine parse_command_line(const std::vector<std::string>& words,
                                               std::span<const Command> commands,
                                               std::span<const Option> globals);

  std::string program_;
  std::vector<std::string> words_;
  std::vector<std::pair<std::string, std::string>> given_;  // option and value, in the order of the words
  std::map<std::string, std::vector<std::string>> values_;
  std::vector<std::string> positional_;
};

struct CommandLine {
  const Command* command = nullptr;  // nullptr: none was named
  bool help = false;                 // --help was given, or nothing at all
  bool version = false;
  Arguments arguments;
};

// words: the program, then what was given to it. Finds the command word, takes it out and parses the rest
// once, so that global options may stand before and after it and "--" ends the options. Names are never
// abbreviated. Throws UsageError with a suggestion.
CommandLine parse_command_line(const std::vector<std::string>& words, std::span<const Command> commands,
                               std::span<const Option> globals);

// The command of this name; throws UsageError with a suggestion if there is none.
const Command& find_command(std::string_view name, std::span<const Command> commands);

}  // namespace unroll
