#include "cli/named_run.h"

#include <fmt/format.h>

#include <vector>

#include "base/error.h"
#include "report/text_table.h"

namespace unroll {

std::size_t named_run(const Results& results, const std::string& where, const std::string& text) {
  const std::vector<std::string>& ids = results.manifest.run_ids;
  const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  if (digits && text.size() <= 9 && std::stoul(text) < ids.size()) return std::stoul(text);
  constexpr std::size_t kFewest = 4;
  std::vector<std::size_t> found;
  for (std::size_t run = 0; run < ids.size(); ++run) {
    if (text.size() >= kFewest && ids[run].starts_with(text)) found.push_back(run);
  }
  if (found.size() == 1) return found[0];
  throw UsageError(
      where, fmt::format("'{}' is the index or id of {}", text, found.empty() ? "no run" : "several runs"),
      fmt::format("the file has {}, from 0; ids are in its array run_id", count(ids.size(), "run")));
}

}  // namespace unroll
