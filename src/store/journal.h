// NAME.journal: the truth about a sweep. Append-only records with CRC-32C, one writer under flock,
// group-committed fdatasync. A run counts as finished when its record is on disk. Format: results/README.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "store/manifest.h"
#include "train/run_record.h"

namespace unroll {

// What a journal holds.
struct JournalContent {
  Manifest manifest;                                       // the last one written
  std::vector<std::pair<std::string, RunRecord>> records;  // run id and record, in the order of writing
  bool sealed = false;                                     // the sweep of the last manifest was complete
  std::uint64_t torn_bytes = 0;  // length of the unfinished tail, which opening for writing cuts off
};

// Reads without a lock, so `status` works while a sweep runs. A torn tail is normal; a bad record before
// good ones is corruption: throws FileError that says where, unless `salvage`, which skips it.
JournalContent read_journal(const std::filesystem::path& path, bool salvage = false);

// The one writer.
class JournalWriter {
 public:
  // Creates or opens for append. Takes the lock (throws FileError at once if another process has it), cuts a
  // torn tail, writes the manifest if it is new or differs from the last one.
  JournalWriter(const std::filesystem::path& path, const Manifest& manifest);
  ~JournalWriter();
  JournalWriter(JournalWriter&&) noexcept;

  // What the journal held when it was opened.
  const JournalContent& content() const;

  // Queues a record; thread-safe. It is on disk after the next group commit (at most 50 ms later).
  void append(const std::string& run_id, const RunRecord& record);
  // Returns when everything appended so far is on disk. Throws FileError if it cannot be.
  void sync();
  // Syncs and marks the sweep complete.
  void seal();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace unroll
