// The value of one setting, and its text.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace unroll {

// Typed by the key table, never by YAML guesswork. A number that is not set is NaN.
using SettingValue = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>>;

// As YAML reads it back to the same value: shortest decimal that gives the same double; words bare, other
// texts in double quotes with JSON's escapes; lists in brackets. One line. NaN is "unset".
std::string to_yaml(const SettingValue& value);

// As people read it: like to_yaml, but a text is never quoted.
std::string to_text(const SettingValue& value);

}  // namespace unroll
