// Ranges of an axis: {distribution: log_uniform_values, min: 1e-4, max: 1e-2, num: 5}.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace unroll {

struct DistributionInfo;

// A range from `min` to `max`, both included.
struct Distribution {
  const DistributionInfo* info = nullptr;
  double min = 0.0;
  double max = 0.0;
  double step = 1.0;   // q, of the stepped ones
  bool whole = false;  // values are integers. Requires: for the stepped ones, so is `step`

  // The value below which the share `u` of all draws lies, u in [0, 1).
  double quantile(double u) const;
  // `num` values from min to max, even in the measure of the distribution. Requires: num >= 2.
  std::vector<double> spaced(std::size_t num) const;
  // How many values there are; infinity if they cannot be counted.
  double count() const;
  // All of them. Requires: not very many.
  std::vector<double> all() const;

 private:
  double at(double u) const;
  // The least and the largest multiple of `step`.
  double first() const;
  double last() const;
};

// A row of the table of distributions. The names are those of Weights & Biases.
struct DistributionInfo {
  std::string_view name;
  std::string_view description;
  bool logarithmic;  // even in the logarithm: min must be above 0
  bool stepped;      // rounded to multiples of q
  bool whole;        // integers
};

std::span<const DistributionInfo> distributions();
const DistributionInfo* find_distribution(std::string_view name);

}  // namespace unroll
