#include "sweep/keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/suggest.h"
#include "data/task.h"

namespace unroll {
namespace {

constexpr double kUnlimited = 1e15;  // from here on a limit is not worth telling

const Experiment& defaults() {
  static const Experiment experiment;
  return experiment;
}

std::string number_text(double x) {
  return x == std::floor(x) && std::abs(x) < 1e15 ? fmt::format("{:.0f}", x) : fmt::format("{}", x);
}

std::string range_text(const Range& range, bool every_limit) {
  const std::string low =
      range.open_min ? fmt::format("above {}", number_text(range.min)) : number_text(range.min);
  if (!every_limit && (range.max >= kUnlimited || (range.open_min && range.max >= 1e6))) {
    return range.open_min ? " " + low : " of at least " + low;
  }
  if (range.open_min && range.open_max) {
    return fmt::format(" between {} and {}, both excluded", number_text(range.min), number_text(range.max));
  }
  return fmt::format(" from {} to {}{}", low, range.open_max ? "below " : "", number_text(range.max));
}

}  // namespace

bool KeyInfo::used_in(const Experiment& experiment) const {
  if (applies != nullptr && !applies(experiment)) return false;
  if (task_bits == 0) return true;
  for (std::size_t t = 0; t < tasks().size(); ++t) {
    if (tasks()[t].name == experiment.run.task.type) return (task_bits >> t & 1U) != 0;
  }
  return false;
}

std::string KeyInfo::user_text() const {
  if (task_bits == 0) return used_by;
  std::vector<std::string_view> names;
  for (std::size_t t = 0; t < tasks().size(); ++t) {
    if ((task_bits >> t & 1U) != 0) names.push_back(tasks()[t].name);
  }
  if (names.size() == tasks().size()) return used_by;
  return fmt::format("the task{} {}{}{}", names.size() == 1 ? "" : "s", fmt::join(names, ", "),
                     used_by.empty() ? "" : "; ", used_by);
}

const KeyInfo* find_key(std::string_view key) {
  for (const KeyInfo& info : keys()) {
    if (info.key == key) return &info;
  }
  return nullptr;
}

void reset_unused(Experiment& experiment) {
  for (const KeyInfo& key : keys()) {
    if (key.is_setting() && !key.used_in(experiment)) key.set(experiment, key.get(defaults()));
  }
}

SettingValue number_value(const KeyInfo& key, double x) {
  if (key.type == KeyType::kInteger) return static_cast<std::int64_t>(x);
  return x;
}

std::string type_text(const KeyInfo& key, bool every_limit) {
  switch (key.type) {
    case KeyType::kBool:
      return "true or false";
    case KeyType::kInteger:
      return "an integer" + range_text(key.range, every_limit);
    case KeyType::kNumber:
      return "a number" + range_text(key.range, every_limit);
    case KeyType::kWord:
      return fmt::format("one of {}", fmt::join(key.choices(), ", "));
    case KeyType::kText:
      return "a text";
    case KeyType::kName:
      return "a name";
    case KeyType::kFile:
      return "a path";
    case KeyType::kTexts:
      return key.choices == nullptr ? "a list of texts"
                                    : fmt::format("a list out of {}", fmt::join(key.choices(), ", "));
    case KeyType::kBlock:
      return key.key == "sweep.seeds"                                   ? "a number or a list"
             : key.key == "sweep.exclude" || key.key == "sweep.include" ? "a list of blocks of keys"
                                                                        : "a block of keys";
  }
  return {};
}

std::string default_text(const KeyInfo& key) {
  if (key.key == "sweep.seeds") return "1";
  if (key.type == KeyType::kBlock || key.optional) return {};
  const SettingValue value = key.get(defaults());
  const auto* count = std::get_if<std::int64_t>(&value);
  if (count != nullptr && !key.range.contains(static_cast<double>(*count))) return {};
  const std::string text = to_yaml(value);
  return text == "\"\"" || text == "[]" ? "" : text;
}

std::string key_help(std::string_view name) {
  const KeyInfo* key = find_key(name);
  if (key == nullptr) {
    std::vector<std::string> names;
    for (const KeyInfo& info : keys()) names.emplace_back(info.key);
    const std::string near = nearest_name(name, names);
    throw UsageError("", fmt::format("there is no key '{}'", name),
                     near.empty() ? "" : fmt::format("did you mean '{}'?", near));
  }
  std::string text = fmt::format("{}: {}\n  is       {}", key->key, key->help, type_text(*key));
  if (!key->unit.empty()) text += fmt::format(", in {}", key->unit);
  if (const std::string value = default_text(*key); !value.empty()) {
    text += fmt::format("\n  default  {}", value);
  }
  if (const std::string user = key->user_text(); !user.empty()) {
    text += fmt::format("\n  only for {}", user);
  }
  return text + "\n";
}

std::string key_table_markdown() {
  std::string text =
      "| key | what it is | default | only for | meaning | in results |\n|---|---|---|---|---|---|\n";
  for (const KeyInfo& key : keys()) {
    const std::string unit = key.unit.empty() ? "" : fmt::format(", in {}", key.unit);
    const std::string value = default_text(key);
    text += fmt::format("| `{}` | {}{} | {} | {} | {} | {} |\n", key.key, type_text(key), unit,
                        value.empty() ? "" : fmt::format("`{}`", value), key.user_text(), key.help,
                        key.is_setting() ? fmt::format("`{}`", key.name) : "");
  }
  return text;
}

}  // namespace unroll
