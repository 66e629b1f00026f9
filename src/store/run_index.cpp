#include "store/run_index.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <utility>

#include "base/bytes.h"
#include "base/error.h"
#include "store/record_codec.h"
#include "store/results.h"

namespace unroll {
namespace {

constexpr std::size_t kMostConflicts = 100;  // kept
constexpr std::size_t kMostOpen = 64;        // journals

bool same_number(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) ||
         (std::isnan(a) && std::isnan(b));
}

bool finished(RunState state) {
  return state == RunState::kDone || state == RunState::kDiverged;
}

}  // namespace

std::string first_difference(const RunRecord& a, const RunRecord& b) {
  if (a.state != b.state) return "state";
  if (a.message != b.message) return "message";
  if (a.blocks != b.blocks) return "block";
  if (a.classes != b.classes) return "class";
  if (a.sample != b.sample) return "sample";
  if (a.weights != b.weights) return "weights";
  for (const MetricInfo& metric : metrics()) {
    if (metric.group != Group::kResult) continue;
    const std::vector<double>& x = a[metric.id];
    const std::vector<double>& y = b[metric.id];
    if (!std::equal(x.begin(), x.end(), y.begin(), y.end(), same_number)) return std::string(metric.name);
  }
  return {};
}

RunIndex::RunIndex(const std::vector<std::string>& run_ids) : entries_(run_ids.size()) {
  positions_.reserve(run_ids.size());
  for (std::size_t run = 0; run < run_ids.size(); ++run) {
    positions_.emplace(run_ids[run], static_cast<std::uint32_t>(run));
  }
}

std::optional<Manifest> RunIndex::update(const std::filesystem::path& path, const Visitor& visit,
                                         bool salvage) {
  const auto known = std::find_if(journals_.begin(), journals_.end(),
                                  [&](const Journal& journal) { return journal.path == path; });
  const auto index = static_cast<std::size_t>(known - journals_.begin());
  if (known == journals_.end()) journals_.push_back({path, 0});
  JournalContent content = scan_journal(
      path,
      [&](const std::string& id, RunRecord& record, const RecordPlace& place) {
        take(index, id, record, place, visit);
      },
      salvage, journals_[index].end);
  journals_[index].end = content.end;
  if (!content.has_manifest) return std::nullopt;
  return std::move(content.manifest);
}

std::optional<std::size_t> RunIndex::find(const std::string& run_id) const {
  const auto found = positions_.find(run_id);
  if (found == positions_.end()) return std::nullopt;
  return found->second;
}

void RunIndex::take(std::size_t journal, const std::string& id, const RunRecord& record,
                    const RecordPlace& place, const Visitor& visit) {
  const std::optional<std::size_t> run = find(id);
  if (!run) {
    ++unplanned_;
    others_.insert(hash64(id));
    return;
  }
  ++records_;
  Entry& entry = entries_[*run];
  // Within one journal a run is repeated because someone asked for it; one that diverged may end otherwise.
  const bool comparable = finished(entry.state) && finished(record.state) &&
                          (entry.journal != journal || entry.state == RunState::kDone);
  if (comparable && conflicts_.size() < kMostConflicts) {
    // One of them may have come from a results file, in a take-over.
    const std::string what = first_difference(as_in_file(read(*run)), as_in_file(record));
    if (!what.empty()) {
      conflicts_.push_back({*run, journals_[entry.journal].path, journals_[journal].path, what});
    }
  }
  if (state_rank(record.state) < state_rank(entry.state)) return;
  entry = {place, static_cast<std::uint32_t>(journal), record.state};
  if (visit) visit(*run, record);
}

std::string RunIndex::made_from(const Manifest& manifest) const {
  ByteWriter out;
  out.u32(static_cast<std::uint32_t>(kResultsSchema));
  out.text(hash_hex(encode_sweep(manifest)));
  for (const Entry& entry : entries_) out.u32(entry.place.hash);
  return hash_hex(out.bytes());
}

const PosixFile& RunIndex::open_journal(std::uint32_t journal) const {
  for (const auto& [number, file] : open_) {
    if (number == journal) return file;
  }
  if (open_.size() == kMostOpen) open_.pop_front();
  return open_.emplace_back(journal, PosixFile::open_read(journals_[journal].path)).second;
}

const RunRecord& RunIndex::read(std::size_t run) const {
  const Entry& entry = entries_[run];
  if (entry.state == RunState::kMissing) {
    record_ = RunRecord();
    return record_;
  }
  const PosixFile& journal = open_journal(entry.journal);
  buffer_.resize(entry.place.bytes);
  std::string id;
  if (journal.read(entry.place.offset, buffer_.data(), buffer_.size()) != buffer_.size() ||
      !decode_run(buffer_, id, record_) || record_.state != entry.state) {
    throw FileError(journal.path().string(), "changed while it was read", "run the same command again");
  }
  return record_;
}

}  // namespace unroll
