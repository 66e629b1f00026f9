#include "cli/experiment_arguments.h"

#include <fmt/format.h>

#include "base/error.h"
#include "sched/scheduler.h"
#include "simd/targets.h"

namespace unroll {

Plan load_experiment(const Arguments& arguments, std::size_t file) {
  if (const auto isa = arguments.text("isa")) simd::force_target(*isa);
  std::vector<std::string> overrides = arguments.all("set");
  const std::vector<std::string>& words = arguments.positional();
  for (std::size_t i = file + 1; i < words.size(); ++i) {
    if (words[i].find('=') == std::string::npos) {
      throw UsageError("", fmt::format("one experiment at a time: '{}' is the second", words[i]),
                       "changes to keys are KEY=VALUE");
    }
    overrides.push_back(words[i]);
  }
  return load_plan(words.at(file), overrides);
}

std::size_t worker_count(const Arguments& arguments) {
  constexpr std::size_t kMost = 4096;
  const std::size_t workers = arguments.count("jobs").value_or(available_cores());
  if (workers > kMost)
    throw UsageError("--jobs", fmt::format("{} is more than the {} allowed", workers, kMost));
  return workers;
}

}  // namespace unroll
