// An experiment file, read and typed but not yet expanded: what the file says, and where it says it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sweep/distribution.h"
#include "sweep/key_reader.h"
#include "sweep/keys.h"
#include "sweep/read_value.h"

namespace unroll {

// A key with one value.
struct GivenSetting {
  const KeyInfo* key = nullptr;
  Mark key_mark;
  Located value;
};

// A swept key and its values.
struct AxisKey {
  const KeyInfo* key = nullptr;
  Mark mark;
  std::vector<Located> values;
};

// One dimension of a sweep: a key, or the keys of a zip, whose values go together.
struct Axis {
  std::string zip;            // "" = one key
  std::vector<AxisKey> keys;  // all with the same number of values
  // A range without `num`, for methods that draw; `keys[0].values` is then empty.
  std::optional<Distribution> range;

  std::size_t size() const { return keys[0].values.size(); }
};

// An entry of sweep.exclude or sweep.include.
struct SpecEntry {
  Mark mark;
  std::vector<GivenSetting> settings;
};

struct Spec {
  Experiment base;                  // the fixed values over the defaults
  std::vector<GivenSetting> fixed;  // what the file gives of them
  std::vector<Axis> axes;           // in the order of the file, those of a section together
  std::vector<SpecEntry> exclude;
  std::vector<SpecEntry> include;
  std::vector<std::uint32_t> replicates = {0};
  bool counted_seeds = true;  // `seeds: 3` rather than a list
  // Sections in which something could not be read: to judge them further would mislead.
  std::set<std::string, std::less<>> broken_sections;

  // Where the file gives a fixed value; nullptr if it does not.
  const GivenSetting* find_fixed(std::string_view key) const;
};

// Reads text `source` of `diagnostics` and the overrides over it. What is wrong is reported; what could be
// read is returned. `folder`: where relative paths start.
Spec read_spec(Diagnostics& diagnostics, std::uint32_t source, const std::filesystem::path& folder,
               const std::vector<std::string>& overrides);

// Reads the values of a swept key: a list, {values}, {value}, or a range. `draws`: the method takes ranges
// without `num`. Nothing, after reporting why, if there is no value.
std::optional<Axis> read_axis(Diagnostics& diagnostics, const KeyEntry& entry,
                              const std::filesystem::path& folder, bool draws);

// The list of values of a swept key; reports equal ones.
std::vector<Located> read_values(Diagnostics& diagnostics, const KeyInfo& key, const YamlNode& list,
                                 const std::filesystem::path& folder);

}  // namespace unroll
