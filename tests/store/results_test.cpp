#include "store/results.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hdf5.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <limits>

#include "base/rng.h"
#include "store/journal.h"
#include "store/layout.h"
#include "store/posix_file.h"
#include "tests/store/faults.h"
#include "tests/store/samples.h"

namespace unroll {
namespace {

using testing::HasSubstr;

std::string error_of_reading(const std::filesystem::path& path) {
  try {
    read_results(path);
  } catch (const FileError& error) {
    EXPECT_EQ(error.where(), path.string());
    return error.what();
  }
  return "no error";
}

TEST(Results, ComeBackAsTheyWere) {
  const MemoryFolder folder;
  for (const std::size_t runs : {0U, 1U, 7U, 40U, 700U}) {
    SCOPED_TRACE(runs);
    const Results results = sample_results(runs);
    write_results(folder / "r.h5", results);
    expect_same(read_results(folder / "r.h5"), results);
  }
}

RC_GTEST_PROP(Results, AnySweepComesBack, ()) {
  const MemoryFolder folder;
  const auto numbers = *rc::gen::container<std::vector<std::uint32_t>>(rc::gen::inRange(0U, 100U));
  Results results = sample_results(numbers.size());
  for (std::size_t run = 0; run < numbers.size(); ++run) {
    results.runs[run] = numbers[run] % 3 == 0 ? RunRecord() : sample_run(numbers[run]);
    if (numbers[run] % 11 == 1) results.runs[run].blocks.clear();
    for (const MetricInfo& metric : metrics()) {
      const bool needs_blocks = std::count(metric.dims.begin(), metric.dims.end(), Dim::kBlock) > 0;
      if (needs_blocks && results.runs[run].blocks.empty()) results.runs[run][metric.id].clear();
    }
  }
  write_results(folder / "r.h5", results);
  expect_same(read_results(folder / "r.h5"), results);
}

TEST(Results, AreTheSameBytesForEveryOrderOfTheJournal) {
  const MemoryFolder folder;
  const Results results = sample_results(23);
  write_results(folder / "a.h5", results);
  Rng rng({3, 0}, Purpose::kSample);
  for (int round = 0; round < 5; ++round) {
    const auto records = records_of(results);
    {
      JournalWriter writer(folder / ("j" + std::to_string(round)), results.manifest);
      for (std::uint32_t i : rng.permutation(records.size()))
        writer.append(records[i].first, records[i].second);
    }
    JournalContent content = read_journal(folder / ("j" + std::to_string(round)));
    write_results(folder / "b.h5", make_results(content.manifest, std::move(content.records)));
    ASSERT_EQ(read_bytes(folder / "a.h5"), read_bytes(folder / "b.h5"));
  }
  // And when made again from themselves.
  write_results(folder / "b.h5", read_results(folder / "a.h5"));
  EXPECT_EQ(read_bytes(folder / "a.h5"), read_bytes(folder / "b.h5"));
}

std::string content_hash(const std::filesystem::path& path, const char* group) {
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  const hid_t attribute = H5Aopen_by_name(file, group, "content_hash", H5P_DEFAULT, H5P_DEFAULT);
  const hid_t type = H5Aget_type(attribute);
  char* text = nullptr;
  H5Aread(attribute, type, &text);
  std::string hash = text == nullptr ? "" : text;
  H5free_memory(text);
  H5Tclose(type);
  H5Aclose(attribute);
  H5Fclose(file);
  return hash;
}

TEST(Results, TellEqualResultsByTheirHash) {
  const MemoryFolder folder;
  Results results = sample_results(9);
  write_results(folder / "a.h5", results);
  results.manifest.provenance.emplace_back("note", "another machine");
  results.runs[0][Metric::kWallSeconds] = {123.0};
  write_results(folder / "b.h5", results);
  EXPECT_EQ(content_hash(folder / "a.h5", "/"), content_hash(folder / "b.h5", "/"));
  EXPECT_NE(content_hash(folder / "a.h5", "/measured"), content_hash(folder / "b.h5", "/measured"));
  results.runs[0][Metric::kTrainLoss][0] += 1e-9;
  write_results(folder / "b.h5", results);
  EXPECT_NE(content_hash(folder / "a.h5", "/"), content_hash(folder / "b.h5", "/"));
}

// Readers look at every text when they open a file.
TEST(Results, TextsThatNoRunHasAreNotThere) {
  const MemoryFolder folder;
  Results results = sample_results(9);
  const auto holds_messages = [&] {
    write_results(folder / "r.h5", results);
    const Results back = read_results(folder / "r.h5");
    for (std::size_t run = 0; run < 9; ++run) expect_same(back.runs[run], results.runs[run]);
    const hid_t file = H5Fopen((folder / "r.h5").c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
    const bool found = H5Lexists(file, "message", H5P_DEFAULT) > 0;
    H5Fclose(file);
    return found;
  };
  EXPECT_TRUE(holds_messages());
  for (RunRecord& run : results.runs) run.message.clear();
  EXPECT_FALSE(holds_messages());
}

TEST(Results, KeepTheBestRecordOfARun) {
  const Results sweep = sample_results(1);
  RunRecord failed;
  failed.state = RunState::kFailed;
  failed.message = "first";
  RunRecord again = failed;
  again.message = "second";
  const RunRecord done = sample_run(0);
  const std::string& id = sweep.manifest.run_ids[0];
  expect_same(make_results(sweep.manifest, {{id, failed}, {id, again}}).runs[0], again);
  expect_same(make_results(sweep.manifest, {{id, done}, {id, failed}}).runs[0], done);
  expect_same(make_results(sweep.manifest, {{id, failed}, {id, done}, {"other", failed}}).runs[0], done);
  expect_same(make_results(sweep.manifest, {{"other", done}}).runs[0], RunRecord());
}

TEST(Results, CleanTextsThatReadersCannotTake) {
  EXPECT_EQ(clean_text("plain, \xc3\xbc, \xe2\x82\xac, \xf0\x9f\x98\x80"),
            "plain, \xc3\xbc, \xe2\x82\xac, \xf0\x9f\x98\x80");
  EXPECT_EQ(clean_text(std::string("a\0b", 3)), "a?b");
  EXPECT_EQ(clean_text("\xff\xc3"), "??");
  EXPECT_EQ(clean_text("\xc0\x80 \xed\xa0\x80 \xf4\x90\x80\x80"), "?? ??? ????");
  const MemoryFolder folder;
  Results results = sample_results(1);
  results.runs[0].message = "bad \xff byte";
  write_results(folder / "r.h5", results);
  EXPECT_EQ(read_results(folder / "r.h5").runs[0].message, "bad ? byte");
}

TEST(Results, CountAnArrayOfNanOnlyAsNotRecorded) {
  const MemoryFolder folder;
  Results results = sample_results(2);
  std::fill(results.runs[0][Metric::kValidLoss].begin(), results.runs[0][Metric::kValidLoss].end(),
            std::numeric_limits<double>::quiet_NaN());
  write_results(folder / "r.h5", results);
  EXPECT_TRUE(read_results(folder / "r.h5").runs[0][Metric::kValidLoss].empty());
}

TEST(Results, GiveASettingAnotherNameWhereAMetricHasIt) {
  Results results = sample_results(1);
  results.manifest.settings.push_back(results.manifest.settings[0]);
  results.manifest.settings[0].name = "state";
  results.manifest.settings[0].key = "a.state";
  const Layout layout =
      make_layout(results.manifest, [&](std::size_t run) -> const RunRecord& { return results.runs[run]; });
  EXPECT_THAT(layout.setting_names, testing::ElementsAre("a_state", "train_epochs", "lr", "cell"));
}

TEST(Layout, BoundsChunks) {
  EXPECT_EQ(chunk_of({10, 5}, 8), (Shape{10, 5}));
  EXPECT_EQ(chunk_of({0, 5}, 8), (Shape{1, 5}));
  EXPECT_EQ(chunk_of({100000, 100}, 8), (Shape{256, 100}));
  EXPECT_EQ(chunk_of({100000}, 8), (Shape{16384}));
  for (const Shape& shape :
       {Shape{5000, 1000, 60}, Shape{7, 1000000, 3}, Shape{2, 3, 500000}, Shape{9, 1, 1, 1}}) {
    std::uint64_t bytes = 8;
    for (std::uint64_t length : chunk_of(shape, 8)) {
      EXPECT_GT(length, 0U);
      bytes *= length;
    }
    EXPECT_LE(bytes, 1U << 20);
  }
}

TEST(ResultsFile, ASingleRunLargerThanAChunkComesBack) {
  const MemoryFolder folder;
  Results results = sample_results(2);
  RunRecord& run = results.runs[1];
  run.epochs = 90000;
  for (const MetricInfo& metric : metrics()) {
    if (std::count(metric.dims.begin(), metric.dims.end(), Dim::kEpoch) == 0) continue;
    run[metric.id].assign(run.epochs * (metric.dims.size() > 1 ? run.blocks.size() : 1), 0.25);
  }
  for (const Metric metric :
       {Metric::kBlockMean, Metric::kBlockStd, Metric::kBlockMax, Metric::kBlockZeros}) {
    run[metric].clear();
  }
  write_results(folder / "r.h5", results);
  expect_same(read_results(folder / "r.h5"), results);
}

TEST(ResultsFile, IsRefusedWhenItIsNotOne) {
  const MemoryFolder folder;
  EXPECT_THAT(error_of_reading(folder / "none.h5"), HasSubstr("No such file"));
  EXPECT_THAT(error_of_reading(folder.path()), HasSubstr("not a regular file"));
  write_bytes(folder / "empty.h5", "");
  EXPECT_NE(error_of_reading(folder / "empty.h5"), "no error");
  write_bytes(folder / "text.h5", std::string(5000, 'x'));
  EXPECT_NE(error_of_reading(folder / "text.h5"), "no error");
  H5Fclose(H5Fcreate((folder / "foreign.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
  EXPECT_THAT(error_of_reading(folder / "foreign.h5"), HasSubstr("not a results file of unroll"));
}

TEST(ResultsFile, IsRefusedWhenItsSchemaIsNewer) {
  const MemoryFolder folder;
  write_results(folder / "r.h5", sample_results(2));
  const int newer = kResultsSchema + 1;
  const hid_t file = H5Fopen((folder / "r.h5").c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  const hid_t attribute = H5Aopen(file, "unroll_schema", H5P_DEFAULT);
  ASSERT_GE(H5Awrite(attribute, H5T_NATIVE_INT, &newer), 0);
  H5Aclose(attribute);
  H5Fclose(file);
  EXPECT_THAT(error_of_reading(folder / "r.h5"), HasSubstr("newer version of unroll"));
}

TEST(ResultsFile, MayHoldArraysOfOthers) {
  const MemoryFolder folder;
  const Results results = sample_results(2);
  write_results(folder / "r.h5", results);
  const hid_t file = H5Fopen((folder / "r.h5").c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  const hid_t space = H5Screate(H5S_SCALAR);
  for (const char* name : {"/mine", "/measured/mine", "/shape/mine", "/provenance/mine"}) {
    const hid_t mine =
        H5Dcreate2(file, name, H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    ASSERT_GE(mine, 0) << name;
    H5Dclose(mine);
  }
  H5Sclose(space);
  H5Fclose(file);
  expect_same(read_results(folder / "r.h5"), results);
}

// The library itself may crash on damaged files: that must not be, and would not take the tests along.
TEST(ResultsFile, IsRefusedWhenItIsTruncated) {
  const MemoryFolder folder;
  write_results(folder / "r.h5", sample_results(3));
  const std::string whole = read_bytes(folder / "r.h5");
  const Ending ending = in_child([&] {
    const std::size_t trailer = 16;  // nothing is lost with it but the checksum
    for (std::size_t size = 0; size + trailer < whole.size(); size += 97) {
      write_bytes(folder / "t.h5", whole.substr(0, size));
      if (error_of_reading(folder / "t.h5") == "no error") return 1;
    }
    return 0;
  });
  EXPECT_EQ(ending.code, 0) << "signal " << ending.signal;
}

TEST(ResultsFile, IsNeverReadWrongAfterAFlippedBit) {
  const MemoryFolder folder;
  const Results results = sample_results(3);
  write_results(folder / "r.h5", results);
  const std::string whole = read_bytes(folder / "r.h5");
  const Ending ending = in_child([&] {
    Rng rng({5, 0}, Purpose::kSample);
    for (int round = 0; round < 400; ++round) {
      std::string flipped = whole;
      const std::uint32_t bit = rng.below(static_cast<std::uint32_t>(8 * whole.size()));
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
      write_bytes(folder / "f.h5", flipped);
      Results read;
      try {
        read = read_results(folder / "f.h5");
      } catch (const FileError&) {
        continue;
      }
      // The bit was in a part that nobody reads.
      expect_same(read, results);
      if (testing::Test::HasFailure()) return 1;
    }
    return 0;
  });
  EXPECT_EQ(ending.code, 0) << "signal " << ending.signal;
}

TEST(ResultsFile, SaysThatItsFolderIsReadOnly) {
  const MemoryFolder folder;
  write_results(folder / "r.h5", sample_results(2));
  const std::string before = read_bytes(folder / "r.h5");
  ASSERT_EQ(::chmod(folder.path().c_str(), 0555), 0);
  const Ending ending = in_child([&] {
    constexpr uid_t kNobody = 65534;
    // Root may write anywhere.
    if (::getuid() == 0 && ::setuid(kNobody) != 0) return 2;
    try {
      write_results(folder / "r.h5", sample_results(3));
    } catch (const FileError& error) {
      return std::string(error.what()).find("Permission denied") != std::string::npos ? 0 : 3;
    }
    return 1;
  });
  ::chmod(folder.path().c_str(), 0755);
  EXPECT_EQ(ending.code, 0);
  EXPECT_EQ(read_bytes(folder / "r.h5"), before);
}

TEST(ResultsFile, HasOneWriterAtATime) {
  const MemoryFolder folder;
  const PosixFile other = PosixFile::open_locked(folder / "r.h5.tmp");
  EXPECT_THROW(write_results(folder / "r.h5", sample_results(2)), LockedError);
}

TEST(ResultsFile, GoesWhereALinkPointsAndNeverInTheWayOfAPipe) {
  const MemoryFolder folder;
  std::filesystem::create_directory(folder / "far");
  std::filesystem::create_symlink(folder / "far/r.h5", folder / "r.h5");
  for (const std::size_t runs : {2U, 3U}) {
    write_results(folder / "r.h5", sample_results(runs));
    EXPECT_TRUE(std::filesystem::is_symlink(folder / "r.h5"));
    EXPECT_EQ(read_results(folder / "far/r.h5").runs.size(), runs);
  }
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_THROW(write_results(folder / "pipe", sample_results(2)), FileError);
  EXPECT_THROW(write_results(folder / "far", sample_results(2)), FileError);
  EXPECT_TRUE(std::filesystem::is_fifo(folder / "pipe"));
}

TEST(ResultsFile, LeavesNothingBesideIt) {
  const MemoryFolder folder;
  write_results(folder / "r.h5", sample_results(2));
  write_results(folder / "r.h5", sample_results(3));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

}  // namespace
}  // namespace unroll
