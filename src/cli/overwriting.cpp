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

// The file itself, whatever links lead to it; what is not there yet has a name only.
fs::path place_of(const fs::path& path) {
  std::error_code unknown;
  const fs::path absolute = fs::absolute(path, unknown);
  const fs::path place = unknown ? fs::path() : fs::weakly_canonical(absolute, unknown);
  return unknown ? fs::path() : place;
}

}  // namespace

void refuse_to_overwrite(const std::vector<fs::path>& kept, std::string_view option,
                         const fs::path& written) {
  const fs::path place = place_of(written);
  const auto is_same = [&](const fs::path& file) {
    std::error_code no_file;
    if (fs::equivalent(file, written, no_file)) return true;
    const fs::path other = place_of(file);
    if (other.empty() || place.empty()) return false;
    return other == place ||
           (other.parent_path() == place.parent_path() && is_journal_of(other, place.filename().string()));
  };
  if (std::none_of(kept.begin(), kept.end(), is_same)) return;
  throw UsageError(
      fmt::format("--{}", option),
      fmt::format("'{}' would be overwritten, but it is read or belongs to what is read", written.string()),
      "choose another name");
}

}  // namespace unroll
