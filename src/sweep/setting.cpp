#include "sweep/setting.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <nlohmann/json.hpp>

namespace unroll {
namespace {

// A word that YAML cannot take for anything but text.
bool is_bare(const std::string& text) {
  static const char* const kReserved[] = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"};
  const auto word = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; };
  if (text.empty() || std::isalpha(static_cast<unsigned char>(text[0])) == 0) return false;
  if (!std::all_of(text.begin(), text.end(), word)) return false;
  std::string lower = text;
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::find(std::begin(kReserved), std::end(kReserved), lower) == std::end(kReserved);
}

std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

struct Writer {
  bool yaml;

  std::string operator()(bool b) const { return b ? "true" : "false"; }
  std::string operator()(std::int64_t i) const { return fmt::format("{}", i); }
  std::string operator()(double d) const { return std::isnan(d) ? "unset" : fmt::format("{}", d); }
  std::string operator()(const std::string& s) const { return !yaml || is_bare(s) ? s : quoted(s); }
  std::string operator()(const std::vector<std::string>& list) const {
    std::string out;
    for (const std::string& s : list) out += (out.empty() ? "" : ", ") + (*this)(s);
    return "[" + out + "]";
  }
};

}  // namespace

std::string to_yaml(const SettingValue& value) {
  return std::visit(Writer{true}, value);
}

std::string to_text(const SettingValue& value) {
  return std::visit(Writer{false}, value);
}

}  // namespace unroll
