// Made-up sweeps and a folder that goes away: what the tests of store work on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "store/results.h"

namespace unroll {

// A folder in memory where the system has one: hundreds of syncs of a busy disk would take minutes. Removed
// when the object goes.
class MemoryFolder {
 public:
  MemoryFolder();
  ~MemoryFolder();
  MemoryFolder(const MemoryFolder&) = delete;
  MemoryFolder& operator=(const MemoryFolder&) = delete;
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// A sweep over cells and sizes whose runs differ in length, in blocks and in how they ended; every metric of
// the table is recorded by some run. Numbers follow from `seed`. Every fifth run is missing.
Results sample_results(std::size_t runs, std::uint32_t seed = 1);
// A finished run of its own form: odd numbers make LSTMs of two layers, even ones small nets.
RunRecord sample_run(std::uint32_t number);

// What a sweep puts into its journal.
std::vector<std::pair<std::string, RunRecord>> records_of(const Results& results);

std::string read_bytes(const std::filesystem::path& path);
void write_bytes(const std::filesystem::path& path, const std::string& bytes);

// Equal with NaN == NaN, as gtest assertions that name the first difference.
void expect_same(const Manifest& a, const Manifest& b);
void expect_same(const RunRecord& a, const RunRecord& b);
void expect_same(const Results& a, const Results& b);

}  // namespace unroll
