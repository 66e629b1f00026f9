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

// Paths as results call them: without the folder that all of them are in, directly or deeper, so that neither
// its place nor the way they are written is part of a result. Empty ones stay.
std::vector<std::string> without_shared_folder(std::vector<std::string> paths);

// As people read it: like to_yaml, but a text is never quoted.
std::string to_text(const SettingValue& value);

}  // namespace unroll
