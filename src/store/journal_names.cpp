#include "store/journal_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <system_error>

#include "base/error.h"
#include "store/posix_file.h"

namespace unroll {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kShardWord = ".shard-";
constexpr std::string_view kCountWord = "-of-";

}  // namespace

fs::path journal_path(const fs::path& results) {
  return fs::path(results).replace_extension(".journal");
}

fs::path shard_journal_path(const fs::path& results, std::size_t shard, std::size_t shards) {
  return fs::path(results).replace_extension(
      fmt::format("{}{}{}{}.journal", kShardWord, shard, kCountWord, shards));
}

bool is_journal_of(const fs::path& results, const std::string& name) {
  const std::string stem = results.stem().string();
  return name == stem + ".journal" ||
         (name.starts_with(stem + std::string(kShardWord)) && name.ends_with(".journal"));
}

std::vector<fs::path> journals_of(const fs::path& results) {
  std::vector<fs::path> found;
  const fs::path folder = results.has_parent_path() ? results.parent_path() : fs::path(".");
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    const bool whole = name == journal_path(results).filename();
    if (!whole && is_journal_of(results, name)) found.push_back(results.parent_path() / name);
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    throw FileError(folder.string(), "cannot look into this folder: " + error.message());
  }
  std::sort(found.begin(), found.end());
  if (file_exists(journal_path(results))) found.insert(found.begin(), journal_path(results));
  return found;
}

std::string salvage_hint(const fs::path& journal) {
  const std::string name = journal.stem().string();
  std::string command = "'unroll run' of the whole sweep with --salvage";
  const std::size_t word = name.rfind(kShardWord);
  const std::size_t count = name.rfind(kCountWord);
  if (word != std::string::npos && count != std::string::npos && count > word) {
    const std::size_t shard = word + kShardWord.size();
    command = fmt::format("'unroll run' of this shard with --shard {}/{} --salvage",
                          name.substr(shard, count - shard), name.substr(count + kCountWord.size()));
  }
  return command + " keeps every sound record and trains the lost runs again";
}

}  // namespace unroll
