// What a results file says about its sweep: the part of a plan that store writes. Made from a Plan by cli,
// read back from a file by the readers, so that report needs no YAML.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace unroll {

// One setting over all runs: an axis of the sweep, or any other setting.
struct SettingColumn {
  std::string name;  // "hidden"
  std::string key;   // "model.hidden"
  std::string unit;
  std::string description;
  // [run]; integers as int64, booleans as int64 0/1
  std::variant<std::vector<std::int64_t>, std::vector<double>, std::vector<std::string>> values;
};

// Of Manifest::provenance: checksums of the content of the data files, each once, separated by ", ".
inline constexpr const char* kDataProvenance = "data";

struct Manifest {
  std::string experiment;
  std::string description;
  std::string plan_hash;
  std::string metric;  // that the sweep is judged by
  bool minimize = true;
  std::string loss;                      // unit of the losses
  std::string chance_rule;               // how the chance level comes about
  std::vector<std::string> run_ids;      // [run]
  std::vector<std::uint32_t> replicate;  // [run]
  std::vector<SettingColumn> settings;   // swept settings, in the order of the file
  std::string resolved_yaml;
  // /provenance: name and value, for example "version", "commit", "compiler", "isa", "host".
  std::vector<std::pair<std::string, std::string>> provenance;
};

}  // namespace unroll
