// NAME.journal: the truth about a sweep. Append-only records with CRC-32C, one writer under flock,
// group-committed fdatasync. A run counts as finished when its record is on disk. Format: results/README.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "store/manifest.h"
#include "train/run_record.h"

namespace unroll {

// Another process is writing the file.
class LockedError : public FileError {
  using FileError::FileError;
};

// What a journal holds.
struct JournalContent {
  Manifest manifest;                                       // the last one written
  std::vector<std::pair<std::string, RunRecord>> records;  // run id and record, in the order of writing
  std::size_t runs = 0;                                    // how many records
  bool has_manifest = false;                               // of a scan from the middle: a new one
  bool sealed = false;                                     // the sweep of the last manifest was complete
  std::uint64_t torn_bytes = 0;     // length of the unfinished tail, which opening for writing cuts off
  std::uint64_t skipped_bytes = 0;  // damage that `salvage` passed over
  std::uint64_t end = 0;            // of the last sound record
};

// Reads without a lock, so `status` works while a sweep runs. A torn tail is normal; a bad record before
// good ones is corruption: throws FileError that says where, unless `salvage`, which skips it.
JournalContent read_journal(const std::filesystem::path& path, bool salvage = false);

// Where a record is in a journal.
struct RecordPlace {
  std::uint64_t offset = 0;
  std::uint32_t bytes = 0;
  std::uint32_t hash = 0;  // of these bytes
};

// The same as a stream, for sweeps that do not fit in memory: `visit` gets each record in the order of
// writing, `records` of what is returned stays empty. from: `end` of an earlier scan, to go on from there; 0
// = the whole journal, which then must have a manifest.
using RunVisitor =
    std::function<void(const std::string& run_id, RunRecord& record, const RecordPlace& place)>;
JournalContent scan_journal(const std::filesystem::path& path, const RunVisitor& visit, bool salvage = false,
                            std::uint64_t from = 0);

// The one writer.
class JournalWriter {
 public:
  // Creates or opens for append. Takes the lock (throws LockedError at once if another process has it), cuts
  // a torn tail, writes the manifest if it is new or differs from the last one. A damaged journal is a
  // FileError, unless `salvage`: then it goes on with the sound records, and what was there is kept beside it
  // as NAME.journal.damaged.
  JournalWriter(const std::filesystem::path& path, const Manifest& manifest, bool salvage = false);
  // Brings to disk what was appended, as far as that is possible; call sync() to learn whether it was.
  ~JournalWriter();
  JournalWriter(JournalWriter&&) noexcept;

  // What the journal held when it was opened, without its records.
  const JournalContent& content() const;

  // Queues a record; thread-safe. It is on disk after the next group commit (at most 50 ms later, and the
  // time of one fdatasync). Throws FileError once the disk has refused a record: nothing more is written
  // then, and what was acknowledged before is safe. Requires: a state that a run can end in, not kMissing.
  void append(const std::string& run_id, const RunRecord& record);
  // Returns when everything appended so far is on disk. Throws FileError if it cannot be.
  void sync();
  // Syncs and marks the sweep complete. Does nothing if it is so marked and nothing was appended since.
  void seal();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace unroll
