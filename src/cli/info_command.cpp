// unroll info: what this program is and what it finds on this machine; meant to be pasted into a report.
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "cli/arguments.h"
#include "cli/build_info.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/quantity.h"
#include "cli/sweep_text.h"
#include "sched/limits.h"
#include "simd/targets.h"

namespace unroll {
namespace {

using Json = nlohmann::ordered_json;

std::string cores_text(const CoreLimits& limits) {
  std::string text = fmt::format("{} usable: affinity mask {}", limits.usable(), limits.affinity);
  text += limits.quota ? fmt::format(", cgroup quota {:g}", *limits.quota) : ", no cgroup quota";
  if (limits.slurm) text += fmt::format(", SLURM_CPUS_PER_TASK {}", *limits.slurm);
  return text;
}

std::string memory_text(const MemoryLimits& limits) {
  return fmt::format("{} usable: {} physical, {}", bytes_text(static_cast<double>(limits.usable())),
                     bytes_text(static_cast<double>(limits.physical)),
                     limits.cgroup && *limits.cgroup < limits.physical
                         ? "cgroup limit " + bytes_text(static_cast<double>(*limits.cgroup))
                         : "no cgroup limit");
}

std::string targets_text() {
  std::vector<std::string> all;
  for (const simd::Target& target : simd::targets()) {
    all.push_back(fmt::format("{}{}", target.name, target.supported ? "" : " (not here)"));
  }
  return fmt::format("{} in use; compiled: {}", simd::target_name(), fmt::join(all, ", "));
}

std::string info_text() {
  std::vector<std::pair<std::string, std::string>> rows = {
      {"unroll", fmt::format("{} ({})", version(), commit())},
      {"compiler", std::string(compiler())},
      {"instruction set", targets_text()},
      {"host", host_name()},
      {"processor", processor_name()},
      {"cores", cores_text(core_limits())},
      {"memory", memory_text(memory_limits())},
  };
  for (const auto& [name, number] : libraries()) rows.emplace_back(name, number);
  std::string out;
  for (const auto& [name, value] : rows) out += fmt::format("{:<15}  {}\n", name, value);
  return out;
}

std::string info_json() {
  const CoreLimits cores = core_limits();
  const MemoryLimits memory = memory_limits();
  Json json;
  json["version"] = version();
  json["commit"] = commit();
  json["compiler"] = compiler();
  json["instruction_set"] = simd::target_name();
  json["instruction_sets"] = Json::array();
  for (const simd::Target& target : simd::targets()) {
    json["instruction_sets"].push_back(
        {{"name", target.name}, {"lanes", target.lanes}, {"supported", target.supported}});
  }
  json["host"] = host_name();
  json["processor"] = processor_name();
  json["cores"] = {{"usable", cores.usable()}, {"affinity", cores.affinity}};
  json["cores"]["quota"] = cores.quota ? Json(*cores.quota) : Json();
  json["cores"]["slurm"] = cores.slurm ? Json(*cores.slurm) : Json();
  json["memory"] = {{"usable", memory.usable()}, {"physical", memory.physical}};
  json["memory"]["cgroup"] = memory.cgroup ? Json(*memory.cgroup) : Json();
  for (const auto& [name, number] : libraries()) json["libraries"][std::string(name)] = number;
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

int show_info(const Arguments& arguments, Console& console) {
  console.print(arguments.has("json") ? info_json() : info_text());
  return kExitOk;
}

constexpr Option kOptions[] = {{"json", 0, "", "print one JSON object"}};
constexpr std::string_view kExamples[] = {"unroll info"};

}  // namespace

extern const Command kInfoCommand = {
    "info",    "show version, instruction sets, cores, memory and libraries",
    "",        0,
    0,         kOptions,
    "",        kExamples,
    show_info,
};

}  // namespace unroll
