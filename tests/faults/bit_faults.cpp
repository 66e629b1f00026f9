// Files that are not what was written: flipped bits, cut ones, older and newer ones.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "base/error.h"
#include "store/crc32c.h"
#include "store/journal.h"
#include "tests/faults/fault_set.h"
#include "tests/faults/sweep_bench.h"

namespace unroll::testing {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kFlipsOfCase = 100;

std::string bytes_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

void write(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

// What a finished sweep leaves, made once.
struct Sound {
  SweepBench bench;
  std::string journal;
  std::string results;

  Sound() {
    bench.unroll(SweepBench::run());
    journal = bytes_of(bench.file("s.journal"));
    results = bytes_of(bench.file("s.h5"));
  }
};

const Sound& sound() {
  static const Sound made;
  return made;
}

std::string flipped(std::string bytes, std::uint32_t bit) {
  bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
  return bytes;
}

// A flip is detected if reading throws, or if the record is cut off as one that was never acknowledged: that
// is what the seal at the end can become, which counts nothing but itself.
std::string flips_in_journal(const FaultPlan& plan, std::uint32_t index) {
  const TempFolder folder;
  const fs::path path = folder.path() / "s.journal";
  for (std::uint32_t i = 0; i < kFlipsOfCase; ++i) {
    const std::uint32_t bit = draw(plan, "journal", index * kFlipsOfCase + i,
                                   static_cast<std::uint32_t>(sound().journal.size() * 8));
    write(path, flipped(sound().journal, bit));
    try {
      const JournalContent content = read_journal(path);
      if (content.torn_bytes == 0) return fmt::format("bit {} of the journal is not noticed", bit);
    } catch (const FileError&) {
    }
  }
  return "";
}

std::string flips_in_results(const FaultPlan& plan, std::uint32_t index) {
  const TempFolder folder;
  const fs::path path = folder.path() / "s.h5";
  for (std::uint32_t i = 0; i < kFlipsOfCase; ++i) {
    const std::uint32_t bit = draw(plan, "results", index * kFlipsOfCase + i,
                                   static_cast<std::uint32_t>(sound().results.size() * 8));
    write(path, flipped(sound().results, bit));
    try {
      verify_results(path);
      return fmt::format("bit {} of the results is not noticed", bit);
    } catch (const FileError&) {
    }
  }
  return "";
}

// The whole program with a damaged journal: it stops and says so, or what it makes is right.
std::string run_with_flip(const FaultPlan& plan, std::uint32_t index) {
  const SweepBench bench;
  const std::uint32_t bit = draw(plan, "run", index, static_cast<std::uint32_t>(sound().journal.size() * 8));
  write(bench.file("s.journal"), flipped(sound().journal, bit));
  const ProcessResult ended = bench.unroll(SweepBench::run());
  std::string wrong = bench.wrong_ending(ended);
  if (!wrong.empty() || ended.exit_code == 0) return wrong;
  std::vector<std::string> salvage = SweepBench::run();
  salvage.emplace_back("--salvage");
  const ProcessResult salvaged = bench.unroll(salvage);
  if (salvaged.exit_code != 0) return "salvage: " + salvaged.err;
  wrong = bench.wrong_ending(salvaged);
  return wrong.empty() ? bench.wrong_recovery() : wrong;
}

std::string cut_journal(std::size_t size) {
  const SweepBench bench;
  write(bench.file("s.journal"), sound().journal.substr(0, size));
  return bench.wrong_recovery();
}

std::string cut_results(std::size_t size) {
  const SweepBench bench;
  write(bench.file("s.journal"), sound().journal);
  write(bench.file("s.h5"), sound().results.substr(0, size));
  if (bench.unroll({"verify", "s.h5"}).exit_code != 1) return "verify takes a file that was cut";
  return bench.wrong_recovery();
}

// A journal of a later version, with a sound header.
std::string newer_journal() {
  const SweepBench bench;
  std::string bytes = sound().journal;
  bytes[8] = 99;
  const std::uint32_t crc = crc32c(std::string_view(bytes).substr(0, 12));
  for (unsigned i = 0; i < 4; ++i) bytes[12 + i] = static_cast<char>(crc >> 8 * i);
  write(bench.file("s.journal"), bytes);
  const ProcessResult ended = bench.unroll(SweepBench::run());
  if (ended.exit_code != 1 || ended.err.find("newer") == std::string::npos)
    return "a newer journal: " + ended.err;
  return bytes_of(bench.file("s.journal")) == bytes ? "" : "a newer journal was changed";
}

// An older state of both files, as from a backup: the sweep goes on from there.
std::string older_files(std::size_t records) {
  const SweepBench bench;
  const JournalContent content = read_journal(sound().bench.file("s.journal"));
  {
    JournalWriter writer(bench.file("s.journal"), content.manifest);
    for (std::size_t i = 0; i < records; ++i)
      writer.append(content.records[i].first, content.records[i].second);
    writer.sync();
  }
  write(bench.file("s.h5"), sound().results);
  return bench.wrong_recovery();
}

}  // namespace

std::vector<FaultCase> bit_cases(const FaultPlan& plan) {
  std::vector<FaultCase> cases;
  for (std::uint32_t i = 0; i < (plan.slice ? 5U : 100U); ++i) {
    cases.push_back({fmt::format("flips_in_journal/{}", i), [plan, i] { return flips_in_journal(plan, i); }});
    cases.push_back({fmt::format("flips_in_results/{}", i), [plan, i] { return flips_in_results(plan, i); }});
  }
  for (std::uint32_t i = 0; i < (plan.slice ? 3U : 200U); ++i) {
    cases.push_back({fmt::format("flip_and_run/{}", i), [plan, i] { return run_with_flip(plan, i); }});
  }
  const auto lengths = [&](const std::string& name, std::size_t size) {
    std::vector<std::size_t> list;
    for (std::uint32_t i = 0; i < (plan.slice ? 3U : 200U); ++i)
      list.push_back(draw(plan, name, i, static_cast<std::uint32_t>(size)));
    return list;
  };
  for (const std::size_t size : lengths("cut_journal", sound().journal.size())) {
    cases.push_back({fmt::format("cut_journal@{}", size), [size] { return cut_journal(size); }});
  }
  for (const std::size_t size : lengths("cut_results", sound().results.size())) {
    cases.push_back({fmt::format("cut_results@{}", size), [size] { return cut_results(size); }});
  }
  for (const std::size_t records : {0U, 7U, 19U}) {
    cases.push_back({fmt::format("older@{}", records), [records] { return older_files(records); }});
  }
  cases.push_back({"newer", newer_journal});
  return cases;
}

}  // namespace unroll::testing
