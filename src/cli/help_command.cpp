// unroll help: all commands, one command, or one key of an experiment file.
#include <algorithm>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/help.h"
#include "sweep/keys.h"

namespace unroll {
namespace {

int show_help(const Arguments& arguments, Console& console) {
  if (arguments.positional().empty()) {
    console.print(render_overview(commands(), global_options()));
    return kExitOk;
  }
  const std::string& topic = arguments.positional()[0];
  const bool is_command =
      std::any_of(commands().begin(), commands().end(), [&](const Command& c) { return c.name == topic; });
  if (!is_command && (find_key(topic) != nullptr || topic.find('.') != std::string::npos)) {
    console.print(key_help(topic));
  } else {
    console.print(render_command_help(find_command(topic, commands()), global_options()));
  }
  return kExitOk;
}

constexpr std::string_view kExamples[] = {"unroll help run", "unroll help train.lr"};

}  // namespace

extern const Command kHelpCommand = {
    "help",
    "show help for a command or for a key of an experiment file",
    "[COMMAND|KEY]",
    0,
    1,
    {},
    "",
    kExamples,
    show_help,
};

}  // namespace unroll
