// How a row of the key table is written: the path of member pointers to the value, from which type, getter
// and setter follow, and what the key means.
#pragma once

#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "sweep/keys.h"

namespace unroll {

// A row in the making: each member function fills one field.
struct KeyRow : KeyInfo {
  KeyRow named(std::string_view short_name) && { return name = short_name, *this; }
  KeyRow of_type(KeyType key_type) && { return type = key_type, *this; }
  KeyRow in(std::string_view key_unit) && { return unit = key_unit, *this; }
  KeyRow within(double min, double max) && { return range = {min, max, false, false}, *this; }
  KeyRow above(double min, double max) && { return range = {min, max, true, false}, *this; }
  KeyRow below(double min, double max) && { return range = {min, max, false, true}, *this; }
  KeyRow between(double min, double max) && { return range = {min, max, true, true}, *this; }
  KeyRow one_of(std::vector<std::string> (*words)()) && {
    return type = type == KeyType::kTexts ? type : KeyType::kWord, choices = words, *this;
  }
  KeyRow identity_is(Identity kind) && { return identity = kind, *this; }
  KeyRow when(std::string words, bool (*condition)(const Experiment&)) && {
    return used_by = std::move(words), applies = condition, *this;
  }
};

// The getter and the setter of each type that a setting has in the structs.
template <typename T>
SettingValue to_setting(const T& x) {
  if constexpr (std::is_same_v<T, std::optional<double>>) {
    return x.value_or(std::nan(""));
  } else if constexpr (std::is_unsigned_v<T> && !std::is_same_v<T, bool>) {
    return static_cast<std::int64_t>(x);
  } else {
    return x;
  }
}

template <typename T>
void assign_setting(T& target, const SettingValue& value) {
  if constexpr (std::is_same_v<T, std::optional<double>>) {
    const double x = std::get<double>(value);
    target = std::isnan(x) ? std::nullopt : std::optional(x);
  } else if constexpr (std::is_unsigned_v<T> && !std::is_same_v<T, bool>) {
    target = static_cast<T>(std::get<std::int64_t>(value));
  } else {
    target = std::get<T>(value);
  }
}

template <typename T>
KeyType default_type() {
  if (std::is_same_v<T, bool>) return KeyType::kBool;
  if (std::is_unsigned_v<T>) return KeyType::kInteger;
  if (std::is_same_v<T, double> || std::is_same_v<T, std::optional<double>>) return KeyType::kNumber;
  return std::is_same_v<T, std::string> ? KeyType::kText : KeyType::kTexts;
}

// A key whose value lives at the end of `path`, which starts at Experiment.
template <auto... path>
KeyRow value_key(std::string_view key, std::string_view help) {
  using T = std::remove_cvref_t<decltype((std::declval<Experiment&>().*....*path))>;
  KeyRow row;
  row.key = key;
  row.name = key.substr(key.rfind('.') + 1);
  row.type = default_type<T>();
  row.help = help;
  row.optional = std::is_same_v<T, std::optional<double>>;
  row.get = [](const Experiment& e) { return to_setting((e.*....*path)); };
  row.set = [](Experiment& e, const SettingValue& value) { assign_setting((e.*....*path), value); };
  return row;
}

// A key with a form of its own.
inline KeyRow block_key(std::string_view key, std::string_view help) {
  KeyRow row;
  row.key = key;
  row.name = key.substr(key.rfind('.') + 1);
  row.help = help;
  return row;
}

// The names in the rows of a table.
template <typename Table>
std::vector<std::string> names_of(const Table& table) {
  std::vector<std::string> names;
  for (const auto& row : table) names.emplace_back(row.name);
  return names;
}

}  // namespace unroll
