#include "cli/help.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace unroll {
namespace {

constexpr std::size_t kWidth = 100;

// "  left    right", the right column wrapped.
std::string two_columns(const std::vector<std::pair<std::string, std::string>>& rows) {
  std::size_t left = 0;
  for (const auto& row : rows) left = std::max(left, row.first.size());
  std::string out;
  for (const auto& [name, text] : rows) {
    out += fmt::format("  {:<{}}  {}\n", name, left, wrap(text, left + 4, kWidth));
  }
  return out;
}

std::string option_rows(std::span<const Option> own, std::span<const Option> globals) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const std::span<const Option> options : {own, globals}) {
    for (const Option& option : options) {
      const std::string letter = option.letter != 0 ? fmt::format("-{}, ", option.letter) : "    ";
      const std::string argument = option.argument.empty() ? "" : fmt::format(" {}", option.argument);
      rows.emplace_back(fmt::format("{}--{}{}", letter, option.name, argument), option.help);
    }
  }
  return two_columns(rows);
}

}  // namespace

std::string wrap(std::string_view text, std::size_t indent, std::size_t width) {
  std::string out;
  std::size_t column = indent;
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    const std::string_view word = text.substr(0, space);
    text = space == std::string_view::npos ? std::string_view() : text.substr(space + 1);
    if (column > indent && column + 1 + word.size() > width) {
      out += '\n';
      out.append(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out;
}

std::string render_overview(std::span<const Command> commands, std::span<const Option> globals) {
  std::string out =
      "unroll: batch experiments with recurrent nets\n"
      "\n"
      "  unroll run experiments/quickstart.yaml      train every run of an experiment\n"
      "  unroll compare results/quickstart.h5        see which cell is better, and how sure that is\n"
      "\n"
      "Commands:\n";
  std::vector<std::pair<std::string, std::string>> rows;
  for (const Command& command : commands) rows.emplace_back(command.name, command.summary);
  out += two_columns(rows);
  out += "\nOptions:\n" + option_rows({}, globals);
  out += "\n'unroll help COMMAND' shows a command's options with examples.\n";
  return out;
}

std::string render_command_help(const Command& command, std::span<const Option> globals) {
  std::string out = fmt::format("unroll {}: {}\n\n", command.name, command.summary);
  for (const std::string_view example : command.examples) out += fmt::format("  {}\n", example);
  out += fmt::format("\nUsage: unroll {}", command.name);
  if (!command.arguments.empty()) out += fmt::format(" {}", command.arguments);
  out += " [options]\n";
  if (!command.details.empty()) out += fmt::format("\n{}\n", wrap(command.details, 0, kWidth));
  out += "\nOptions:\n" + option_rows(command.options, globals);
  return out;
}

}  // namespace unroll
