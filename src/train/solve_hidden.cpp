#include "train/solve_hidden.h"

#include <fmt/format.h>

#include "base/error.h"
#include "nn/model.h"
#include "train/run_shape.h"

namespace unroll {

std::size_t solve_hidden(const RunConfig& config) {
  const std::size_t wanted = config.model.params;
  const ModelShape shape = run_shape(config).model;
  const auto count = [&](std::size_t hidden) {
    ModelConfig model = config.model;
    model.hidden = hidden;
    return Model::parameters(model, shape);
  };
  // More units always mean more parameters: first a size that is too large, then halving.
  std::size_t high = 1;
  while (count(high) < wanted) high *= 2;
  std::size_t low = high / 2;  // too small, or 0
  while (low + 1 < high) {
    const std::size_t middle = (low + high) / 2;
    (count(middle) < wanted ? low : high) = middle;
  }
  if (low == 0 && count(1) > 2 * wanted) {
    throw UsageError("model.params", fmt::format("a net of one unit has {} parameters already", count(1)),
                     "give more parameters");
  }
  return low > 0 && wanted - count(low) <= count(high) - wanted ? low : high;
}

}  // namespace unroll
