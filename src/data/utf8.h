// Text as code points.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace unroll {

// What stands for a character that a net never saw.
inline constexpr char32_t kUnknownCharacter = 0xFFFD;

// Without a byte order mark. Throws FileError with file:line:column at the first byte that is not UTF-8.
std::vector<char32_t> decode_utf8(std::string_view text, const std::string& where);

// Throws the same.
void check_utf8(std::string_view text, const std::string& where);

void append_utf8(std::string& out, char32_t character);

}  // namespace unroll
