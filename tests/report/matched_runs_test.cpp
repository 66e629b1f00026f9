#include "report/matched_runs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/report/fake_sweep.h"

namespace unroll {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Key;
using testing::Not;

TEST(MatchedRuns, ASettingThatIsSweptIsNotFixed) {
  Results results = quickstart_results();
  results.manifest.resolved_yaml = "model:\n  cell: rnn\n  hidden: 8\nsweep:\n  seed: 1\n  seeds: 5\n";
  EXPECT_THAT(
      fixed_settings(results.manifest),
      AllOf(Contains(Key("model.hidden")), Contains(Key("sweep.seed")), Not(Contains(Key("model.cell")))));
  Results other = results;
  other.manifest.resolved_yaml = "model:\n  hidden: 8\nsweep:\n  seed: 1\n  seeds: 5\n";
  EXPECT_EQ(mismatch(results, other), "");
  other.manifest.resolved_yaml = "model:\n  cell: gru\n  hidden: 8\nsweep:\n  seed: 1\n  seeds: 5\n";
  EXPECT_EQ(mismatch(results, other), "");
}

}  // namespace
}  // namespace unroll
