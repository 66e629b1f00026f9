#include "cli/command.h"

namespace unroll {

// Each is defined in the source of its name, as in run_command.cpp.
extern const Command kRunCommand;
extern const Command kRetryCommand;
extern const Command kPlanCommand;
extern const Command kStatusCommand;
extern const Command kReportCommand;
extern const Command kShowCommand;
extern const Command kCheckCommand;
extern const Command kMergeCommand;
extern const Command kVerifyCommand;
extern const Command kExportCommand;
extern const Command kEmitCommand;
extern const Command kCompareCommand;
extern const Command kSchemaCommand;
extern const Command kBenchCommand;
extern const Command kInfoCommand;
extern const Command kHelpCommand;

// In the order of the overview.
std::span<const Command> commands() {
  static const Command kCommands[] = {
      kRunCommand,     kRetryCommand, kPlanCommand,  kStatusCommand, kMergeCommand,  kReportCommand,
      kCompareCommand, kShowCommand,  kCheckCommand, kExportCommand, kVerifyCommand, kEmitCommand,
      kSchemaCommand,  kBenchCommand, kInfoCommand,  kHelpCommand,
  };
  return kCommands;
}

std::span<const Option> global_options() {
  static constexpr Option kGlobals[] = {
      {"help", 'h', "", "show this help"},
      {"color", 0, "WHEN", "auto, always or never; the default is auto, which respects NO_COLOR"},
      {"version", 0, "", "show version and commit"},
  };
  return kGlobals;
}

}  // namespace unroll
