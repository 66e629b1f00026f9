#include "sweep/resolved.h"

#include <fmt/format.h>

#include <cmath>
#include <variant>
#include <vector>

namespace unroll {
namespace {

std::string last_word(std::string_view key) {
  return std::string(key.substr(key.rfind('.') + 1));
}

std::string list_yaml(const std::vector<Located>& values) {
  std::string text;
  for (const Located& v : values) text += (text.empty() ? "" : ", ") + to_yaml(v.value);
  return "[" + text + "]";
}

std::string axis_yaml(const Axis& axis) {
  if (!axis.range) return list_yaml(axis.keys[0].values);
  const Distribution& range = *axis.range;
  std::string text =
      fmt::format("{{distribution: {}, min: {}, max: {}", range.info->name, range.min, range.max);
  if (range.info->stepped) text += fmt::format(", q: {}", range.step);
  return text + "}";
}

std::string entries_yaml(std::string_view key, const std::vector<SpecEntry>& entries) {
  if (entries.empty()) return {};
  std::string text = fmt::format("  {}:\n", last_word(key));
  for (const SpecEntry& entry : entries) {
    std::string settings;
    for (const GivenSetting& s : entry.settings) {
      settings += fmt::format("{}{}: {}", settings.empty() ? "" : ", ", s.key->key, to_yaml(s.value.value));
    }
    text += fmt::format("    - {{{}}}\n", settings);
  }
  return text;
}

bool is_unset(const SettingValue& value) {
  const double* number = std::get_if<double>(&value);
  return number != nullptr && std::isnan(*number);
}

bool is_empty(const SettingValue& value) {
  const auto* text = std::get_if<std::string>(&value);
  const auto* list = std::get_if<std::vector<std::string>>(&value);
  return (text != nullptr && text->empty()) || (list != nullptr && list->empty()) || is_unset(value);
}

std::string seeds_yaml(const Spec& spec) {
  if (spec.counted_seeds) return fmt::format("{}", spec.replicates.size());
  return fmt::format("[{}]", fmt::join(spec.replicates, ", "));
}

}  // namespace

std::string resolved_yaml(const Spec& spec, const Experiment& fixed, const std::vector<bool>& used) {
  std::string text;
  std::string section;
  std::string block;  // within the section
  std::string parameters;
  std::string zips;
  for (const Axis& axis : spec.axes) {
    if (axis.zip.empty()) {
      parameters += fmt::format("    {}: {}\n", axis.keys[0].key->key, axis_yaml(axis));
      continue;
    }
    zips += fmt::format("    {}:\n", to_yaml(axis.zip));
    for (const AxisKey& k : axis.keys) zips += fmt::format("      {}: {}\n", k.key->key, list_yaml(k.values));
  }
  for (const KeyInfo& key : keys()) {
    if (key.section() == "sweep" && section != "sweep") {
      section = "sweep";
      text += fmt::format("sweep:\n  seeds: {}\n", seeds_yaml(spec));
    }
    // The section that comes first has the axes that come first.
    const bool zip_first = !spec.axes.empty() && !spec.axes.front().zip.empty();
    if (key.key == (zip_first ? "sweep.zip" : "sweep.parameters") && !parameters.empty()) {
      text += "  parameters:\n" + parameters;
    }
    if (key.key == (zip_first ? "sweep.parameters" : "sweep.zip") && !zips.empty()) text += "  zip:\n" + zips;
    if (key.key == "sweep.exclude") text += entries_yaml(key.key, spec.exclude);
    if (key.key == "sweep.include") text += entries_yaml(key.key, spec.include);
    if (key.type == KeyType::kBlock) continue;
    const SettingValue value = key.get(fixed);
    if (is_empty(value)) continue;
    if (key.is_setting() ? !used[static_cast<std::size_t>(&key - keys().data())] : !key.used_in(fixed))
      continue;
    if (key.section() != section) {
      section = key.section();
      if (!section.empty()) text += section + ":\n";
    }
    std::string word(key.key.substr(section.empty() ? 0 : section.size() + 1));
    const std::string outer = word.substr(0, word.rfind('.') == word.npos ? 0 : word.rfind('.'));
    if (outer != block && !outer.empty()) text += fmt::format("  {}:\n", outer);
    block = outer;
    if (!outer.empty()) word = "  " + last_word(word);
    text += fmt::format("{}{}: {}\n", section.empty() ? "" : "  ", word, to_yaml(value));
  }
  return text;
}

}  // namespace unroll
