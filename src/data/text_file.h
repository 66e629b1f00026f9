// Reading a file as a whole, and saying where in its text something is wrong.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace unroll {

// Largest file that is read.
inline constexpr std::size_t kMaxFileBytes = std::size_t{1} << 30;

// The bytes of a file. Throws FileError if it cannot be read or is too large.
std::string read_file(const std::string& path);

// The same of a file that a plan was made with. Throws FileError if its hash is another one.
std::string read_unchanged_file(const std::string& path, const std::string& hash);
[[noreturn]] void fail_changed(const std::string& path);

// An absolute path of the file that the system opens by this one, its folder without dots: as it is written
// if no link stands in the way, since `link/..` is the folder above the one that the link leads to.
std::string normal_path(const std::string& path);

// Throws FileError with the line and the column of `offset`, both counted from 1, columns in characters.
// where: what messages call the text.
[[noreturn]] void fail_in_text(std::string_view text, const std::string& where, std::size_t offset,
                               const std::string& what, const std::string& hint = {});

// The start of a piece of text, fit to be shown.
std::string shown(std::string_view raw);

// Refuses a text that is UTF-16 or holds a zero byte.
void check_is_text(std::string_view text, const std::string& where);

// Offset of the first character: behind a byte order mark.
std::size_t text_begin(std::string_view text);

}  // namespace unroll
