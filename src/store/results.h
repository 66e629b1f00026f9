// results.h5: a deterministic function of manifest and records, written in plan order, published by rename.
// The layout is documented in results/README.md; the schema version is below.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "store/manifest.h"
#include "train/run_record.h"

namespace unroll {

inline constexpr int kResultsSchema = 1;  // a newer file is refused

struct Results {
  Manifest manifest;
  std::vector<RunRecord> runs;  // plan order; kMissing where there is no record yet
};

// Writes to a temporary file beside `path` with every return code checked, closes, syncs, reads it back and
// compares, then renames it into place and syncs the folder. Readers never see half a file.
// Throws FileError with path and cause; the old file is then untouched.
void write_results(const std::filesystem::path& path, const Results& results);

// Throws FileError if the file is damaged, is not one of ours, or has a newer schema.
Results read_results(const std::filesystem::path& path);

}  // namespace unroll
