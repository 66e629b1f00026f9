// CRC-32C (Castagnoli), the checksum of journal records: finds every error of up to 32 neighbouring bits.
// Source: RFC 3720, appendix B.4. Eight bytes for each step of the table.
#pragma once

#include <cstdint>
#include <string_view>

namespace unroll {

// `previous` continues the checksum of the bytes before: crc32c(b, crc32c(a)) == crc32c(a + b).
std::uint32_t crc32c(std::string_view bytes, std::uint32_t previous = 0);

}  // namespace unroll
