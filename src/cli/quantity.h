// Numbers with units for people, and the width of text on a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace unroll {

// "0.4 s", "12 s", "3 min 20 s", "2 h 5 min", "4 d 3 h".
std::string duration_text(double seconds);
// "512 B", "1.3 MB": powers of 1000.
std::string bytes_text(double bytes);
// "950", "13.4 k", "2.1 G".
std::string quantity_text(double value);
// Columns that the text takes on a terminal: one for each code point of UTF-8.
std::size_t display_width(std::string_view text);
// The first `width` columns of the text.
std::string_view cut(std::string_view text, std::size_t width);

}  // namespace unroll
