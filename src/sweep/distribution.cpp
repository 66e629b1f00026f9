#include "sweep/distribution.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
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

double Distribution::quantile(double u) const {
  if (info->whole) return std::min(max, min + std::floor(u * (max - min + 1.0)));
  double x = info->logarithmic ? std::exp(std::log(min) + u * (std::log(max) - std::log(min)))
                               : min + u * (max - min);
  if (info->stepped) x = std::round(x / step) * step;
  if (whole) x = std::round(x);
  return std::clamp(rounded(x), min, max);
}

std::vector<double> Distribution::spaced(std::size_t num) const {
  std::vector<double> values = {min};
  for (std::size_t i = 1; i + 1 < num; ++i) {
    const double u = static_cast<double>(i) / static_cast<double>(num - 1);
    double x = info->logarithmic ? std::exp(std::log(min) + u * (std::log(max) - std::log(min)))
                                 : min + u * (max - min);
    if (info->stepped) x = std::round(x / step) * step;
    if (whole || info->whole) x = std::round(x);
    values.push_back(std::clamp(rounded(x), min, max));
  }
  values.push_back(max);
  return values;
}

double Distribution::count() const {
  if (info->whole) return max - min + 1.0;
  return info->stepped ? std::floor((max - min) / step + 1e-9) + 1.0 : 0.0;
}

std::vector<double> Distribution::all() const {
  const double by = info->whole ? 1.0 : step;
  std::vector<double> values;
  for (double i = 0; i < count(); ++i) values.push_back(std::min(max, rounded(min + i * by)));
  return values;
}

}  // namespace unroll
