#include "store/journal.h"

#include <gtest/gtest.h>

#include "store/results.h"
#include "tests/store/samples.h"

namespace unroll {
namespace {

TEST(Journal, GivesBackWhatWasAppended) {
  const TempFolder folder;
  const Results results = sample_results(30);
  {
    JournalWriter writer(folder / "a.journal", results.manifest);
    for (const auto& [id, record] : records_of(results)) writer.append(id, record);
    writer.sync();
    writer.seal();
  }
  JournalContent content = read_journal(folder / "a.journal");
  EXPECT_TRUE(content.sealed);
  EXPECT_EQ(content.torn_bytes, 0U);
  expect_same(make_results(content.manifest, std::move(content.records)), results);
}

}  // namespace
}  // namespace unroll
