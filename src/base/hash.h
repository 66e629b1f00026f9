// Hashes for identities and checksums of content. Not for security.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace unroll {

// 128-bit XXH3 of the bytes as 32 lower-case hex digits. Source: the xxHash specification.
std::string hash_hex(std::string_view bytes);

// 64-bit XXH3 of the bytes.
std::uint64_t hash64(std::string_view bytes);

}  // namespace unroll
