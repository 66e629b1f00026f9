// What a command writes must not take the place of what it reads.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

namespace unroll {

// Throws UsageError if `written`, the value of the option, is one of the files `kept`, by whatever name, or a
// journal of one.
void refuse_to_overwrite(const std::vector<std::filesystem::path>& kept, std::string_view option,
                         const std::filesystem::path& written);

}  // namespace unroll
