#include "sweep/distribution.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>

namespace unroll {
namespace {

constexpr std::array<DistributionInfo, 5> kDistributions = {{
    {"uniform", "even from min to max", false, false, false},
    {"log_uniform_values", "even in the logarithm, from min to max", true, false, false},
    {"int_uniform", "integers, even from min to max", false, false, true},
    {"q_uniform", "multiples of q, even from min to max", false, true, false},
    {"q_log_uniform_values", "multiples of q, even in the logarithm, from min to max", true, true, false},
}};

// Twelve significant digits: the same on every machine whatever its exp and log, and good to read.
double rounded(double x) {
  const std::string text = fmt::format("{:.12g}", x);
  double value = x;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

std::span<const DistributionInfo> distributions() {
  return kDistributions;
}

const DistributionInfo* find_distribution(std::string_view name) {
  const auto found = std::find_if(kDistributions.begin(), kDistributions.end(),
                                  [&](const DistributionInfo& d) { return d.name == name; });
  return found == kDistributions.end() ? nullptr : &*found;
}

double Distribution::at(double u) const {
  const double x = info->logarithmic ? std::exp(std::log(min) + u * (std::log(max) - std::log(min)))
                                     : min + u * (max - min);
  if (info->stepped) return rounded(std::clamp(std::round(x / step), first(), last()) * step);
  if (whole || info->whole) return std::clamp(std::round(x), min, max);
  return std::clamp(rounded(x), min, max);
}

double Distribution::quantile(double u) const {
  if (info->whole) return std::min(max, min + std::floor(u * (max - min + 1.0)));
  return at(u);
}

std::vector<double> Distribution::spaced(std::size_t num) const {
  std::vector<double> values;
  for (std::size_t i = 0; i < num; ++i)
    values.push_back(at(static_cast<double>(i) / static_cast<double>(num - 1)));
  // Exactly, whatever the digits.
  if (!info->stepped) values.front() = min;
  if (!info->stepped) values.back() = max;
  return values;
}

// A little slack, so that 0.3 is three steps of 0.1.
double Distribution::first() const {
  return std::ceil(min / step - 1e-9);
}

double Distribution::last() const {
  return std::floor(max / step + 1e-9);
}

double Distribution::count() const {
  if (info->stepped) return std::max(0.0, last() - first() + 1.0);
  return info->whole ? max - min + 1.0 : std::numeric_limits<double>::infinity();
}

std::vector<double> Distribution::all() const {
  std::vector<double> values;
  for (double i = 0; i < count(); ++i) {
    values.push_back(info->stepped ? rounded((first() + i) * step) : min + i);
  }
  return values;
}

}  // namespace unroll
