// What the journals of a sweep say about its runs together: which record of each run counts, and where it is.
// A sweep has one journal, or one for each shard and attempt to split it; any of them may grow meanwhile.
// Holds 24 bytes for each run of the plan, a hash for each other one, and no records.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "store/journal.h"
#include "store/manifest.h"
#include "store/posix_file.h"
#include "train/run_record.h"

namespace unroll {

// Two finished records of a run that are not the same bits: the program, the machine or the data changed, or
// something is not deterministic.
struct RunConflict {
  std::size_t run = 0;
  std::filesystem::path first;
  std::filesystem::path second;
  std::string what;  // what differs: "valid_loss"
};

class RunIndex {
 public:
  // Told of each record of a run of the plan that counts for now; a run may come again.
  using Visitor = std::function<void(std::size_t run, const RunRecord& record)>;

  // Requires: run_ids outlive the index.
  explicit RunIndex(const std::vector<std::string>& run_ids);

  // Reads what is new in a journal: all of it the first time. Returns its manifest if a new one was read.
  // salvage: passes over damage. Throws as scan_journal.
  std::optional<Manifest> update(const std::filesystem::path& journal, const Visitor& visit = {},
                                 bool salvage = false);

  std::size_t size() const { return entries_.size(); }
  // Where the plan has a run; nothing if it does not name it.
  std::optional<std::size_t> find(const std::string& run_id) const;
  // Is there a record of this run, which the plan does not name?
  bool is_unplanned(const std::string& run_id) const { return others_.contains(hash64(run_id)); }
  RunState state(std::size_t run) const { return entries_[run].state; }
  // The record that counts, from its journal; kMissing if there is none. Throws FileError if it has changed.
  const RunRecord& read(std::size_t run) const;

  // What a results file of these records is made from, as a hash: of the manifest without its provenance, and
  // of the records that count. 32 digits.
  std::string made_from(const Manifest& manifest) const;

  std::size_t records() const { return records_; }      // of runs of the plan, repeated ones too
  std::size_t unplanned() const { return unplanned_; }  // records of runs that the plan does not name
  const std::vector<RunConflict>& conflicts() const { return conflicts_; }

 private:
  struct Entry {
    RecordPlace place;
    std::uint32_t journal = 0;
    RunState state = RunState::kMissing;
  };
  struct Journal {
    std::filesystem::path path;
    std::uint64_t end = 0;
  };

  void take(std::size_t journal, const std::string& id, const RunRecord& record, const RecordPlace& place,
            const Visitor& visit);
  const PosixFile& open_journal(std::uint32_t journal) const;

  std::unordered_map<std::string_view, std::uint32_t> positions_;
  std::vector<Entry> entries_;
  std::vector<Journal> journals_;
  // Those that were opened last to be read, the oldest first: a sweep may have more than can be open at once.
  mutable std::deque<std::pair<std::uint32_t, PosixFile>> open_;
  std::size_t records_ = 0;
  std::size_t unplanned_ = 0;
  std::unordered_set<std::uint64_t> others_;  // hashes of the ids of unplanned records
  std::vector<RunConflict> conflicts_;
  mutable std::string buffer_;
  mutable RunRecord record_;
};

// What of two records of one run is not the same bits; "" if nothing: state, message, weights or a metric of
// Group::kResult.
std::string first_difference(const RunRecord& a, const RunRecord& b);

}  // namespace unroll
