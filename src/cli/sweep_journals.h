// What lies beside a results file: the journals of a sweep, read together, without its experiment file.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "store/manifest.h"
#include "store/results.h"
#include "store/run_index.h"

namespace unroll {

// The journals of a sweep and the plan that they name.
class SweepJournals {
 public:
  // Throws FileError if there is no journal, or none that holds a sweep yet.
  explicit SweepJournals(const std::filesystem::path& results);

  // Reads what was added since; journals that are new, too. visit: as of RunIndex.
  void update(const RunIndex::Visitor& visit = {});

  const Manifest& manifest() const { return manifest_; }
  const RunIndex& index() const { return *index_; }
  const std::vector<std::filesystem::path>& journals() const { return journals_; }
  // The journals of another plan than the manifest's.
  const std::vector<std::filesystem::path>& others() const { return others_; }
  std::size_t count(RunState state) const;

 private:
  std::filesystem::path results_;
  Manifest manifest_;
  std::optional<RunIndex> index_;
  std::vector<std::filesystem::path> journals_;
  std::vector<std::filesystem::path> others_;
};

// Of the results file beside them, to be made anew: nothing if it is damaged or there is none. Throws
// FileError if it cannot be opened or a newer version wrote it: it may hold what no journal has.
std::optional<Results> states_in_file(const std::filesystem::path& results);

// The rows of a results file of which no journal has a record that is as good.
std::vector<std::size_t> rows_only_in(const Results& results, const RunIndex& index);

}  // namespace unroll
