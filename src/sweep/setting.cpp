#include "sweep/setting.h"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

namespace unroll {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// A word that YAML cannot take for anything but text.
bool is_bare(const std::string& text) {
  static constexpr std::string_view kReserved[] = {"true", "false", "null", "yes", "no",
                                                   "on",   "off",   "y",    "n"};
  const auto in_word = [](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-'; };
  if (text.empty() || !is_letter(text[0])) return false;
  if (!std::all_of(text.begin(), text.end(), in_word)) return false;
  const auto same_letters = [&](std::string_view word) {
    return std::equal(text.begin(), text.end(), word.begin(), word.end(),
                      [](char a, char b) { return (a | 0x20) == b; });
  };
  return std::none_of(std::begin(kReserved), std::end(kReserved), same_letters);
}

std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

struct Writer {
  bool yaml;

  std::string operator()(bool b) const { return b ? "true" : "false"; }
  std::string operator()(std::int64_t i) const { return fmt::format(FMT_COMPILE("{}"), i); }
  std::string operator()(double d) const {
    return std::isnan(d) ? "unset" : fmt::format(FMT_COMPILE("{}"), d);
  }
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

std::vector<std::string> without_shared_folder(std::vector<std::string> paths) {
  namespace fs = std::filesystem;
  std::optional<fs::path> shared;
  for (const std::string& path : paths) {
    if (path.empty()) continue;
    const fs::path folder = fs::path(path).parent_path();
    if (!shared) shared = folder;
    fs::path both;
    const auto end = std::mismatch(shared->begin(), shared->end(), folder.begin(), folder.end()).first;
    for (auto part = shared->begin(); part != end; ++part) both /= *part;
    shared = both;
  }
  for (std::string& path : paths) {
    if (!path.empty() && !shared->empty()) path = fs::path(path).lexically_relative(*shared).string();
  }
  return paths;
}

}  // namespace unroll
