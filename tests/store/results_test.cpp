#include "store/results.h"

#include <gtest/gtest.h>

#include "tests/store/samples.h"

namespace unroll {
namespace {

TEST(Results, ComeBackAsTheyWere) {
  const TempFolder folder;
  for (const std::size_t runs : {1U, 7U, 40U, 700U}) {
    SCOPED_TRACE(runs);
    const Results results = sample_results(runs);
    write_results(folder / "r.h5", results);
    expect_same(read_results(folder / "r.h5"), results);
  }
}

}  // namespace
}  // namespace unroll
