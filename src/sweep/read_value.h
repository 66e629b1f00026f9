// One value of an experiment file, read as its key says.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "sweep/keys.h"
#include "sweep/yaml.h"

namespace unroll {

// A value and where it was given, so that what is wrong with it can be shown later.
struct Located {
  SettingValue value;
  Mark mark;
};

// The value of `node` for `key`; nothing, after reporting why, if it is of the wrong type or out of range.
// `folder`: where relative paths start. Requires: key.type is not kBlock.
std::optional<SettingValue> read_value(Diagnostics& diagnostics, const KeyInfo& key, const YamlNode& node,
                                       const std::filesystem::path& folder);

// A number, an integer or one of some words that is not the value of a key of its own, such as `min` of a
// range. `what` names it in messages.
std::optional<double> read_number(Diagnostics& diagnostics, const std::string& what, const YamlNode& node);
std::optional<std::int64_t> read_integer(Diagnostics& diagnostics, const std::string& what,
                                         const YamlNode& node, const Range& range);

}  // namespace unroll
