// Every call of write_results that changes a file fails once, in every way: the file at its name is always
// the old one or the new one, complete, and success is reported only for the new one.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "store/results.h"
#include "tests/store/faults.h"
#include "tests/store/samples.h"

namespace unroll {
namespace {

constexpr int kSaidFailure = 7;

// As few arrays as a file can have with every kind among them.
Results small_results(std::uint32_t seed) {
  Results results = sample_results(2, seed);
  results.manifest.settings.resize(1);
  results.manifest.provenance.resize(1);
  for (RunRecord& record : results.runs) {
    for (const MetricInfo& metric : metrics()) {
      if (metric.id != Metric::kBlockL2 && metric.id != Metric::kWallSeconds) record[metric.id].clear();
    }
  }
  return results;
}

int calls_of_a_write(const MemoryFolder& folder, const Results& results) {
  arm(Fault::kShortWrite, -1);
  write_results(folder / "count.h5", results);
  const int calls = calls_seen();
  arm(Fault::kNone, 0);
  return calls;
}

class ResultsFault : public testing::TestWithParam<Fault> {};

TEST_P(ResultsFault, LeavesTheOldFileOrTheNewOne) {
  const MemoryFolder folder;
  const Results before = small_results(1);
  const Results after = small_results(2);
  const int calls = calls_of_a_write(folder, after);
  ASSERT_GT(calls, 5);
  write_results(folder / "before.h5", before);
  write_results(folder / "after.h5", after);
  const std::string old_bytes = read_bytes(folder / "before.h5");
  const std::string new_bytes = read_bytes(folder / "after.h5");
  int failures = 0;
  RecordProperty("calls", calls);
  for (int nth = 1; nth <= calls; ++nth) {
    SCOPED_TRACE(nth);
    write_bytes(folder / "r.h5", old_bytes);
    const Ending ending = in_child([&] {
      arm(GetParam(), nth);
      try {
        write_results(folder / "r.h5", after);
      } catch (const FileError& error) {
        const bool speaks = error.where().find(folder.path().string()) == 0 && !error.message().empty();
        // The disk is sound again: the same process can go on.
        arm(Fault::kNone, 0);
        write_results(folder / "again.h5", after);
        return speaks && read_bytes(folder / "again.h5") == new_bytes ? kSaidFailure : 1;
      }
      return 0;
    });
    ASSERT_TRUE(ending.killed || ending.code == 0 || ending.code == kSaidFailure)
        << "code " << ending.code << " signal " << ending.signal;
    const std::string bytes = read_bytes(folder / "r.h5");
    if (ending.code == 0) {
      ASSERT_TRUE(bytes == new_bytes);
    } else {
      ++failures;
      ASSERT_TRUE(bytes == old_bytes || (bytes == new_bytes && nth >= calls - 1));
    }
    if (!ending.killed) continue;
    // What a dead process has left behind does not disturb the next one.
    write_results(folder / "r.h5", after);
    ASSERT_TRUE(read_bytes(folder / "r.h5") == new_bytes);
  }
  EXPECT_EQ(failures > 0, GetParam() != Fault::kShortWrite);
}

INSTANTIATE_TEST_SUITE_P(All, ResultsFault,
                         testing::Values(Fault::kKill, Fault::kTorn, Fault::kIoError, Fault::kDiskFull,
                                         Fault::kShortWrite),
                         [](const auto& name) { return fault_name(name.param); });

}  // namespace
}  // namespace unroll
