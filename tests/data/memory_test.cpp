// What the shape of a task promises to hold while its data is made, against what is held.
#include <gtest/gtest.h>

#include <string>

#include "data/task.h"
#include "tests/data/temporary_file.h"
#include "tests/support/allocations.h"

namespace unroll {
namespace {

// `steps` rows for each sequence.
std::string table_of_cases(std::size_t sequences, std::size_t steps) {
  std::string text = "id,x,label\n";
  for (std::size_t n = 0; n < sequences; ++n) {
    for (std::size_t t = 0; t < steps; ++t) {
      text += std::to_string(n) + ',' + std::to_string((n + t) % 10) + (n % 2 == 0 ? ",a\n" : ",b\n");
    }
  }
  return text;
}

void expect_as_planned(const TaskConfig& config) {
  const TaskShape shape = task_shape(config);
  const std::size_t before = allocations().live;
  forget_peak();
  const Dataset data = make_dataset(config, {});
  const auto held = static_cast<double>(allocations().peak - before);
  const auto planned = static_cast<double>(shape.bytes + shape.make_bytes);
  EXPECT_LE(held, 1.05 * planned + 32768);
  EXPECT_GE(held, 0.6 * planned);
}

TEST(Memory, OfATableOfCasesIsPlanned) {
  for (const std::size_t steps : {1UL, 4UL, 100UL}) {
    SCOPED_TRACE(steps);
    const TemporaryFile file(table_of_cases(100'000 / steps, steps));
    TaskConfig config;
    config.type = "classification";
    config.file = file.path();
    config = resolve_task(config);
    expect_as_planned(config);
    // The text, each number once, and what a sequence needs.
    EXPECT_LE(task_shape(config).make_bytes, std::size_t{100'000} * (12 + 8 + 64 / steps));
  }
}

}  // namespace
}  // namespace unroll
