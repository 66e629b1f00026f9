// The outer format of a journal: a header, then frames. Knows nothing of what the frames mean.
//
//   header   magic "\x89UNROLLJ", u32 version, u32 CRC-32C of the 12 bytes before
//   frame    u32 marker, u32 type, u64 committed, u32 length, u32 CRC-32C of the rest of the frame, payload
//
// `committed` is the length of the file that was known to be on disk when the frame was written. It tells the
// two kinds of bad frames apart. Without a good frame behind it that counts it as committed, a bad frame was
// never acknowledged: the torn tail of a crash, to be cut. With one, it was on disk once: corruption.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "store/posix_file.h"

namespace unroll {

// Never renumber.
enum class FrameType : std::uint32_t {
  kManifest = 1,
  kRun = 2,
  kClose = 3,  // its `committed` vouches for the last records; nothing else is in it
  kSeal = 4,
};

struct Frame {
  FrameType type = FrameType::kManifest;
  std::uint64_t offset = 0;  // of the payload in the file
  std::string_view payload;  // valid until the next frame is read
};

constexpr std::uint64_t kJournalHeaderBytes = 16;
std::string journal_header();
void append_frame(std::string& out, FrameType type, std::uint64_t committed, std::string_view payload);

// What a file holds by its first bytes.
enum class HeaderState { kGood, kUnfinished, kForeign, kNewer };
HeaderState check_header(const PosixFile& file);

struct ScanResult {
  std::uint64_t good_end = 0;       // where the next frame goes
  std::uint64_t torn_bytes = 0;     // unfinished tail behind it
  std::uint64_t skipped_bytes = 0;  // damage that was passed over
};

// Calls `visit` for every good frame from `start` on in order, reading the file once. `visit` returns false
// for a payload that it cannot decode: damage, too. Requires: a good header, and a frame or the end of the
// file at `start`. Throws FileError with the offset on corruption, unless `salvage`, which passes over it.
ScanResult scan_frames(const PosixFile& file, bool salvage, const std::function<bool(const Frame&)>& visit,
                       std::uint64_t start = kJournalHeaderBytes);

}  // namespace unroll
