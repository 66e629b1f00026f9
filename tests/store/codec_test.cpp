#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <limits>

#include "base/bytes.h"
#include "store/crc32c.h"
#include "store/record_codec.h"
#include "tests/store/samples.h"

namespace unroll {
namespace {

// Any record that a run could leave behind: axes of any length, any metrics, any bits in any number.
RunRecord any_record() {
  RunRecord record;
  record.state = static_cast<RunState>(*rc::gen::inRange(1, 5));
  record.message = *rc::gen::arbitrary<std::string>();
  record.epochs = *rc::gen::inRange(0U, 4U);
  record.set_length(Dim::kProbe, *rc::gen::inRange(0U, 4U));
  record.set_length(Dim::kLag, *rc::gen::inRange(0U, 5U));
  record.set_length(Dim::kLayer, *rc::gen::inRange(0U, 3U));
  record.blocks.resize(*rc::gen::inRange<std::size_t>(0, 4));
  for (std::size_t i = 0; i < record.blocks.size(); ++i) record.blocks[i] = "block" + std::to_string(i);
  record.classes.resize(*rc::gen::inRange<std::size_t>(0, 4));
  record.sample = *rc::gen::arbitrary<std::string>();
  for (const MetricInfo& metric : metrics()) {
    if (*rc::gen::inRange(0, 3) == 0) continue;
    std::size_t size = 1;
    for (Dim dim : metric.dims) size *= record.length(dim);
    record[metric.id] = *rc::gen::container<std::vector<double>>(
        size, rc::gen::map(rc::gen::arbitrary<std::uint64_t>(), [](std::uint64_t bits) {
          return std::bit_cast<double>(bits * 0x9E3779B97F4A7C15U);
        }));
  }
  return record;
}

RC_GTEST_PROP(Codec, GivesBackEveryRecord, ()) {
  const RunRecord record = any_record();
  const std::string id = *rc::gen::arbitrary<std::string>();
  const std::string bytes = encode_run(id, record);
  std::string decoded_id;
  RunRecord decoded;
  RC_ASSERT(decode_run(bytes, decoded_id, decoded));
  RC_ASSERT(decoded_id == id);
  // Bit for bit: the bytes of two records are equal only if the records are.
  RC_ASSERT(encode_run(id, decoded) == bytes);
  expect_same(decoded, record);
}

RC_GTEST_PROP(Codec, TakesAnyBytes, (const std::string& bytes)) {
  std::string id;
  RunRecord record;
  if (decode_run(bytes, id, record)) RC_ASSERT(well_formed(record));
  Manifest manifest;
  if (decode_manifest(bytes, manifest)) RC_ASSERT(well_formed(manifest));
}

TEST(Codec, RefusesEveryShorterAndLongerRecord) {
  const std::string run = encode_run("id", sample_run(3));
  const std::string manifest = encode_manifest(sample_results(5).manifest);
  std::string id;
  RunRecord record;
  Manifest read;
  for (std::size_t size = 0; size < run.size(); ++size) {
    ASSERT_FALSE(decode_run(run.substr(0, size), id, record)) << size;
  }
  for (std::size_t size = 0; size < manifest.size(); ++size) {
    ASSERT_FALSE(decode_manifest(manifest.substr(0, size), read)) << size;
  }
  EXPECT_FALSE(decode_run(run + '\0', id, record));
  EXPECT_FALSE(decode_manifest(manifest + '\0', read));
  EXPECT_TRUE(decode_run(run, id, record));
  EXPECT_TRUE(decode_manifest(manifest, read));
}

TEST(Codec, SurvivesEveryChangedByte) {
  const std::string run = encode_run("id", sample_run(3));
  const std::string manifest = encode_manifest(sample_results(5).manifest);
  std::string id;
  RunRecord record;
  Manifest read;
  for (const char value : {'\0', '\x01', '\x7f', '\x80', '\xff'}) {
    for (std::size_t at = 0; at < run.size(); ++at) {
      std::string changed = run;
      changed[at] = value;
      ASSERT_TRUE(!decode_run(changed, id, record) || well_formed(record));
    }
    for (std::size_t at = 0; at < manifest.size(); ++at) {
      std::string changed = manifest;
      changed[at] = value;
      ASSERT_TRUE(!decode_manifest(changed, read) || well_formed(read));
    }
  }
}

// Version 2 of a record, before there were classes and samples, and version 3.
TEST(Codec, LeavesOutAMetricThatIsNotInTheTable) {
  for (const std::uint8_t version : {std::uint8_t{2}, std::uint8_t{3}}) {
    ByteWriter out;
    out.u8(version);
    out.text("id");
    out.u8(1);
    out.text("");
    out.u32(0);   // epochs
    out.size(1);  // other axes
    out.text("axis_from_the_future");
    out.u32(3);
    out.texts({});
    if (version > 2) out.texts({});
    out.size(2);
    out.text("from_the_future");
    out.f64s({1.0, 2.0});
    out.text("params");
    out.f64s({17.0});
    out.size(0);  // parameters
    if (version > 2) out.text("written");
    std::string id;
    RunRecord record;
    ASSERT_TRUE(decode_run(out.bytes(), id, record));
    EXPECT_EQ(record[Metric::kParams], std::vector<double>{17.0});
    EXPECT_EQ(record.sample, version > 2 ? "written" : "");
  }
}

TEST(Codec, RefusesARecordThatContradictsItself) {
  RunRecord record = sample_run(3);
  record[Metric::kTrainLoss].push_back(1.0);
  EXPECT_FALSE(well_formed(record));
  record = sample_run(3);
  record.state = RunState::kMissing;
  EXPECT_FALSE(well_formed(record));
  Manifest manifest = sample_results(5).manifest;
  manifest.replicate.pop_back();
  EXPECT_FALSE(well_formed(manifest));
}

TEST(ByteReader, RefusesLengthsBeyondTheBytes) {
  ByteWriter out;
  out.size(std::numeric_limits<std::uint64_t>::max());
  ByteReader text(out.bytes());
  EXPECT_EQ(text.text(), "");
  EXPECT_FALSE(text.ok());
  ByteReader numbers(out.bytes());
  EXPECT_TRUE(numbers.f64s().empty());
  EXPECT_FALSE(numbers.ok());
  ByteReader endless(std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"));
  endless.size();
  EXPECT_FALSE(endless.ok());
}

TEST(Crc32c, MatchesThePublishedValues) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62A8AB43U);
  EXPECT_EQ(crc32c(""), 0U);
}

TEST(Crc32c, ContinuesWhereItStopped) {
  const std::string text = "the quick brown fox jumps over the lazy dog";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    EXPECT_EQ(crc32c(text.substr(cut), crc32c(text.substr(0, cut))), crc32c(text)) << cut;
  }
}

}  // namespace
}  // namespace unroll
