// results.h5: a deterministic function of manifest and records, written in plan order, published by rename.
// The layout is documented in results/README.md; the schema version is below.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "store/manifest.h"
#include "train/run_record.h"

namespace unroll {

inline constexpr std::int32_t kResultsSchema = 1;  // a newer file is refused

struct Results {
  Manifest manifest;
  std::vector<RunRecord> runs;  // plan order; kMissing where there is no record yet
  // Of a file: what it was made from, as its writer said; "" if another program has changed it since.
  std::string made_from;
};

// Which of several records of a run counts: the one of the higher rank; done, diverged, pruned, failed.
int state_rank(RunState state);

// Puts records, in the order of writing, into the order of the manifest. Of several records of a run the best
// state counts (done, diverged, pruned, failed), of equal ones the last. Runs of other plans are left out.
Results make_results(Manifest manifest, std::vector<std::pair<std::string, RunRecord>> records);

// The record of a run of the plan; valid until the next call. Asked for runs in ascending order, and for all
// of them several times over: each time it must give the same.
using RecordSource = std::function<const RunRecord&(std::size_t run)>;

// Writes to a temporary file beside `path` with every return code checked, closes, syncs, reads it back and
// compares, then renames it into place and syncs the folder. Readers never see half a file.
// Holds a few hundred runs at a time, and one number for each run and metric without axes.
// Texts lose bytes that are not UTF-8; an array of NaN only counts as not recorded.
// made_from: RunIndex::made_from of the journals' records, by which a later reader knows that nothing is new.
// Throws FileError with path and cause; the old file is then untouched.
void write_results(const std::filesystem::path& path, const Manifest& manifest, const RecordSource& source,
                   const std::string& made_from = {});
void write_results(const std::filesystem::path& path, const Results& results);

// A newer version of unroll wrote it.
class NewerError : public FileError {
  using FileError::FileError;
};

// Every array is compared with its checksum. Throws FileError if the file is damaged or is not one of ours,
// NewerError if it has a newer schema.
Results read_results(const std::filesystem::path& path);

// The same for a file that no other program has touched: the checksum of the whole file must be there, too.
// Finds every flipped bit.
Results verify_results(const std::filesystem::path& path);

// A record as it comes back from a file: texts are UTF-8, an array of NaN only is none.
RunRecord as_in_file(RunRecord record);

// As read_results, without what the runs recorded: records have state and message alone.
Results read_states(const std::filesystem::path& path);

// Version of the HDF5 library in use, "1.10.8".
std::string hdf5_version();

}  // namespace unroll
