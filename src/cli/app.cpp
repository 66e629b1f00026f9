#include "cli/app.h"

#include <fmt/format.h>
#include <unistd.h>

#include <exception>
#include <new>
#include <string_view>
#include <system_error>

#include "base/error.h"
#include "cli/arguments.h"
#include "cli/build_info.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/help.h"
#include "cli/stop_signals.h"
#include "store/journal.h"
#include "sweep/diagnostics.h"

namespace unroll {
namespace {

int dispatch(const CommandLine& line, Console& console) {
  if (line.version) {
    console.print(fmt::format("unroll {} ({})\n", version(), commit()));
  } else if (line.command == nullptr) {
    console.print(render_overview(commands(), global_options()));
  } else if (line.help) {
    console.print(render_command_help(*line.command, global_options()));
  } else {
    return line.command->run(line.arguments, console);
  }
  return kExitOk;
}

void show(Console& console, const Error& error) {
  console.clear_status();
  const std::string where = error.where().empty() ? "unroll" : error.where();
  console.warn(fmt::format("{}: {} {}", where, console.paint_error("error:", Paint::kRed), error.message()));
  if (!error.hint().empty()) console.warn(fmt::format("  = help: {}", error.hint()));
}

// Says so without asking for more.
int out_of_memory() {
  constexpr std::string_view kText = "unroll: error: out of memory; what is in the journal is safe\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, kText.data(), kText.size());
  return kExitFailed;
}

int internal_error(Console& console, const char* what) {
  console.clear_status();
  console.warn(fmt::format("unroll: {} {}", console.paint_error("internal error:", Paint::kRed), what));
  return kExitFailed;
}

// Runs `action` and turns whatever it throws into a message and an exit code.
template <typename Action>
int shown(Console& console, Action action) {
  try {
    return action();
  } catch (const SpecErrors& e) {
    console.clear_status();
    console.warn(e.what());
    return kExitUsage;
  } catch (const UsageError& e) {
    show(console, e);
    return kExitUsage;
  } catch (const LockedError& e) {
    show(console, e);
    return kExitBusy;
  } catch (const Error& e) {
    show(console, e);
    return kExitFailed;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::system_error& e) {
    if (e.code() != std::errc::resource_unavailable_try_again) return internal_error(console, e.what());
    show(console, Error("unroll", "cannot start another thread",
                        "the process lacks memory, or 'ulimit -u' allows it no more"));
    return kExitFailed;
  } catch (const std::exception& e) {
    return internal_error(console, e.what());
  }
}

// The same when there is not even the memory to say what went wrong.
template <typename Action>
int guarded(Console& console, Action action) {
  try {
    return shown(console, action);
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  }
}

}  // namespace

int run_app(const std::vector<std::string>& words) {
  ignore_file_size_signal();
  Console plain;
  CommandLine line;
  ColorMode color = ColorMode::kAuto;
  const int parsed = guarded(plain, [&] {
    line = parse_command_line(words, commands(), global_options());
    color = parse_color_mode(line.arguments.text("color").value_or("auto"));
    return kExitOk;
  });
  if (parsed != kExitOk) return parsed;
  Console console(color);
  const int code = guarded(console, [&] { return dispatch(line, console); });
  if (!console.finish()) {
    console.warn("unroll: error: cannot write to the standard output");
    return code == kExitOk ? static_cast<int>(kExitFailed) : code;
  }
  return code;
}

}  // namespace unroll
