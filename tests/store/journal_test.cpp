#include "store/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

#include <algorithm>
#include <thread>

#include "base/bytes.h"
#include "store/crc32c.h"
#include "store/journal_frames.h"
#include "store/record_codec.h"
#include "store/results.h"
#include "tests/store/samples.h"

namespace unroll {
namespace {

using testing::HasSubstr;

class Journal : public testing::Test {
 protected:
  // Writes the whole sweep, a commit for each run.
  void write_sweep() {
    JournalWriter writer(path, sweep.manifest);
    for (const auto& [id, record] : records_of(sweep)) {
      writer.append(id, record);
      writer.sync();
    }
  }
  void expect_sweep() { expect_sweep(read_journal(path)); }
  void expect_sweep(JournalContent content) {
    expect_same(make_results(content.manifest, std::move(content.records)), sweep);
  }
  // What a FileError of f says.
  template <typename F>
  std::string error_of(const F& f) {
    try {
      f();
    } catch (const FileError& error) {
      EXPECT_EQ(error.where().find(folder.path().string()), 0U) << error.where();
      return error.what();
    }
    ADD_FAILURE() << "no error";
    return "";
  }

  MemoryFolder folder;
  std::filesystem::path path = folder / "a.journal";
  Results sweep = sample_results(12);
};

TEST_F(Journal, GivesBackWhatWasAppended) {
  {
    JournalWriter writer(path, sweep.manifest);
    EXPECT_EQ(writer.content().runs, 0U);
    for (const auto& [id, record] : records_of(sweep)) writer.append(id, record);
    writer.seal();
  }
  const JournalContent content = read_journal(path);
  EXPECT_TRUE(content.sealed);
  EXPECT_EQ(content.torn_bytes, 0U);
  EXPECT_EQ(content.skipped_bytes, 0U);
  expect_same(content.manifest, sweep.manifest);
  expect_sweep();
}

TEST_F(Journal, KeepsWhatWasAppendedWithoutSync) {
  {
    JournalWriter writer(path, sweep.manifest);
    for (const auto& [id, record] : records_of(sweep)) writer.append(id, record);
  }
  expect_sweep();
  EXPECT_FALSE(read_journal(path).sealed);
}

TEST_F(Journal, ContinuesWhereItStopped) {
  const auto records = records_of(sweep);
  for (const auto& [id, record] : records) {
    JournalWriter writer(path, sweep.manifest);
    writer.append(id, record);
  }
  expect_sweep();
  JournalWriter writer(path, sweep.manifest);
  EXPECT_EQ(writer.content().runs, records.size());
}

TEST_F(Journal, WritesManifestAndSealOnlyWhenTheyAreNew) {
  write_sweep();
  JournalWriter(path, sweep.manifest).seal();
  const std::string bytes = read_bytes(path);
  JournalWriter(path, sweep.manifest).seal();
  EXPECT_EQ(read_bytes(path), bytes);
  sweep.manifest.description = "another";
  { const JournalWriter writer(path, sweep.manifest); }
  EXPECT_GT(read_bytes(path).size(), bytes.size());
  EXPECT_FALSE(read_journal(path).sealed);
  expect_sweep();
}

TEST_F(Journal, ManyThreadsAppend) {
  constexpr int kThreads = 4;
  constexpr int kEach = 200;
  {
    JournalWriter writer(path, sweep.manifest);
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kEach; ++i) {
          writer.append(std::to_string(t) + "/" + std::to_string(i), sample_run(1));
          if (i % 64 == 0) writer.sync();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  std::vector<int> next(kThreads, 0);
  scan_journal(path, [&](const std::string& id, RunRecord& record, const RecordPlace&) {
    const int t = std::stoi(id);
    EXPECT_EQ(id, std::to_string(t) + "/" + std::to_string(next[static_cast<std::size_t>(t)]++));
    EXPECT_EQ(record.state, RunState::kDone);
  });
  EXPECT_EQ(next, std::vector<int>(kThreads, kEach));
}

TEST_F(Journal, CutsATornTailWhereverItEnds) {
  write_sweep();
  const std::string whole = read_bytes(path);
  const auto records = records_of(sweep);
  const std::size_t last = 24 + encode_run(records.back().first, records.back().second).size();
  const std::size_t end = whole.size() - 24;  // behind it the journal is closed
  const std::size_t good = end - last;
  for (std::size_t size = good; size < end; ++size) {
    SCOPED_TRACE(size);
    write_bytes(path, whole.substr(0, size));
    const JournalContent content = read_journal(path);
    ASSERT_EQ(content.records.size(), records.size() - 1);
    ASSERT_EQ(content.torn_bytes, size - good);
    if (size % 7 == 0) {
      JournalWriter writer(path, sweep.manifest);
      writer.append(records.back().first, records.back().second);
    } else {
      continue;
    }
    ASSERT_EQ(read_bytes(path).size(), whole.size());
    expect_sweep();
  }
}

TEST_F(Journal, StartsAgainAfterATornStart) {
  write_sweep();
  const std::string whole = read_bytes(path);
  const std::size_t first = 16 + 24 + encode_manifest(sweep.manifest).size();
  for (std::size_t size = 0; size < first; size += 5) {
    SCOPED_TRACE(size);
    write_bytes(path, whole.substr(0, size));
    EXPECT_THAT(error_of([&] { read_journal(path); }), HasSubstr("holds no sweep"));
    write_sweep();
    expect_sweep();
  }
  write_bytes(path, std::string(16, '\0'));
  write_sweep();
  expect_sweep();
}

// After a power cut any page of what was not yet acknowledged may be missing.
TEST_F(Journal, CutsHolesInWhatWasNotCommitted) {
  { JournalWriter writer(path, sweep.manifest); }
  const std::uint64_t committed = read_bytes(path).size();
  std::string tail;
  std::vector<std::size_t> starts;
  for (const auto& [id, record] : records_of(sweep)) {
    starts.push_back(tail.size());
    append_frame(tail, FrameType::kRun, committed, encode_run(id, record));
  }
  const std::string head = read_bytes(path);
  for (std::size_t hole = 0; hole < starts.size(); ++hole) {
    std::string holed = tail;
    std::fill_n(holed.begin() + static_cast<std::ptrdiff_t>(starts[hole]), 100, '\0');
    write_bytes(path, head + holed);
    const JournalContent content = read_journal(path);
    EXPECT_EQ(content.records.size(), hole);
    EXPECT_EQ(content.torn_bytes, tail.size() - starts[hole]);
    EXPECT_EQ(JournalWriter(path, sweep.manifest).content().runs, hole);
    EXPECT_EQ(read_bytes(path).size(), head.size() + starts[hole] + (hole == 0 ? 0 : 24)) << "closed again";
  }
}

TEST_F(Journal, NoticesEveryFlippedBit) {
  sweep = sample_results(3);
  write_sweep();
  { JournalWriter(path, sweep.manifest).seal(); }
  const std::string whole = read_bytes(path);
  const std::size_t last = whole.size() - 24;  // the seal
  std::size_t torn = 0;
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    write_bytes(path, flipped);
    try {
      const JournalContent content = read_journal(path);
      ++torn;
      ASSERT_EQ(content.torn_bytes, 24U) << bit;
      ASSERT_FALSE(content.sealed);
      ASSERT_GE(bit / 8, last);
    } catch (const FileError& error) {
      if (bit >= 8 * 16) {
        ASSERT_THAT(error.what(), HasSubstr("the record at byte ")) << bit;
        const std::size_t at = std::stoul(error.message().substr(error.message().find("byte ") + 5));
        ASSERT_LE(at, bit / 8);
      }
    }
  }
  EXPECT_EQ(torn, 8U * 24U);
}

// A journal that was closed in order says how far it went, complete or not.
TEST_F(Journal, EveryRecordOfAClosedJournalIsVouchedFor) {
  write_sweep();
  const std::string bytes = read_bytes(path);
  const auto records = records_of(sweep);
  const std::string last = encode_run(records.back().first, records.back().second);
  const std::size_t at = bytes.rfind(last);
  for (std::size_t bit = 8 * (at - 24); bit < 8 * (at + last.size()); bit += 13) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    write_bytes(path, flipped);
    ASSERT_THROW(read_journal(path), FileError) << bit;
  }
  write_bytes(path, bytes);
  { const JournalWriter writer(path, sweep.manifest); }
  EXPECT_EQ(read_bytes(path), bytes) << "once is enough";
}

TEST_F(Journal, SalvagesAllSoundRecords) {
  write_sweep();
  const auto records = records_of(sweep);
  std::string bytes = read_bytes(path);
  const std::string payload = encode_run(records[4].first, records[4].second);
  const std::size_t at = bytes.find(payload);
  ASSERT_NE(at, std::string::npos);
  bytes[at + 40] ^= 1;
  write_bytes(path, bytes);
  const std::string error = error_of([&] { JournalWriter(path, sweep.manifest); });
  EXPECT_THAT(error, HasSubstr("byte " + std::to_string(at - 24)));
  EXPECT_THAT(error, HasSubstr("--salvage"));
  EXPECT_EQ(read_bytes(path), bytes);

  const JournalContent content = read_journal(path, true);
  EXPECT_EQ(content.records.size(), records.size() - 1);
  EXPECT_EQ(content.skipped_bytes, payload.size() + 24);
  {
    JournalWriter writer(path, sweep.manifest, true);
    EXPECT_EQ(writer.content().runs, records.size() - 1);
    EXPECT_THROW(JournalWriter(path, sweep.manifest), LockedError);
    writer.append(records[4].first, records[4].second);
  }
  EXPECT_EQ(read_bytes(path.string() + ".damaged"), bytes);
  EXPECT_FALSE(std::filesystem::exists(path.string() + ".tmp"));
  expect_sweep();
}

TEST_F(Journal, SalvageOfASoundJournalChangesNothing) {
  write_sweep();
  const std::string bytes = read_bytes(path);
  { const JournalWriter writer(path, sweep.manifest, true); }
  EXPECT_EQ(read_bytes(path), bytes);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST_F(Journal, SalvagesBehindADamagedHeader) {
  write_sweep();
  std::string bytes = read_bytes(path);
  bytes[2] ^= 4;
  write_bytes(path, bytes);
  EXPECT_THAT(error_of([&] { read_journal(path); }), HasSubstr("is not a journal"));
  EXPECT_THAT(error_of([&] { JournalWriter(path, sweep.manifest); }), HasSubstr("is not a journal"));
  { const JournalWriter writer(path, sweep.manifest, true); }
  expect_sweep();
}

TEST_F(Journal, NeverTouchesAForeignFile) {
  for (const std::string& bytes : {std::string("notes"), std::string(1000, 'x'), std::string(40, '\0')}) {
    write_bytes(path, bytes);
    for (const bool salvage : {false, true}) {
      error_of([&] { JournalWriter(path, sweep.manifest, salvage); });
      error_of([&] { read_journal(path, salvage); });
      EXPECT_EQ(read_bytes(path), bytes);
    }
  }
}

TEST_F(Journal, RefusesANewerVersion) {
  write_sweep();
  std::string bytes = read_bytes(path);
  ByteWriter header;
  header.u32(2);
  bytes.replace(8, 4, header.bytes());
  ByteWriter crc;
  crc.u32(crc32c(bytes.substr(0, 12)));
  bytes.replace(12, 4, crc.bytes());
  write_bytes(path, bytes);
  EXPECT_THAT(error_of([&] { read_journal(path); }), HasSubstr("newer version"));
  EXPECT_THAT(error_of([&] { JournalWriter(path, sweep.manifest, true); }), HasSubstr("newer version"));
  EXPECT_EQ(read_bytes(path), bytes);
}

TEST_F(Journal, HasOneWriterAndAnyReaders) {
  JournalWriter writer(path, sweep.manifest);
  writer.append(sweep.manifest.run_ids[0], sweep.runs[0]);
  writer.sync();
  EXPECT_THAT(error_of([&] { JournalWriter(path, sweep.manifest); }), HasSubstr("another process"));
  EXPECT_THROW(JournalWriter(path, sweep.manifest), LockedError);
  EXPECT_EQ(read_journal(path).records.size(), 1U);
  JournalWriter moved(std::move(writer));
  moved.append(sweep.manifest.run_ids[1], sweep.runs[1]);
  moved.sync();
  EXPECT_EQ(read_journal(path).records.size(), 2U);
}

TEST_F(Journal, SaysWhyAFileCannotBeOpened) {
  EXPECT_THAT(error_of([&] { read_journal(folder / "none"); }), HasSubstr("No such file"));
  EXPECT_THAT(error_of([&] { JournalWriter(folder / "none" / "a", sweep.manifest); }),
              HasSubstr("No such file"));
  EXPECT_THAT(error_of([&] { read_journal(folder.path()); }), HasSubstr("not a regular file"));
  EXPECT_THAT(error_of([&] { JournalWriter(folder.path(), sweep.manifest); }), HasSubstr("Is a directory"));
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(error_of([&] { read_journal(folder / "pipe"); }), HasSubstr("not a regular file"));
  EXPECT_THAT(error_of([&] { JournalWriter(folder / "pipe", sweep.manifest); }),
              HasSubstr("not a regular file"));
}

}  // namespace
}  // namespace unroll
