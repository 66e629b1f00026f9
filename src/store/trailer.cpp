#include "store/trailer.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "base/hash.h"

namespace unroll {
namespace {

constexpr std::string_view kMagic = "\x89UNROLLT";
constexpr std::size_t kTrailerBytes = 16;
constexpr std::size_t kPieceBytes = std::size_t{1} << 22;

// The trailer of the first `size` bytes: magic and hash of the hashes of 4 MiB pieces.
std::string trailer_of(const PosixFile& file, std::uint64_t size) {
  ByteWriter hashes;
  std::string piece;
  for (std::uint64_t at = 0; at < size; at += piece.size()) {
    piece.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, size - at)));
    if (file.read(at, piece.data(), piece.size()) != piece.size()) {
      throw FileError(file.path().string(), "became shorter while it was read");
    }
    hashes.u64(hash64(piece));
  }
  ByteWriter trailer;
  for (char c : kMagic) trailer.u8(static_cast<std::uint8_t>(c));
  trailer.u64(hash64(hashes.bytes()));
  return trailer.take();
}

}  // namespace

void append_trailer(PosixFile& file) {
  const std::uint64_t size = file.size();
  file.write(size, trailer_of(file, size));
}

bool check_trailer(const PosixFile& file) {
  const std::uint64_t size = file.size();
  if (size < kTrailerBytes) return false;
  std::string last(kTrailerBytes, '\0');
  last.resize(file.read(size - kTrailerBytes, last.data(), last.size()));
  if (!last.starts_with(kMagic)) return false;
  if (last != trailer_of(file, size - kTrailerBytes)) {
    throw FileError(file.path().string(),
                    "is damaged: it does not have the checksum that it was written with", kDamagedHint);
  }
  return true;
}

void require_trailer(const PosixFile& file) {
  if (check_trailer(file)) return;
  throw FileError(file.path().string(), "has no checksum: another program changed it, or it is damaged",
                  "'unroll run' or 'unroll merge' makes it anew from the journal beside it");
}

}  // namespace unroll
