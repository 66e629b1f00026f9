#include "cli/sweep_journals.h"

#include <algorithm>

#include "base/error.h"
#include "store/journal_names.h"
#include "store/posix_file.h"

namespace unroll {

namespace fs = std::filesystem;

SweepJournals::SweepJournals(const fs::path& results) : results_(results) {
  const std::vector<fs::path> found = journals_of(results);
  // The plan is that of the whole sweep's journal, or of the first shard's.
  for (const fs::path& journal : found) {
    JournalContent content = scan_journal(journal, {});
    if (content.manifest.run_ids.empty()) continue;
    manifest_ = std::move(content.manifest);
    break;
  }
  if (manifest_.run_ids.empty()) {
    throw FileError(journal_path(results).string(),
                    found.empty() ? "there is no such journal, and none of a shard"
                                  : "holds no sweep: it was stopped before its first record was on disk",
                    "run the experiment first");
  }
  index_.emplace(manifest_.run_ids);
}

void SweepJournals::update(const RunIndex::Visitor& visit) {
  for (const fs::path& journal : journals_of(results_)) {
    const std::optional<Manifest> manifest = index_->update(journal, visit);
    if (std::find(journals_.begin(), journals_.end(), journal) == journals_.end())
      journals_.push_back(journal);
    if (!manifest || manifest->plan_hash == manifest_.plan_hash) continue;
    if (std::find(others_.begin(), others_.end(), journal) == others_.end()) others_.push_back(journal);
  }
}

std::size_t SweepJournals::count(RunState state) const {
  std::size_t n = 0;
  for (std::size_t run = 0; run < index_->size(); ++run) n += index_->state(run) == state ? 1 : 0;
  return n;
}

std::optional<Results> states_in_file(const fs::path& results) {
  if (!file_exists(results)) return std::nullopt;
  PosixFile::open_read(results);
  try {
    return read_states(results);
  } catch (const NewerError&) {
    throw;
  } catch (const FileError&) {
    return std::nullopt;
  }
}

std::vector<std::size_t> rows_only_in(const Results& results, const RunIndex& index) {
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < results.runs.size(); ++row) {
    const std::string& id = results.manifest.run_ids[row];
    const RunState state = results.runs[row].state;
    const std::optional<std::size_t> run = index.find(id);
    const bool known = run ? state_rank(index.state(*run)) >= state_rank(state) : index.is_unplanned(id);
    if (state != RunState::kMissing && !known) rows.push_back(row);
  }
  return rows;
}

}  // namespace unroll
