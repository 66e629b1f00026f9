#include "data/utf8.h"

#include <fmt/format.h>

#include <cstddef>

#include "data/text_file.h"

namespace unroll {
namespace {

// Length of the sequence that a lead byte opens; 0 if it opens none.
std::size_t sequence_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

// The character at the start of `rest`; false if there is none. Overlong forms, surrogates and what is above
// U+10FFFF are none (RFC 3629).
bool decode_one(std::string_view rest, char32_t& character, std::size_t& length) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(rest[i]); };
  length = sequence_length(byte(0));
  if (length == 0 || length > rest.size()) return false;
  character = length == 1 ? byte(0) : byte(0) & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return false;
    character = character << 6U | (byte(i) & 0x3FU);
  }
  const bool overlong = (length == 3 && character < 0x800) || (length == 4 && character < 0x10000);
  const bool surrogate = character >= 0xD800 && character <= 0xDFFF;
  return !overlong && !surrogate && character <= 0x10FFFF;
}

// Calls visit(character) for each one.
template <typename Visit>
void visit_utf8(std::string_view text, const std::string& where, const Visit& visit) {
  std::size_t at = text_begin(text);
  while (at < text.size()) {
    char32_t character = 0;
    std::size_t length = 0;
    if (!decode_one(text.substr(at), character, length)) {
      fail_in_text(text, where, at,
                   fmt::format("the byte 0x{:02x} is not UTF-8 here", static_cast<unsigned char>(text[at])),
                   "save the file as UTF-8");
    }
    visit(character);
    at += length;
  }
}

}  // namespace

std::vector<char32_t> decode_utf8(std::string_view text, const std::string& where) {
  std::vector<char32_t> out;
  out.reserve(text.size());
  visit_utf8(text, where, [&](char32_t c) { out.push_back(c); });
  return out;
}

void check_utf8(std::string_view text, const std::string& where) {
  visit_utf8(text, where, [](char32_t) {});
}

void append_utf8(std::string& out, char32_t character) {
  const auto put = [&](char32_t bits) { out += static_cast<char>(bits); };
  if (character < 0x80) return put(character);
  if (character < 0x800) {
    put(0xC0 | character >> 6U);
  } else {
    if (character < 0x10000) {
      put(0xE0 | character >> 12U);
    } else {
      put(0xF0 | character >> 18U);
      put(0x80 | (character >> 12U & 0x3FU));
    }
    put(0x80 | (character >> 6U & 0x3FU));
  }
  put(0x80 | (character & 0x3FU));
}

}  // namespace unroll
