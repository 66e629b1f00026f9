#include "data/chance.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace unroll {
namespace {

// Calls f(row) for every target row that is scored; returns how many.
template <typename F>
std::size_t for_each_target(const Dataset& data, const Part& part, const F& f) {
  std::size_t count = 0;
  for (std::size_t n = 0; n < part.size(); ++n) {
    const std::size_t length = part.length.empty() ? data.seq_len : part.length[n];
    const std::size_t steps = data.every_step ? length : 1;
    for (std::size_t t = 0; t < steps; ++t) f(std::size_t{part.target_start[n]} + t);
    count += steps;
  }
  return count;
}

// The answer for each output: a mean, or a probability.
std::vector<double> constant(const Dataset& data) {
  const std::size_t outputs = data.output_size;
  const bool classes = data.loss == Loss::kSoftmax;
  std::vector<double> sum(outputs, data.loss == Loss::kMse ? 0.0 : 1.0);
  const std::size_t rows = for_each_target(data, data.train, [&](std::size_t row) {
    if (classes) {
      sum[static_cast<std::size_t>(data.train.classes[row])] += 1.0;
    } else {
      for (std::size_t o = 0; o < outputs; ++o)
        sum[o] += static_cast<double>(data.train.targets[row * outputs + o]);
    }
  });
  const double more = classes ? static_cast<double>(outputs) : data.loss == Loss::kSigmoid ? 2.0 : 0.0;
  for (double& s : sum) s /= static_cast<double>(rows) + more;
  return sum;
}

// Share of the targets that are the likeliest answer.
double accuracy_of(const Dataset& data, const Part& part, const std::vector<double>& answer) {
  if (data.loss == Loss::kMse) return std::numeric_limits<double>::quiet_NaN();
  const std::size_t outputs = data.output_size;
  const auto likeliest = std::max_element(answer.begin(), answer.end()) - answer.begin();
  std::size_t right = 0;
  const std::size_t rows = for_each_target(data, part, [&](std::size_t row) {
    if (data.loss == Loss::kSoftmax) {
      right += part.classes[row] == likeliest;
      return;
    }
    bool all = true;
    for (std::size_t o = 0; o < outputs; ++o)
      all = all && (part.targets[row * outputs + o] > 0.5F) == (answer[o] > 0.5);
    right += all;
  });
  return static_cast<double>(right) / static_cast<double>(rows);
}

double loss_of(const Dataset& data, const Part& part, const std::vector<double>& answer) {
  const std::size_t outputs = data.output_size;
  double total = 0.0;
  const std::size_t rows = for_each_target(data, part, [&](std::size_t row) {
    if (data.loss == Loss::kSoftmax) {
      total -= std::log(answer[static_cast<std::size_t>(part.classes[row])]);
      return;
    }
    for (std::size_t o = 0; o < outputs; ++o) {
      const double y = part.targets[row * outputs + o];
      if (data.loss == Loss::kMse) {
        total += (y - answer[o]) * (y - answer[o]) / static_cast<double>(outputs);
      } else {
        total -= y * std::log(answer[o]) + (1.0 - y) * std::log1p(-answer[o]);
      }
    }
  });
  return total / static_cast<double>(rows);
}

}  // namespace

Chance constant_chance(const Dataset& data) {
  const std::vector<double> answer = constant(data);
  return {loss_of(data, data.valid, answer),
          loss_of(data, data.test, answer),
          {},
          accuracy_of(data, data.valid, answer),
          accuracy_of(data, data.test, answer)};
}

}  // namespace unroll
