// The hidden size for a number of parameters, against trying all of them.
#include "train/solve_hidden.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "nn/cells.h"
#include "tests/train/small_runs.h"
#include "train/trainer.h"

namespace unroll {
namespace {

std::size_t distance(std::size_t a, std::size_t b) {
  return a > b ? a - b : b - a;
}

TEST(SolveHidden, IsTheClosestOfAll) {
  for (const CellInfo& cell : cells()) {
    for (const bool both : {false, true}) {
      for (const std::size_t wanted : {30UL, 137UL, 1000UL, 5003UL, 20000UL}) {
        SCOPED_TRACE(std::string(cell.name) + " " + std::to_string(wanted));
        RunConfig config = small_adding();
        config.model.cell = cell.name;
        config.model.layers = 2;
        config.model.bidirectional = both;
        config.model.params = wanted;
        std::size_t best = 1;
        std::size_t best_count = 0;
        for (std::size_t hidden = 1; hidden < 120; ++hidden) {
          config.model.hidden = hidden;
          const std::size_t count = estimate_run(config).params;
          if (hidden == 1 || distance(count, wanted) < distance(best_count, wanted)) {
            best = hidden;
            best_count = count;
          }
        }
        if (best_count > 2 * wanted) {
          EXPECT_THROW(solve_hidden(config), UsageError);
          continue;
        }
        EXPECT_EQ(solve_hidden(config), best);
      }
    }
  }
}

}  // namespace
}  // namespace unroll
