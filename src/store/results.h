// results.h5: a deterministic function of manifest and records, written in plan order, published by rename.
// The layout is documented in results/README.md; the schema version is below.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "store/manifest.h"
#include "train/run_record.h"

namespace unroll {

inline constexpr std::int32_t kResultsSchema = 1;  // a newer file is refused

struct Results {
  Manifest manifest;
  std::vector<RunRecord> runs;  // plan order; kMissing where there is no record yet
};

// Puts records, in the order of writing, into the order of the manifest. Of several records of a run the best
// state counts (done, diverged, pruned, failed), of equal ones the last. Runs of other plans are left out.
Results make_results(Manifest manifest, std::vector<std::pair<std::string, RunRecord>> records);

// Writes to a temporary file beside `path` with every return code checked, closes, syncs, reads it back and
// compares, then renames it into place and syncs the folder. Readers never see half a file.
// Texts lose bytes that are not UTF-8; an array of NaN only counts as not recorded.
// Throws FileError with path and cause; the old file is then untouched.
void write_results(const std::filesystem::path& path, const Results& results);

// Every array is compared with its checksum. Throws FileError if the file is damaged, is not one of ours, or
// has a newer schema.
Results read_results(const std::filesystem::path& path);

// Version of the HDF5 library in use, "1.10.8".
std::string hdf5_version();

}  // namespace unroll
