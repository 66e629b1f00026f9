#include "cli/quantity.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace unroll {
namespace {

std::string scaled(double value, const std::vector<std::string_view>& units) {
  std::size_t unit = 0;
  // 999.5 would print as "1e+03": go to the next unit as soon as rounding reaches 1000.
  while (std::abs(value) >= 999.5 && unit + 1 < units.size()) {
    value /= 1000.0;
    ++unit;
  }
  const std::string number = unit == 0        ? fmt::format("{:.0f}", value)
                             : value >= 99.95 ? fmt::format("{:.0f}", value)
                                              : fmt::format("{:.1f}", value);
  return units[unit].empty() ? number : fmt::format("{} {}", number, units[unit]);
}

}  // namespace

std::string duration_text(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0.0) return "?";
  if (seconds < 9.95) return fmt::format("{:.1f} s", seconds);
  const double whole = std::round(seconds);
  if (whole < 60.0) return fmt::format("{:.0f} s", whole);
  const auto two = [](double total, double small, const char* big_name, const char* small_name) {
    const double units = std::round(total / small);
    const double ratio = small == 3600.0 ? 24.0 : 60.0;
    const double big = std::floor(units / ratio);
    const double rest = units - big * ratio;
    if (rest == 0.0) return fmt::format("{:.0f} {}", big, big_name);
    return fmt::format("{:.0f} {} {:.0f} {}", big, big_name, rest, small_name);
  };
  if (whole < 3600.0) return two(whole, 1.0, "min", "s");
  if (whole < 86400.0 - 30.0) return two(whole, 60.0, "h", "min");
  return two(whole, 3600.0, "d", "h");
}

std::string bytes_text(double bytes) {
  return scaled(bytes, {"B", "kB", "MB", "GB", "TB", "PB"});
}

std::string quantity_text(double value) {
  return scaled(value, {"", "k", "M", "G", "T", "P", "E"});
}

std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string_view cut(std::string_view text, std::size_t width) {
  std::size_t columns = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool starts = (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U;
    if (starts && columns++ == width) return text.substr(0, i);
  }
  return text;
}

}  // namespace unroll
