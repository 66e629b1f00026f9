#include "cli/overwriting.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <system_error>

#include "base/error.h"
#include "store/journal_names.h"

namespace unroll {
namespace {

namespace fs = std::filesystem;

bool same_file(const fs::path& a, const fs::path& b) {
  std::error_code no_file;
  if (fs::equivalent(a, b, no_file)) return true;
  // A journal that is not there yet has a name only.
  std::error_code unknown;
  const auto place = [&](const fs::path& path) {
    const fs::path absolute = fs::absolute(path, unknown);
    return unknown ? fs::path() : fs::weakly_canonical(absolute, unknown);
  };
  const fs::path there = place(a);
  return !there.empty() && there == place(b);
}

}  // namespace

std::vector<fs::path> files_of_sweep(const fs::path& results) {
  std::vector<fs::path> files = journals_of(results);
  files.push_back(results);
  files.push_back(journal_path(results));
  return files;
}

void refuse_to_overwrite(const std::vector<fs::path>& kept, std::string_view option,
                         const fs::path& written) {
  if (std::none_of(kept.begin(), kept.end(), [&](const fs::path& file) { return same_file(file, written); }))
    return;
  throw UsageError(
      fmt::format("--{}", option),
      fmt::format("'{}' would be overwritten, but it is read or belongs to what is read", written.string()),
      "choose another name");
}

}  // namespace unroll
