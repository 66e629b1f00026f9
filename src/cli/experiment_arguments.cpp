#include "cli/experiment_arguments.h"

#include <fmt/format.h>

#include <vector>

#include "base/error.h"
#include "base/shell.h"
#include "sched/scheduler.h"
#include "simd/targets.h"

namespace unroll {

namespace {

// What is changed in FILE.yaml, as KEY=VALUE: --set and the words after the file, in the order in which they
// were given, since the last one wins.
std::vector<std::string> changed_keys(const Arguments& arguments, std::size_t file) {
  std::vector<std::string> changes;
  std::size_t words = 0;
  for (const Arguments::Given& given : arguments.in_order(kSetOption.name)) {
    if (given.positional && words++ <= file) continue;
    if (given.positional && given.value.find('=') == std::string::npos) {
      throw UsageError("", fmt::format("one experiment at a time: '{}' is the second", given.value),
                       "changes to keys are KEY=VALUE");
    }
    changes.push_back(given.value);
  }
  return changes;
}

}  // namespace

std::string run_arguments(const Arguments& arguments, std::size_t file,
                          std::initializer_list<const char*> options) {
  std::string out = shell_word(arguments.positional().at(file));
  for (const std::string& change : changed_keys(arguments, file)) out += " " + shell_word(change);
  for (const char* option : options) {
    if (const auto value = arguments.text(option)) out += fmt::format(" --{} {}", option, shell_word(*value));
  }
  return out;
}

Plan load_experiment(const Arguments& arguments, std::size_t file) {
  if (const auto isa = arguments.text("isa")) simd::force_target(*isa);
  return load_plan(arguments.positional().at(file), changed_keys(arguments, file));
}

std::size_t worker_count(const Arguments& arguments) {
  constexpr std::size_t kMost = 4096;
  const std::size_t workers = arguments.count("jobs").value_or(available_cores());
  if (workers > kMost)
    throw UsageError("--jobs", fmt::format("{} is more than the {} allowed", workers, kMost));
  return workers;
}

}  // namespace unroll
