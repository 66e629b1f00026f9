// The names of a sweep's journals.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace unroll {

// NAME.h5 -> NAME.journal, and NAME.shard-1-of-4.journal.
std::filesystem::path journal_path(const std::filesystem::path& results);
std::filesystem::path shard_journal_path(const std::filesystem::path& results, std::size_t shard,
                                         std::size_t shards);
// Whether a file of this name beside the results would be one of their journals.
bool is_journal_of(const std::filesystem::path& results, const std::string& name);
// The journals that are there, in the order of their names, that of the whole sweep first.
std::vector<std::filesystem::path> journals_of(const std::filesystem::path& results);

// What helps against damage to this journal, for a message: each shard salvages its own.
std::string salvage_hint(const std::filesystem::path& journal);

}  // namespace unroll
