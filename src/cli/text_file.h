// Small text files that commands read and write.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace unroll {

// All three throw FileError.
std::string read_text(const std::filesystem::path& path);
// Under another name first, so that a reader finds the old file or the whole new one. What cannot be
// replaced, such as /dev/stdout, is written to.
void write_text(const std::filesystem::path& path, std::string_view text);
void append_text(const std::filesystem::path& path, std::string_view text);

}  // namespace unroll
